//! The images of a sandbox: read, put, change, delete.

use serde_json::{Map, Value, json};

use crate::control::{Call, ControlError, Reply};
use crate::fixture::{self, Resource};

/// Lists images by id, a page at a time.
pub(crate) fn list_images(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let (page_number, page_size) = call.page()?;
    let images = sandbox.images((page_number - 1) * page_size, page_size)?;
    let total_count: u64 = sandbox.counts()?.values().sum();
    Ok(json!({
        "images": images,
        "totalCount": total_count,
        "pageNumber": page_number,
        "pageSize": page_size,
    })
    .into())
}

/// Adds images or replaces those with the same id; all or nothing.
pub(crate) fn put_images(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let put = sandbox.put(&call.fixture()?)?;
    call.changed(&sandbox);
    Ok(json!({"added": put.n_added, "replaced": put.n_replaced}).into())
}

/// Deletes every image.
pub(crate) fn delete_images(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let n_deleted = sandbox.clear()?;
    call.changed(&sandbox);
    Ok(json!({"deleted": n_deleted}).into())
}

/// Returns one image.
pub(crate) fn read_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(Value::Object(call.sandbox()?.image(&call.path)?).into())
}

/// Adds one image or replaces the one with the same id.
pub(crate) fn put_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let image = fixture::parse_image(&call.fixture()?, sandbox.regions(), sandbox.clock().now())
        .map_err(crate::sandbox::SandboxError::from)?;
    let path = &call.path;
    let image_id = &image.image.image_id;
    if path != image_id {
        let message = format!("the path names image `{path}`, the body `{image_id}`");
        let hint = "send the same `ImageId` in both";
        return Err(ControlError::bad_request(message, hint));
    }
    let put = sandbox.put_all(&[Resource::Image(image)])?;
    call.changed(&sandbox);
    let now = Value::Object(sandbox.image(path)?);
    if put.n_added > 0 {
        return Ok(Reply::created(&now));
    }
    Ok(now.into())
}

/// Changes one image by a merge patch, RFC 7396.
pub(crate) fn patch_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let patch: Map<String, Value> = call.json("send a merge patch such as {\"Status\": \"1\"}")?;
    let image = sandbox.patch(&call.path, &patch)?;
    call.changed(&sandbox);
    Ok(Value::Object(image).into())
}

/// Deletes one image.
pub(crate) fn delete_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.delete(&call.path)?;
    call.changed(&sandbox);
    Ok(json!({"deleted": 1}).into())
}
