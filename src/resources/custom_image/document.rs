//! One image as the API writes it: the JSON object that a store keeps ready-made.

use serde::Serialize;

use crate::resources::{Image, Tag};

/// Writes an image's JSON object: the vendor's names, types and order, absent fields left out.
///
/// Source: `ListCustomImages` reference, the documented example; the fields that are newer than
/// the example stand in the order of the official Go SDK's model.
pub(crate) fn document(image: &Image) -> String {
    let document = ImageDocument {
        creation_time: image.creation_time.to_string(),
        data_snapshot_name: image.data_snapshot_name.as_deref(),
        system_snapshot_id: image.system_snapshot_id.as_deref(),
        in_share: image.in_share,
        in_share_user: image.in_share_user,
        instance_id: image.instance_id.as_deref(),
        data_snapshot_id: image.data_snapshot_id.as_deref(),
        region_id: image.region_id.as_str(),
        system_snapshot_name: image.system_snapshot_name.as_deref(),
        description: image.description.as_deref(),
        name: &image.name,
        image_id: &image.image_id,
        status: image.status.code(),
        tags: image.tags.iter().map(TagDocument::of).collect(),
        instance_name: image.instance_name.as_deref(),
        resource_group_id: image.resource_group_id.as_deref(),
        create_instances: &image.create_instances,
        user_id: image.user_id,
        os_type: image.os_type.map(crate::resources::OsType::name),
        required_system_disk_size: image.required_system_disk_size_gib,
        required_data_disk_size: image.required_data_disk_size_gib,
        source_image_name: image.source_image_name.as_deref(),
        source_image_version: image.source_image_version.as_deref(),
    };
    // Strings, numbers and lists always have a JSON form, so the empty text is never seen.
    serde_json::to_string(&document).unwrap_or_default()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageDocument<'a> {
    creation_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_snapshot_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_snapshot_id: Option<&'a str>,
    in_share: bool,
    in_share_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_snapshot_id: Option<&'a str>,
    region_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_snapshot_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    name: &'a str,
    image_id: &'a str,
    status: &'static str,
    tags: Vec<TagDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_id: Option<&'a str>,
    create_instances: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_system_disk_size: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_data_disk_size: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_image_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_image_version: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TagDocument<'a> {
    key: &'a str,
    value: &'a str,
}

impl<'a> TagDocument<'a> {
    fn of(tag: &'a Tag) -> Self {
        Self {
            key: &tag.key,
            value: &tag.value,
        }
    }
}
