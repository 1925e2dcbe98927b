//! How the emulator is doing.

use serde_json::json;

use crate::VERSION;
use crate::control::{Call, ControlError, Reply};

/// Returns the version, the uptime, the lines that the log has lost, and the image counts.
pub(crate) fn health(call: &Call<'_>) -> Result<Reply, ControlError> {
    let by_region = call.sandbox()?.counts()?;
    let total: u64 = by_region.values().sum();
    Ok(json!({
        "version": VERSION,
        "ready": true,
        "uptimeSeconds": call.uptime_s,
        "logLinesLost": call.n_log_lines_lost,
        "images": {"total": total, "byRegion": by_region},
    })
    .into())
}
