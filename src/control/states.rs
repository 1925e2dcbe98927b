//! Whole states of a sandbox: reset, snapshots, export.

use serde_json::{Value, json};

use crate::control::{Call, ControlError, Reply};
use crate::sandbox::SnapshotName;

/// Goes back to the seed, or to what `?to=` names: `empty` or a snapshot.
///
/// # Errors
/// [`ControlError`] when there is no such snapshot, or when the store fails.
pub fn reset(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let to = call.query.value("to").unwrap_or("seed");
    sandbox.reset_to(&SnapshotName::parse(to)?)?;
    call.changed(&sandbox);
    Ok(json!({"reset": to}).into())
}

/// Lists the snapshots by name.
///
/// # Errors
/// [`ControlError`] when the store fails.
pub fn list_snapshots(call: &Call<'_>) -> Result<Reply, ControlError> {
    let snapshots = call.sandbox()?.snapshots()?;
    let snapshots: Vec<Value> = snapshots
        .into_iter()
        .map(|snapshot| {
            let taken_at = snapshot.taken_at.map(|at| at.to_string());
            json!({"name": snapshot.name, "takenAt": taken_at})
        })
        .collect();
    Ok(json!({"snapshots": snapshots}).into())
}

/// Keeps the present images under a name.
///
/// # Errors
/// [`ControlError`] for a reserved name, past 100 snapshots, or when the store fails.
pub fn take_snapshot(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.take_snapshot(&SnapshotName::parse(&call.path)?)?;
    call.changed(&sandbox);
    Ok(Reply::created(&json!({"name": call.path})))
}

/// Gives the images kept under a name, as a fixture; `seed` and `empty` are names too.
///
/// # Errors
/// [`ControlError`] when there is no such snapshot, or when the store fails.
pub fn read_snapshot(call: &Call<'_>) -> Result<Reply, ControlError> {
    let body = call
        .sandbox()?
        .export_snapshot(&SnapshotName::parse(&call.path)?)?;
    Ok(Reply::json(body))
}

/// Forgets a snapshot.
///
/// # Errors
/// [`ControlError`] for a reserved name, when there is no such snapshot, or when the store fails.
pub fn delete_snapshot(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.delete_snapshot(&SnapshotName::parse(&call.path)?)?;
    call.changed(&sandbox);
    Ok(json!({"deleted": 1}).into())
}

/// Writes every image as a fixture, by id, one field a line.
///
/// # Errors
/// [`ControlError`] when the store fails.
pub fn export(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(Reply::json(call.sandbox()?.export()?))
}
