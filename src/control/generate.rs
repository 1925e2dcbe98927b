//! Plausible images by the thousand.

use serde::Deserialize;
use serde_json::json;

use crate::base::limits::GENERATED_IMAGES_MAX;
use crate::control::{Call, ControlError, Reply};
use crate::fixture::{FixtureImage, Timeline};
use crate::resources::{RegionId, generate_images};
use crate::sandbox::{Sandbox, SandboxError};
use crate::store::Put;

const HINT: &str = "send {\"count\": 1000, \"rngSeed\": 42, \"regions\": [\"cn-hangzhou\"]}; only `count` is needed";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Form {
    count: u64,
    rng_seed: Option<u64>,
    #[serde(default)]
    regions: Vec<String>,
}

/// Adds generated images to a sandbox; without a seed, the sandbox's random numbers give one.
///
/// Returns what was put, and the seed.
pub(crate) fn put_generated(
    sandbox: &Sandbox,
    count: u64,
    rng_seed: Option<u64>,
    regions: &[String],
) -> Result<(Put, u64), GenerateError> {
    if !(1..=GENERATED_IMAGES_MAX).contains(&count) {
        let rule = format!("`count` must be in 1..={GENERATED_IMAGES_MAX}");
        return Err(GenerateError::Rule(format!("{rule}, got {count}")));
    }
    let regions = regions.iter().map(|id| sandbox.regions().parse(id));
    let regions: Vec<RegionId> = regions
        .collect::<Result<_, _>>()
        .map_err(GenerateError::Rule)?;
    // 53 bits: JavaScript clients round larger numbers.
    let rng_seed = rng_seed.unwrap_or_else(|| sandbox.random().number() >> 11);
    let images = generate_images(count, rng_seed, &regions).map(|image| FixtureImage {
        image,
        timeline: Timeline::default(),
    });
    let n_images_max = usize::try_from(count).unwrap_or(usize::MAX);
    Ok((sandbox.put_images(images, n_images_max)?, rng_seed))
}

/// Why no images were generated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    /// A rule is broken; the text says which.
    #[error("{0}")]
    Rule(String),
    /// They cannot be put.
    #[error(transparent)]
    Put(#[from] SandboxError),
}

impl From<GenerateError> for ControlError {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Rule(rule) => Self::bad_request(rule, HINT),
            GenerateError::Put(error) => error.into(),
        }
    }
}

/// Adds generated images to a sandbox; the same ones for the same seed.
pub(crate) fn generate(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let Form {
        count,
        rng_seed,
        regions,
    } = call.json(HINT)?;
    let (put, rng_seed) = put_generated(&sandbox, count, rng_seed, &regions)?;
    call.changed(&sandbox);
    Ok(json!({"added": put.n_added, "replaced": put.n_replaced, "rngSeed": rng_seed}).into())
}
