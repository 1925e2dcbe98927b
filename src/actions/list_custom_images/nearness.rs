//! Near misses: images that one small thing kept out of a listing.

use std::collections::BTreeSet;

use crate::actions::explanation::NearMiss;
use crate::base::limits::{NEAR_MISSES_MAX, SIMILAR_CHARS_MAX};
use crate::resources::{FilterField, Image, ImageFilter, Tag, TagFilter};

/// Farther than this is not near.
const DISTANCE_MAX: usize = 6;

/// Finds the images that nearly matched, the nearest first, at most 20.
pub(super) fn near_misses(images: &[Image], filter: &ImageFilter) -> Vec<NearMiss> {
    let near = images.iter().filter_map(|image| near_miss(image, filter));
    let mut misses: Vec<(usize, NearMiss)> = near.collect();
    misses.sort_by(|(a, miss_a), (b, miss_b)| (a, &miss_a.image_id).cmp(&(b, &miss_b.image_id)));
    misses.truncate(NEAR_MISSES_MAX);
    misses.into_iter().map(|(_, miss)| miss).collect()
}

/// How far an image is off, all filters together, 1 being nearest; and by which filter first.
fn near_miss(image: &Image, filter: &ImageFilter) -> Option<(usize, NearMiss)> {
    let mut first = None;
    let mut distance = 0;
    for field in FilterField::ALL {
        if filter.field_matches(field, image) {
            continue;
        }
        let Gap { size, how } = gap(field, image, filter)?;
        distance += size;
        if distance > DISTANCE_MAX {
            return None;
        }
        first.get_or_insert((name(field), how));
    }
    let (filter, how) = first?;
    let miss = NearMiss {
        image_id: image.image_id.clone(),
        name: image.name.clone(),
        filter,
        how,
    };
    Some((distance, miss))
}

/// The parameter of a filter.
fn name(field: FilterField) -> &'static str {
    match field {
        FilterField::RegionId => "RegionId",
        FilterField::ImageIds => "ImageIds",
        FilterField::ImageNames => "ImageNames",
        FilterField::SystemSnapshotId => "SystemSnapshotId",
        FilterField::DataSnapshotId => "DataSnapshotId",
        FilterField::InstanceId => "InstanceId",
        FilterField::ResourceGroupId => "ResourceGroupId",
        FilterField::Tag => "Tag",
        FilterField::Share => "Share",
    }
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
fn gap(field: FilterField, image: &Image, filter: &ImageFilter) -> Option<Gap> {
    let one = |wanted: &Option<String>, found: &Option<String>| {
        text_gap(wanted.as_deref()?, found.as_deref()?)
    };
    match field {
        FilterField::RegionId => Some(Gap::new(2, format!("exists, but in {}", image.region_id))),
        FilterField::ImageIds => nearest(filter.image_ids.as_ref()?, &image.image_id),
        FilterField::ImageNames => nearest(filter.image_names.as_ref()?, &image.name),
        FilterField::SystemSnapshotId => one(&filter.system_snapshot_id, &image.system_snapshot_id),
        FilterField::DataSnapshotId => one(&filter.data_snapshot_id, &image.data_snapshot_id),
        FilterField::InstanceId => one(&filter.instance_id, &image.instance_id),
        FilterField::ResourceGroupId => one(&filter.resource_group_id, &image.resource_group_id),
        FilterField::Tag => tags_gap(&filter.tags, image),
        FilterField::Share if image.in_share_user => Some(Gap::new(2, "is shared")),
        FilterField::Share => Some(Gap::new(2, "is not shared")),
    }
}

fn nearest(wanted: &BTreeSet<String>, found: &str) -> Option<Gap> {
    wanted
        .iter()
        .filter_map(|wanted| text_gap(wanted, found))
        .min_by_key(|gap| gap.size)
}

/// How two texts differ: in case alone, or in a few characters.
fn text_gap(wanted: &str, found: &str) -> Option<Gap> {
    // Comparing takes time by the length, and there are many images.
    if [wanted, found]
        .iter()
        .any(|text| text.chars().nth(SIMILAR_CHARS_MAX).is_some())
    {
        return None;
    }
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

/// The gap of all tags that do not match, with the text of the first.
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
        let differs_in_case = wanted.value.as_ref()?.to_lowercase() == tag.value.to_lowercase();
        return Some(if differs_in_case {
            Gap::new(1, format!("{found}, which differs in case"))
        } else {
            Gap::new(2, found)
        });
    }
    let lower = wanted.key.to_lowercase();
    let mut tags = image.tags.iter();
    let Tag { key, value } = tags.find(|tag| tag.key.to_lowercase() == lower)?;
    let how = format!("has Tag {key}={value}, whose key differs in case");
    Some(Gap::new(2, how))
}
