//! Plausible images by the thousand.

use serde::Deserialize;
use serde_json::json;

use crate::base::limits::GENERATED_IMAGES_MAX;
use crate::control::{Call, ControlError, Reply};
use crate::fixture::{FixtureImage, Timeline};
use crate::resources::{RegionId, generate_images};
use crate::sandbox::Sandbox;

const HINT: &str = "send {\"count\": 1000, \"rngSeed\": 42, \"regions\": [\"cn-hangzhou\"]}; only `count` is needed";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wish {
    count: u64,
    rng_seed: Option<u64>,
    #[serde(default)]
    regions: Vec<String>,
}

/// Generated images, and the seed that gives the same ones again.
#[derive(Debug)]
pub(crate) struct Generated {
    pub images: Vec<FixtureImage>,
    pub rng_seed: u64,
}

/// Generates images for a sandbox; without a seed, the sandbox's random numbers give one.
///
/// An error is the text of the rule that is broken.
pub(crate) fn generated_images(
    sandbox: &Sandbox,
    count: u64,
    rng_seed: Option<u64>,
    regions: &[String],
) -> Result<Generated, String> {
    if !(1..=GENERATED_IMAGES_MAX).contains(&count) {
        return Err(format!(
            "`count` must be in 1..={GENERATED_IMAGES_MAX}, got {count}"
        ));
    }
    let regions: Vec<RegionId> = regions
        .iter()
        .map(|id| sandbox.regions().parse(id))
        .collect::<Result<_, _>>()?;
    // 53 bits: a larger number comes out of a JavaScript client as another one.
    let rng_seed = rng_seed.unwrap_or_else(|| sandbox.random().number() >> 11);
    let images = generate_images(count, rng_seed, &regions)
        .map(|image| FixtureImage {
            image,
            timeline: Timeline::default(),
        })
        .collect();
    Ok(Generated { images, rng_seed })
}

/// Adds generated images to a sandbox; the same ones for the same seed.
pub(crate) fn generate(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let wish: Wish = call.json(HINT)?;
    let Generated { images, rng_seed } =
        generated_images(&sandbox, wish.count, wish.rng_seed, &wish.regions)
            .map_err(|rule| ControlError::bad_request(rule, HINT))?;
    let put = sandbox.put_images(&images)?;
    call.changed(&sandbox);
    Ok(json!({"added": put.n_added, "replaced": put.n_replaced, "rngSeed": rng_seed}).into())
}
