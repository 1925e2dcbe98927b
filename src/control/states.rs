//! Whole states of a sandbox: reset, checkpoints, export.

use serde_json::{Value, json};

use crate::control::{Call, ControlError, Reply};
use crate::sandbox::CheckpointName;

/// Resets the sandbox to the seed, or to what `?to=` names: `empty` or a checkpoint.
pub(crate) fn reset(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let to = call.query.value("to").unwrap_or("seed");
    sandbox.reset_to(&CheckpointName::parse(to)?)?;
    call.changed(&sandbox);
    Ok(json!({"reset": to}).into())
}

/// Lists the checkpoints by name.
pub(crate) fn list_checkpoints(call: &Call<'_>) -> Result<Reply, ControlError> {
    let checkpoints = call.sandbox()?.checkpoints()?.into_iter();
    let checkpoints: Vec<Value> = checkpoints
        .map(|checkpoint| json!({"name": checkpoint.name, "takenAt": checkpoint.taken_at}))
        .collect();
    Ok(json!({"checkpoints": checkpoints}).into())
}

/// Keeps the present images under a name.
pub(crate) fn take_checkpoint(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.take_checkpoint(&CheckpointName::parse(&call.path)?)?;
    call.changed(&sandbox);
    Ok(Reply::created(&json!({"name": call.path})))
}

/// Returns the images kept under a name, as a fixture; `seed` and `empty` are names too.
pub(crate) fn read_checkpoint(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let name = CheckpointName::parse(&call.path)?;
    Ok(sandbox.export_checkpoint(&name)?.into())
}

/// Deletes a checkpoint.
pub(crate) fn delete_checkpoint(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.delete_checkpoint(&CheckpointName::parse(&call.path)?)?;
    call.changed(&sandbox);
    Ok(json!({"deleted": 1}).into())
}

/// Writes every image as a fixture, by id, one field a line.
pub(crate) fn export(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(call.sandbox()?.export()?.into())
}
