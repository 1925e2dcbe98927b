//! Whole states of a sandbox: reset, checkpoints, export.

use serde_json::{Value, json};

use crate::control::{Call, ControlError, Reply};
use crate::sandbox::CheckpointName;

/// Goes back to the seed, or to what `?to=` names: `empty` or a checkpoint.
///
/// # Errors
/// [`ControlError`] when there is no such checkpoint, or when the store fails.
pub(crate) fn reset(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let to = call.query.value("to").unwrap_or("seed");
    sandbox.reset_to(&CheckpointName::parse(to)?)?;
    call.changed(&sandbox);
    Ok(json!({"reset": to}).into())
}

/// Lists the checkpoints by name.
///
/// # Errors
/// [`ControlError`] when the store fails.
pub(crate) fn list_checkpoints(call: &Call<'_>) -> Result<Reply, ControlError> {
    let checkpoints = call.sandbox()?.checkpoints()?;
    let checkpoints: Vec<Value> = checkpoints
        .into_iter()
        .map(|checkpoint| {
            let taken_at = checkpoint.taken_at.map(|at| at.to_string());
            json!({"name": checkpoint.name, "takenAt": taken_at})
        })
        .collect();
    Ok(json!({"checkpoints": checkpoints}).into())
}

/// Keeps the present images under a name.
///
/// # Errors
/// [`ControlError`] for a reserved name, past 100 checkpoints, or when the store fails.
pub(crate) fn take_checkpoint(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.take_checkpoint(&CheckpointName::parse(&call.path)?)?;
    call.changed(&sandbox);
    Ok(Reply::created(&json!({"name": call.path})))
}

/// Gives the images kept under a name, as a fixture; `seed` and `empty` are names too.
///
/// # Errors
/// [`ControlError`] when there is no such checkpoint, or when the store fails.
pub(crate) fn read_checkpoint(call: &Call<'_>) -> Result<Reply, ControlError> {
    let body = call
        .sandbox()?
        .export_checkpoint(&CheckpointName::parse(&call.path)?)?;
    Ok(Reply::json(body))
}

/// Forgets a checkpoint.
///
/// # Errors
/// [`ControlError`] for a reserved name, when there is no such checkpoint, or when the store fails.
pub(crate) fn delete_checkpoint(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.delete_checkpoint(&CheckpointName::parse(&call.path)?)?;
    call.changed(&sandbox);
    Ok(json!({"deleted": 1}).into())
}

/// Writes every image as a fixture, by id, one field a line.
///
/// # Errors
/// [`ControlError`] when the store fails.
pub(crate) fn export(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(Reply::json(call.sandbox()?.export()?))
}
