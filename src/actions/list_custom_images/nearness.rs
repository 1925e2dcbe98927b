//! Near misses: images that one small thing kept out of a listing.

use std::collections::BTreeSet;

use crate::actions::explanation::NearMiss;
use crate::base::limits::NEAR_MISSES_MAX;
use crate::resources::{FilterField, Image, ImageFilter, Sharing, TagFilter};

/// An image that nearly matched, and how far it was off, all filters together; 1 is nearest.
struct Ranked {
    distance: usize,
    miss: NearMiss,
}

/// Farther than this is not near.
const DISTANCE_MAX: usize = 6;

/// Finds the images that nearly matched, the nearest first, at most 20.
pub(super) fn near_misses(images: &[Image], filter: &ImageFilter) -> Vec<NearMiss> {
    let mut misses: Vec<Ranked> = images
        .iter()
        .filter_map(|image| near_miss(image, filter))
        .collect();
    misses.sort_by(|a, b| {
        a.distance
            .cmp(&b.distance)
            .then_with(|| a.miss.image_id.cmp(&b.miss.image_id))
    });
    misses.truncate(NEAR_MISSES_MAX);
    misses.into_iter().map(|ranked| ranked.miss).collect()
}

fn near_miss(image: &Image, filter: &ImageFilter) -> Option<Ranked> {
    let mut first = None;
    let mut distance = 0;
    for field in FilterField::ALL {
        if filter.field_matches(field, image) {
            continue;
        }
        let (name, Gap { size, how }) = gap(field, image, filter)?;
        distance += size;
        if distance > DISTANCE_MAX {
            return None;
        }
        first.get_or_insert((name, how));
    }
    let (filter, how) = first?;
    let (image_id, name) = (image.image_id.clone(), image.name.clone());
    let miss = NearMiss {
        image_id,
        name,
        filter,
        how,
    };
    Some(Ranked { distance, miss })
}

/// What separates an image from what one filter asks for.
struct Gap {
    size: usize,
    how: String,
}

impl Gap {
    fn new(size: usize, how: impl Into<String>) -> Self {
        Self {
            size,
            how: how.into(),
        }
    }
}

/// The gap of a filter that does not match; `None` when it is too wide to be near.
fn gap(field: FilterField, image: &Image, filter: &ImageFilter) -> Option<(&'static str, Gap)> {
    let one = |wanted: &Option<String>, found: &Option<String>| {
        text_gap(wanted.as_deref()?, found.as_deref()?)
    };
    Some(match field {
        FilterField::RegionId => (
            "RegionId",
            Gap::new(2, format!("exists, but in {}", image.region_id)),
        ),
        FilterField::ImageIds => (
            "ImageIds",
            nearest(filter.image_ids.as_ref()?, &image.image_id)?,
        ),
        FilterField::ImageNames => (
            "ImageNames",
            nearest(filter.image_names.as_ref()?, &image.name)?,
        ),
        FilterField::SystemSnapshotId => (
            "SystemSnapshotId",
            one(&filter.system_snapshot_id, &image.system_snapshot_id)?,
        ),
        FilterField::DataSnapshotId => (
            "DataSnapshotId",
            one(&filter.data_snapshot_id, &image.data_snapshot_id)?,
        ),
        FilterField::InstanceId => ("InstanceId", one(&filter.instance_id, &image.instance_id)?),
        FilterField::ResourceGroupId => (
            "ResourceGroupId",
            one(&filter.resource_group_id, &image.resource_group_id)?,
        ),
        FilterField::Tag => ("Tag", tags_gap(&filter.tags, image)?),
        FilterField::Share => {
            let is_shared = filter.share == Some(Sharing::NotShared);
            let how = if is_shared {
                "is shared"
            } else {
                "is not shared"
            };
            ("Share", Gap::new(2, how))
        }
    })
}

fn nearest(wanted: &BTreeSet<String>, found: &str) -> Option<Gap> {
    wanted
        .iter()
        .filter_map(|wanted| text_gap(wanted, found))
        .min_by_key(|gap| gap.size)
}

/// How two texts differ: in case alone, or in a few characters.
fn text_gap(wanted: &str, found: &str) -> Option<Gap> {
    if wanted.to_lowercase() == found.to_lowercase() {
        return Some(Gap::new(1, "differs in case"));
    }
    let (n_wanted, n_found) = (wanted.chars().count(), found.chars().count());
    let n_edits_max = (n_wanted / 3).clamp(1, 3);
    // Cheaper than counting edits, and never more than they are.
    if n_wanted.abs_diff(n_found) > n_edits_max {
        return None;
    }
    let n_edits = strsim::damerau_levenshtein(wanted, found);
    let plural = if n_edits == 1 { "" } else { "s" };
    (n_edits <= n_edits_max)
        .then(|| Gap::new(1 + n_edits, format!("{n_edits} character{plural} away")))
}

/// The gap of all tags that do not match, told by the first of them.
fn tags_gap(wanted: &[TagFilter], image: &Image) -> Option<Gap> {
    let mut all: Option<Gap> = None;
    for tag in wanted.iter().filter(|tag| !tag.matches(image)) {
        let gap = tag_gap(tag, image)?;
        match &mut all {
            None => all = Some(gap),
            Some(all) => all.size += gap.size,
        }
    }
    all
}

fn tag_gap(wanted: &TagFilter, image: &Image) -> Option<Gap> {
    if let Some(tag) = image.tags.iter().find(|tag| tag.key == wanted.key) {
        let found = format!("has Tag {}={}", tag.key, tag.value);
        let differs = wanted.value.as_ref()?.to_lowercase() == tag.value.to_lowercase();
        return Some(if differs {
            Gap::new(1, format!("{found}, which differs in case"))
        } else {
            Gap::new(2, found)
        });
    }
    let lower = wanted.key.to_lowercase();
    let similar = image
        .tags
        .iter()
        .find(|tag| tag.key.to_lowercase() == lower)?;
    Some(Gap::new(
        2,
        format!(
            "has Tag {}={}, whose key differs in case",
            similar.key, similar.value
        ),
    ))
}
