//! Plausible images by the thousand.

use serde::Deserialize;
use serde_json::json;

use crate::base::limits::GENERATED_IMAGES_MAX;
use crate::control::{Call, ControlError, Reply};
use crate::fixture::{FixtureImage, Timeline};
use crate::resources::{RegionId, generate_images};

const HINT: &str = "send {\"count\": 1000, \"rngSeed\": 42, \"regions\": [\"cn-hangzhou\"]}; only `count` is needed";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wish {
    count: u64,
    rng_seed: Option<u64>,
    #[serde(default)]
    regions: Vec<String>,
}

/// Adds generated images to a sandbox; the same ones for the same seed.
///
/// # Errors
/// [`ControlError`] for more than a million images, an unknown region, or when the store fails.
pub(crate) fn generate(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let wish: Wish = call.json(HINT)?;
    let bad = |message: String| ControlError::bad_request(message, HINT);
    if !(1..=GENERATED_IMAGES_MAX).contains(&wish.count) {
        return Err(bad(format!(
            "`count` must be in 1..={GENERATED_IMAGES_MAX}, got {}",
            wish.count
        )));
    }
    let regions: Vec<RegionId> = wish
        .regions
        .iter()
        .map(|id| sandbox.regions().parse(id))
        .collect::<Result<_, _>>()
        .map_err(|error| bad(error.to_string()))?;
    // 53 bits: a larger number comes out of a JavaScript client as another one.
    let rng_seed = wish
        .rng_seed
        .unwrap_or_else(|| sandbox.random().number() >> 11);
    let images: Vec<FixtureImage> = generate_images(wish.count, rng_seed, &regions)
        .map(|image| FixtureImage {
            image,
            timeline: Timeline::default(),
        })
        .collect();
    let put = sandbox.put_images(&images)?;
    call.changed(&sandbox);
    Ok(json!({"added": put.n_added, "replaced": put.n_replaced, "rngSeed": rng_seed}).into())
}
