//! The custom image itself: every field once, with its rule.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::Timestamp;
use crate::base::limits::{TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX};
use crate::resources::json::{self, Object, or_default};
use crate::resources::{RegionId, Regions, Status, UnknownRegion};

/// A tag of an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// 1 to 64 characters; an image has each key once.
    #[serde(deserialize_with = "tag_key")]
    pub key: String,
    /// 0 to 64 characters.
    #[serde(default, deserialize_with = "tag_value")]
    pub value: String,
}

/// The operating system family of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OsType {
    /// `Linux`.
    Linux,
    /// `Windows`.
    Windows,
}

impl OsType {
    /// Every family.
    pub const ALL: [Self; 2] = [Self::Linux, Self::Windows];

    /// The name that the API writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }

    /// Reads the API's name; `None` for any other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|os_type| os_type.name() == name)
    }
}

impl Serialize for OsType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for OsType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, "`Linux` or `Windows`", Self::parse)
    }
}

/// A custom image: every field that `ListCustomImages` answers, under the vendor's names.
///
/// `None` is a field that the answer leaves out. The fields are written in this order. When an
/// image is read, `null` counts as absent, and [`Image::complete`] does the rest.
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
    #[serde(default, deserialize_with = "tags")]
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
    ) -> Result<Self, UnknownRegion> {
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
    json::integer_or_null(deserializer, 0..=i64::MAX)
}

fn size_gib<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    json::integer_or_null(deserializer, 0..=i64::from(i32::MAX))
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Tag>, D::Error> {
    let tags: Vec<Object<Tag>> = or_default(deserializer)?;
    let tags: Vec<Tag> = tags.into_iter().map(|Object(tag)| tag).collect();
    if tags.len() > TAGS_MAX as usize {
        let rule = format!("an image has at most {TAGS_MAX} tags, got {}", tags.len());
        return Err(D::Error::custom(rule));
    }
    let twice = tags.iter().enumerate().find(|(idx, tag)| {
        let earlier = &tags[..*idx];
        earlier.iter().any(|other| other.key == tag.key)
    });
    match twice {
        Some((_, tag)) => {
            let rule = format!("tag key `{}` appears twice", tag.key);
            Err(D::Error::custom(rule))
        }
        None => Ok(tags),
    }
}

fn tag_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let key = String::deserialize(deserializer)?;
    let n_chars = key.chars().count();
    if (1..=TAG_KEY_CHARS_MAX).contains(&n_chars) {
        return Ok(key);
    }
    let rule = format!("a tag key has 1 to {TAG_KEY_CHARS_MAX} characters, got {n_chars}");
    Err(D::Error::custom(rule))
}

fn tag_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = String::deserialize(deserializer)?;
    let n_chars = value.chars().count();
    if n_chars <= TAG_VALUE_CHARS_MAX {
        return Ok(value);
    }
    let rule = format!("a tag value has at most {TAG_VALUE_CHARS_MAX} characters, got {n_chars}");
    Err(D::Error::custom(rule))
}
