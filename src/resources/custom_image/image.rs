//! The custom image itself.

use crate::base::Timestamp;
use crate::resources::{RegionId, Status};

/// A tag of an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag {
    /// 1 to 64 characters; an image has each key once.
    pub key: String,
    /// 0 to 64 characters.
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

/// A custom image: every field that `ListCustomImages` answers, under the vendor's names.
///
/// `None` is a field that the answer leaves out.
///
/// Source: `ListCustomImages` reference, response fields of `CustomImages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `CreationTime`.
    pub creation_time: Timestamp,
    /// `DataSnapshotName`.
    pub data_snapshot_name: Option<String>,
    /// `SystemSnapshotId`.
    pub system_snapshot_id: Option<String>,
    /// `InShare`: whether the image is shared to ECS.
    pub in_share: bool,
    /// `InShareUser`: whether the image is shared across accounts.
    pub in_share_user: bool,
    /// `InstanceId`: the server that the image was made from.
    pub instance_id: Option<String>,
    /// `DataSnapshotId`.
    pub data_snapshot_id: Option<String>,
    /// `RegionId`.
    pub region_id: RegionId,
    /// `SystemSnapshotName`.
    pub system_snapshot_name: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `Name`; several images may have the same.
    pub name: String,
    /// `ImageId`, unique in an account.
    pub image_id: String,
    /// `Status`.
    pub status: Status,
    /// `Tags`, in the order given.
    pub tags: Vec<Tag>,
    /// `InstanceName`.
    pub instance_name: Option<String>,
    /// `ResourceGroupId`.
    pub resource_group_id: Option<String>,
    /// `CreateInstances`: the servers that were made from the image.
    pub create_instances: Vec<String>,
    /// `UserId`: the account that owns the image.
    pub user_id: Option<i64>,
    /// `OsType`.
    pub os_type: Option<OsType>,
    /// `RequiredSystemDiskSize`, in GiB.
    pub required_system_disk_size_gib: Option<i32>,
    /// `RequiredDataDiskSize`, in GiB.
    pub required_data_disk_size_gib: Option<i32>,
    /// `SourceImageName`.
    pub source_image_name: Option<String>,
    /// `SourceImageVersion`.
    pub source_image_version: Option<String>,
}
