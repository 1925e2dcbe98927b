//! What the emulator tells of itself.

use serde_json::json;

use crate::VERSION;
use crate::control::{Call, ControlError, Reply};

/// Tells the version, the image counts and the uptime.
///
/// # Errors
/// [`ControlError`] when the images cannot be counted.
pub(crate) fn health(call: &Call<'_>) -> Result<Reply, ControlError> {
    let by_region = call.sandbox()?.counts()?;
    let total: u64 = by_region.values().sum();
    Ok(json!({
        "version": VERSION,
        "ready": true,
        "uptimeSeconds": call.uptime_s,
        "images": {"total": total, "byRegion": by_region},
    })
    .into())
}

/// Gives the OpenAPI document of the control API.
///
/// # Errors
/// None; the signature is the one of every call.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature is the one of every route"
)]
pub(crate) fn openapi(_call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(Reply::json(include_str!("openapi.json").to_owned()))
}
