//! How the emulator is doing.

use serde_json::json;

use crate::VERSION;
use crate::control::{Call, ControlError, Reply};

/// Returns the version, the image counts and the uptime.
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
