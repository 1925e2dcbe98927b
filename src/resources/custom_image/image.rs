//! The custom image itself: every field once, with its rule.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::Timestamp;
use crate::resources::custom_image::tag;
use crate::resources::json::{self, or_default};
use crate::resources::{OsType, RegionId, Regions, Status, Tag};

/// A custom image: every field that `ListCustomImages` answers, under the vendor's names.
///
/// `None` is a field that the answer leaves out. The fields are written in this order. When an
/// image is read, `null` counts as absent, and `Image::complete` does the rest.
///
/// Source: `ListCustomImages` reference, response fields of `CustomImages`, in the order of the
/// documented example; the fields that are newer than the example stand in the order of the
/// official Go SDK's model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Image {
    /// `CreationTime`.
    #[serde(default = "absent_time", deserialize_with = "creation_time")]
    pub creation_time: Timestamp,
    /// `DataSnapshotName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_snapshot_name: Option<String>,
    /// `SystemSnapshotId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_snapshot_id: Option<String>,
    /// `InShare`: whether the image is shared to ECS.
    #[serde(default, deserialize_with = "or_default")]
    pub in_share: bool,
    /// `InShareUser`: whether the image is shared across accounts.
    #[serde(default, deserialize_with = "or_default")]
    pub in_share_user: bool,
    /// `InstanceId`: the server that the image was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// `DataSnapshotId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_snapshot_id: Option<String>,
    /// `RegionId`.
    pub region_id: RegionId,
    /// `SystemSnapshotName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_snapshot_name: Option<String>,
    /// `Description`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `Name`; several images may have the same.
    pub name: String,
    /// `ImageId`, unique in an account and not empty.
    #[serde(deserialize_with = "image_id")]
    pub image_id: String,
    /// `Status`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: Status,
    /// `Tags`, in the order given.
    #[serde(default, deserialize_with = "tag::distinct")]
    pub tags: Vec<Tag>,
    /// `InstanceName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// `ResourceGroupId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_group_id: Option<String>,
    /// `CreateInstances`: the servers that were made from the image.
    #[serde(default, deserialize_with = "or_default")]
    pub create_instances: Vec<String>,
    /// `UserId`: the account that owns the image.
    #[serde(default, deserialize_with = "user_id")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// `OsType`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_type: Option<OsType>,
    /// `RequiredSystemDiskSize`, in GiB.
    #[serde(rename = "RequiredSystemDiskSize")]
    #[serde(default, deserialize_with = "size_gib")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_system_disk_size_gib: Option<i32>,
    /// `RequiredDataDiskSize`, in GiB.
    #[serde(rename = "RequiredDataDiskSize")]
    #[serde(default, deserialize_with = "size_gib")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_data_disk_size_gib: Option<i32>,
    /// `SourceImageName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_image_name: Option<String>,
    /// `SourceImageVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_image_version: Option<String>,
}

impl Image {
    /// Finishes an image that was read: checks its region, and fills in a `CreationTime` if it has
    /// none. Every image that comes from JSON goes through here.
    pub(crate) fn complete(
        mut self,
        regions: &Regions,
        created_at: Timestamp,
    ) -> Result<Self, String> {
        self.region_id = regions.parse(self.region_id.as_str())?;
        if self.creation_time == absent_time() {
            self.creation_time = created_at;
        }
        Ok(self)
    }
}

/// Writes an image's JSON object: the vendor's names, types and order, absent fields left out.
pub(crate) fn document(image: &Image) -> String {
    // Strings, numbers and lists always have a JSON form, so the empty text is never seen.
    serde_json::to_string(image).unwrap_or_default()
}

/// Stands for an absent `CreationTime` until [`Image::complete`]; no text is read as it.
fn absent_time() -> Timestamp {
    Timestamp::MIN
}

fn creation_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(absent_time))
}

fn image_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let image_id = String::deserialize(deserializer)?;
    if image_id.is_empty() {
        let expected = "a string that is not empty";
        return Err(D::Error::invalid_value(Unexpected::Str(""), &expected));
    }
    Ok(image_id)
}

fn user_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    json::integer_or_null(deserializer, &(0..=i64::MAX))
}

fn size_gib<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    json::integer_or_null(deserializer, &(0..=i64::from(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::generate_images;

    fn now() -> Timestamp {
        Timestamp::parse("2026-01-01T00:00:00Z").unwrap()
    }

    fn read(json: &str) -> Image {
        let image: Image = serde_json::from_str(json).unwrap();
        image.complete(&Regions::default(), now()).unwrap()
    }

    #[test]
    fn an_image_is_written_as_it_is_read() {
        let all_fields = concat!(
            r#"{"CreationTime":"2025-12-31T23:59:59Z","DataSnapshotName":"","SystemSnapshotId":"s-1","#,
            r#""InShare":true,"InShareUser":false,"InstanceId":"i","DataSnapshotId":"s-2","#,
            r#""RegionId":"cn-hangzhou","SystemSnapshotName":"n","Description":"\"网\"","Name":"web","#,
            r#""ImageId":"m-1","Status":"4","Tags":[{"Key":"a","Value":""}],"InstanceName":"x","#,
            r#""ResourceGroupId":"rg","CreateInstances":["i-2"],"UserId":0,"OsType":"Windows","#,
            r#""RequiredSystemDiskSize":0,"RequiredDataDiskSize":2147483647,"SourceImageName":"c","#,
            r#""SourceImageVersion":"1"}"#,
        );
        assert_eq!(document(&read(all_fields)), all_fields);
        for image in generate_images(200, 1, &[]) {
            assert_eq!(read(&document(&image)), image);
        }
    }

    #[test]
    fn what_is_absent_or_null_has_its_default() {
        let least = r#"{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "a""#;
        let optional = [
            "CreationTime",
            "DataSnapshotName",
            "InShare",
            "InShareUser",
            "Status",
            "Tags",
            "CreateInstances",
            "UserId",
            "OsType",
            "RequiredDataDiskSize",
        ];
        let nulls: String = optional.map(|name| format!(", \"{name}\": null")).concat();
        let expected = concat!(
            r#"{"CreationTime":"2026-01-01T00:00:00Z","InShare":false,"InShareUser":false,"#,
            r#""RegionId":"cn-hangzhou","Name":"a","ImageId":"m-1","Status":"1","Tags":[],"#,
            r#""CreateInstances":[]}"#,
        );
        assert_eq!(document(&read(&format!("{least}}}"))), expected);
        assert_eq!(document(&read(&format!("{least}{nulls}}}"))), expected);
    }
}
