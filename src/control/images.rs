//! The images of a sandbox: read, put, change, delete.

use serde_json::{Map, Value, json};

use crate::control::{Call, ControlError, Reply};
use crate::fixture;

/// Images on one page of a listing, unless told otherwise.
pub(super) const PAGE_SIZE_DEFAULT: u64 = 100;

/// Most images on one page of a listing.
pub(super) const PAGE_SIZE_MAX: u64 = 1_000;

/// Lists images by id, a page at a time.
///
/// # Errors
/// [`ControlError`] for a bad page, or when the store fails.
pub(crate) fn list_images(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let page_number = call.number("pageNumber", 1, u64::from(u32::MAX))?;
    let page_size = call.number("pageSize", PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)?;
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
///
/// # Errors
/// [`ControlError`] when an image breaks a rule, or when the store fails.
pub(crate) fn put_images(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let put = sandbox.put(&call.fixture()?)?;
    call.changed(&sandbox);
    Ok(json!({"added": put.n_added, "replaced": put.n_replaced}).into())
}

/// Deletes every image.
///
/// # Errors
/// [`ControlError`] when the store fails.
pub(crate) fn delete_images(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let n_deleted = sandbox.clear()?;
    call.changed(&sandbox);
    Ok(json!({"deleted": n_deleted}).into())
}

/// Gives one image.
///
/// # Errors
/// [`ControlError`] when there is none of that id, or when the store fails.
pub(crate) fn read_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(Value::Object(call.sandbox()?.image(&call.path)?).into())
}

/// Adds one image or replaces the one with the same id.
///
/// # Errors
/// [`ControlError`] when the image breaks a rule or has another id than the path, or when the store
/// fails.
pub(crate) fn put_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let image = fixture::parse_image(&call.fixture()?, sandbox.regions(), sandbox.clock().now())
        .map_err(crate::sandbox::SandboxError::from)?;
    let (path, image_id) = (&call.path, &image.image.image_id);
    if path != image_id {
        return Err(ControlError::bad_request(
            format!("the path names image `{path}`, the body `{image_id}`"),
            "send the same `ImageId` in both",
        ));
    }
    let put = sandbox.put_images(std::slice::from_ref(&image))?;
    call.changed(&sandbox);
    let now = Value::Object(sandbox.image(path)?);
    Ok(if put.n_added > 0 {
        Reply::created(&now)
    } else {
        now.into()
    })
}

/// Changes one image by a merge patch, RFC 7396.
///
/// # Errors
/// [`ControlError`] when there is none of that id, when the changed image breaks a rule, or when
/// the store fails.
pub(crate) fn patch_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let patch: Map<String, Value> = call.json("send a merge patch such as {\"Status\": \"1\"}")?;
    let image = sandbox.patch(&call.path, &patch)?;
    call.changed(&sandbox);
    Ok(Value::Object(image).into())
}

/// Deletes one image.
///
/// # Errors
/// [`ControlError`] when there is none of that id, or when the store fails.
pub(crate) fn delete_image(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.delete(&call.path)?;
    call.changed(&sandbox);
    Ok(json!({"deleted": 1}).into())
}
