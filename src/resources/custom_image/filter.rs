//! The nine filters of `ListCustomImages` and the reference model of what they match.

use std::collections::BTreeSet;
use std::convert::Infallible;

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
    /// Returns whether one of the image's tags is the one asked for.
    pub fn matches(&self, image: &Image) -> bool {
        image.tags.iter().any(|tag| self.is(&tag.key, &tag.value))
    }

    /// Returns whether a tag with this key and value is the one asked for.
    pub(crate) fn is(&self, key: &str, value: &str) -> bool {
        key == self.key && self.value.as_ref().is_none_or(|wanted| value == wanted)
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

/// What filters compare of an image: a model of it, or the row where it is stored.
///
/// A filter reads only what it compares.
pub(crate) trait Filtered {
    /// Why a row cannot be read.
    type Error;

    /// The text that a filter compares, of all filters but `Tag` and `Share`.
    fn text(&self, field: FilterField) -> Result<Option<&str>, Self::Error>;

    /// `InShareUser`.
    fn in_share_user(&self) -> Result<bool, Self::Error>;

    /// Returns whether it has all these tags, by [`TagFilter::is`].
    fn has_tags(&self, wanted: &[TagFilter]) -> Result<bool, Self::Error>;
}

impl Filtered for Image {
    type Error = Infallible;

    fn text(&self, field: FilterField) -> Result<Option<&str>, Infallible> {
        Ok(match field {
            FilterField::RegionId => Some(self.region_id.as_str()),
            FilterField::ImageIds => Some(&self.image_id),
            FilterField::ImageNames => Some(&self.name),
            FilterField::SystemSnapshotId => self.system_snapshot_id.as_deref(),
            FilterField::DataSnapshotId => self.data_snapshot_id.as_deref(),
            FilterField::InstanceId => self.instance_id.as_deref(),
            FilterField::ResourceGroupId => self.resource_group_id.as_deref(),
            FilterField::Tag | FilterField::Share => None,
        })
    }

    fn in_share_user(&self) -> Result<bool, Infallible> {
        Ok(self.in_share_user)
    }

    fn has_tags(&self, wanted: &[TagFilter]) -> Result<bool, Infallible> {
        Ok(wanted.iter().all(|wanted| wanted.matches(self)))
    }
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

    /// Returns whether the image passes all nine filters.
    ///
    /// This is the reference model: the store's SQL must agree with it on every input.
    pub fn matches(&self, image: &Image) -> bool {
        FilterField::ALL
            .into_iter()
            .all(|field| self.field_matches(field, image))
    }

    /// Returns whether the image passes one of the filters; a filter that is not set passes all.
    pub fn field_matches(&self, field: FilterField, image: &Image) -> bool {
        let Ok(is_match) = self.passes(field, image);
        is_match
    }

    /// Tells whether a filter is set; one that is not passes everything.
    pub(crate) fn is_set(&self, field: FilterField) -> bool {
        match field {
            FilterField::RegionId => true,
            FilterField::ImageIds => self.image_ids.is_some(),
            FilterField::ImageNames => self.image_names.is_some(),
            FilterField::SystemSnapshotId => self.system_snapshot_id.is_some(),
            FilterField::DataSnapshotId => self.data_snapshot_id.is_some(),
            FilterField::InstanceId => self.instance_id.is_some(),
            FilterField::ResourceGroupId => self.resource_group_id.is_some(),
            FilterField::Tag => !self.tags.is_empty(),
            FilterField::Share => self.share.is_some(),
        }
    }

    /// Tells whether something that is compared passes one of the filters.
    ///
    /// This is what each filter means; nothing else compares an image with a filter in Rust.
    pub(crate) fn passes<T: Filtered>(
        &self,
        field: FilterField,
        image: &T,
    ) -> Result<bool, T::Error> {
        let is = |wanted: Option<&str>| -> Result<bool, T::Error> {
            Ok(wanted.is_none() || wanted == image.text(field)?)
        };
        let is_one_of = |wanted: &Option<BTreeSet<String>>| -> Result<bool, T::Error> {
            Ok(match wanted {
                None => true,
                Some(wanted) => image.text(field)?.is_some_and(|text| wanted.contains(text)),
            })
        };
        match field {
            FilterField::RegionId => is(Some(self.region_id.as_str())),
            FilterField::ImageIds => is_one_of(&self.image_ids),
            FilterField::ImageNames => is_one_of(&self.image_names),
            FilterField::SystemSnapshotId => is(self.system_snapshot_id.as_deref()),
            FilterField::DataSnapshotId => is(self.data_snapshot_id.as_deref()),
            FilterField::InstanceId => is(self.instance_id.as_deref()),
            FilterField::ResourceGroupId => is(self.resource_group_id.as_deref()),
            FilterField::Tag => Ok(self.tags.is_empty() || image.has_tags(&self.tags)?),
            FilterField::Share => Ok(match self.share {
                None => true,
                Some(Sharing::Shared) => image.in_share_user()?,
                Some(Sharing::NotShared) => !image.in_share_user()?,
            }),
        }
    }
}
