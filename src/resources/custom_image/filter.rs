//! The nine filters of `ListCustomImages` and the reference model of what they match.

use std::collections::BTreeSet;

use crate::resources::{Image, RegionId};

/// A tag that an image must have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagFilter {
    /// The key, byte for byte.
    pub key: String,
    /// The value, byte for byte; `None` matches any value of the key.
    pub value: Option<String>,
}

impl TagFilter {
    /// Tells whether one of the image's tags is the one asked for.
    pub fn matches(&self, image: &Image) -> bool {
        image.tags.iter().any(|tag| {
            tag.key == self.key && self.value.as_ref().is_none_or(|value| tag.value == *value)
        })
    }
}

/// Which images the parameter `Share` keeps, by their `InShareUser`.
///
/// Source: our reading; the reference does not say which of the two flags is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// `Share=true`: only images that are shared across accounts.
    Shared,
    /// `Share=false`: only images that are not.
    NotShared,
}

/// What a request asks for; everything that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageFilter {
    /// `RegionId`, the one filter that every request has.
    pub region_id: RegionId,
    /// `ImageIds`: one of these; `None` is no filter.
    pub image_ids: Option<BTreeSet<String>>,
    /// `ImageNames`: one of these; `None` is no filter.
    pub image_names: Option<BTreeSet<String>>,
    /// `SystemSnapshotId`.
    pub system_snapshot_id: Option<String>,
    /// `DataSnapshotId`.
    pub data_snapshot_id: Option<String>,
    /// `InstanceId`.
    pub instance_id: Option<String>,
    /// `ResourceGroupId`.
    pub resource_group_id: Option<String>,
    /// `Tag`: all of these.
    pub tags: Vec<TagFilter>,
    /// `Share`.
    pub share: Option<Sharing>,
}

/// One of the nine filters, in the order in which a user sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterField {
    /// `RegionId`.
    RegionId,
    /// `ImageIds`.
    ImageIds,
    /// `ImageNames`.
    ImageNames,
    /// `SystemSnapshotId`.
    SystemSnapshotId,
    /// `DataSnapshotId`.
    DataSnapshotId,
    /// `InstanceId`.
    InstanceId,
    /// `ResourceGroupId`.
    ResourceGroupId,
    /// `Tag`.
    Tag,
    /// `Share`.
    Share,
}

impl FilterField {
    /// Every filter.
    pub const ALL: [Self; 9] = [
        Self::RegionId,
        Self::ImageIds,
        Self::ImageNames,
        Self::SystemSnapshotId,
        Self::DataSnapshotId,
        Self::InstanceId,
        Self::ResourceGroupId,
        Self::Tag,
        Self::Share,
    ];
}

impl ImageFilter {
    /// A filter that keeps every image of a region.
    pub fn region(region_id: RegionId) -> Self {
        Self {
            region_id,
            image_ids: None,
            image_names: None,
            system_snapshot_id: None,
            data_snapshot_id: None,
            instance_id: None,
            resource_group_id: None,
            tags: Vec::new(),
            share: None,
        }
    }

    /// Tells whether the image passes all nine filters.
    ///
    /// This is the reference model: the store's SQL must agree with it on every input.
    pub fn matches(&self, image: &Image) -> bool {
        FilterField::ALL
            .into_iter()
            .all(|field| self.field_matches(field, image))
    }

    /// Tells whether the image passes one of the filters; a filter that is not set passes all.
    pub fn field_matches(&self, field: FilterField, image: &Image) -> bool {
        let equal =
            |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        match field {
            FilterField::RegionId => image.region_id == self.region_id,
            FilterField::ImageIds => is_one_of(self.image_ids.as_ref(), &image.image_id),
            FilterField::ImageNames => is_one_of(self.image_names.as_ref(), &image.name),
            FilterField::SystemSnapshotId => {
                equal(&self.system_snapshot_id, &image.system_snapshot_id)
            }
            FilterField::DataSnapshotId => equal(&self.data_snapshot_id, &image.data_snapshot_id),
            FilterField::InstanceId => equal(&self.instance_id, &image.instance_id),
            FilterField::ResourceGroupId => {
                equal(&self.resource_group_id, &image.resource_group_id)
            }
            FilterField::Tag => self.tags.iter().all(|tag| tag.matches(image)),
            FilterField::Share => match self.share {
                None => true,
                Some(Sharing::Shared) => image.in_share_user,
                Some(Sharing::NotShared) => !image.in_share_user,
            },
        }
    }
}

fn is_one_of(wanted: Option<&BTreeSet<String>>, found: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(found))
}
