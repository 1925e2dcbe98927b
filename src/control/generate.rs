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
struct Form {
    count: u64,
    rng_seed: Option<u64>,
    #[serde(default)]
    regions: Vec<String>,
}

/// Generates images for a sandbox; without a seed, the sandbox's random numbers give one.
///
/// Returns the images and their seed. An error is the text of the rule that is broken.
pub(crate) fn generated_images(
    sandbox: &Sandbox,
    count: u64,
    rng_seed: Option<u64>,
    regions: &[String],
) -> Result<(Vec<FixtureImage>, u64), String> {
    if !(1..=GENERATED_IMAGES_MAX).contains(&count) {
        let rule = format!("`count` must be in 1..={GENERATED_IMAGES_MAX}");
        return Err(format!("{rule}, got {count}"));
    }
    let regions = regions.iter().map(|id| sandbox.regions().parse(id));
    let regions: Vec<RegionId> = regions.collect::<Result<_, _>>()?;
    // 53 bits: JavaScript clients round larger numbers.
    let rng_seed = rng_seed.unwrap_or_else(|| sandbox.random().number() >> 11);
    let images = generate_images(count, rng_seed, &regions).map(|image| FixtureImage {
        image,
        timeline: Timeline::default(),
    });
    Ok((images.collect(), rng_seed))
}

/// Adds generated images to a sandbox; the same ones for the same seed.
pub(crate) fn generate(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let Form {
        count,
        rng_seed,
        regions,
    } = call.json(HINT)?;
    let (images, rng_seed) = generated_images(&sandbox, count, rng_seed, &regions)
        .map_err(|rule| ControlError::bad_request(rule, HINT))?;
    let put = sandbox.put_images(&images)?;
    call.changed(&sandbox);
    Ok(json!({"added": put.n_added, "replaced": put.n_replaced, "rngSeed": rng_seed}).into())
}
