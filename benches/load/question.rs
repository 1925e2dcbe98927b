//! One question to the API, as parameters and as a plain loop that knows the right answer.

use std::fmt::Write as _;

use crate::data::{DataSet, Image, N_REGIONS, TAG_KEYS};
use crate::document;

/// The filters and the page of one request; images, servers and values by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    pub(crate) region: u64,
    /// Images named by their ids; empty is no filter.
    pub(crate) ids: Vec<u64>,
    /// Images named by their names; empty is no filter.
    pub(crate) names: Vec<u64>,
    /// The image whose system snapshot is asked for.
    pub(crate) system_snapshot_of: Option<u64>,
    /// The image whose data snapshot is asked for.
    pub(crate) data_snapshot_of: Option<u64>,
    pub(crate) server: Option<u64>,
    pub(crate) resource_group: Option<u64>,
    /// The place of the key and the number of the value.
    pub(crate) tags: Vec<(usize, u64)>,
    pub(crate) is_shared: Option<bool>,
    pub(crate) page_number: u64,
    pub(crate) page_size: u64,
}

/// What the emulator must answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) total_count: u64,
    /// The ids on the page, in order.
    pub(crate) image_ids: Vec<String>,
}

impl Question {
    /// The first page of a region, with no filter.
    pub(crate) fn of_region(region: u64) -> Self {
        Self {
            region,
            page_number: 1,
            page_size: 10,
            ..Self::default()
        }
    }

    fn matches(&self, image: &Image) -> bool {
        let named = |list: &[u64]| list.is_empty() || list.contains(&image.idx);
        let is = |asked: Option<u64>, found: u64| asked.is_none_or(|asked| asked == found);
        image.region == self.region
            && named(&self.ids)
            && named(&self.names)
            && is(self.system_snapshot_of, image.idx)
            && is(self.data_snapshot_of, image.idx)
            && (self.data_snapshot_of.is_none() || image.has_data_snapshot)
            && is(self.server, image.server)
            && is(self.resource_group, image.resource_group)
            && self
                .tags
                .iter()
                .all(|(key, value)| image.tags[*key] == *value)
            && self.is_shared.is_none_or(|asked| asked == image.is_shared)
    }

    /// Looks at every image of the region.
    pub(crate) fn expected(&self, data: &DataSet) -> Expected {
        let mut found: Vec<(u64, u64)> = (0..data.n_in_region())
            .map(|place| data.image(place * N_REGIONS + self.region))
            .filter(|image| self.matches(image))
            .map(|image| (image.age, image.idx))
            .collect();
        found.sort_unstable();
        let first = usize::try_from((self.page_number - 1) * self.page_size).unwrap_or(usize::MAX);
        let size = usize::try_from(self.page_size).unwrap_or(usize::MAX);
        Expected {
            total_count: found.len() as u64,
            image_ids: found
                .iter()
                .skip(first)
                .take(size)
                .map(|(_, idx)| document::image_id(*idx))
                .collect(),
        }
    }

    /// Writes the action's own parameters as a query, in the order of their names.
    pub(crate) fn write_parameters(&self, query: &mut String) {
        let mut parameter = |name: &str, value: &str| {
            // Writing to a `String` cannot fail.
            write!(query, "&{name}={value}").ok();
        };
        if let Some(image) = self.data_snapshot_of {
            parameter("DataSnapshotId", &document::data_snapshot_id(image));
        }
        if !self.ids.is_empty() {
            parameter("ImageIds", &list(&self.ids, document::image_id));
        }
        if !self.names.is_empty() {
            parameter("ImageNames", &list(&self.names, document::image_name));
        }
        if let Some(server) = self.server {
            parameter("InstanceId", &document::instance_id(server));
        }
        parameter("PageNumber", &self.page_number.to_string());
        parameter("PageSize", &self.page_size.to_string());
        parameter("RegionId", document::region_id(self.region));
        if let Some(group) = self.resource_group {
            parameter("ResourceGroupId", &document::resource_group_id(group));
        }
        if let Some(is_shared) = self.is_shared {
            parameter("Share", if is_shared { "True" } else { "False" });
        }
        if let Some(image) = self.system_snapshot_of {
            parameter("SystemSnapshotId", &document::system_snapshot_id(image));
        }
        for (idx, (key, value)) in self.tags.iter().enumerate() {
            let n = idx + 1;
            parameter(&format!("Tag.{n}.Key"), TAG_KEYS[*key]);
            let value = document::tag_value(*key, *value);
            parameter(&format!("Tag.{n}.Value"), &value);
        }
    }
}

/// A JSON array of strings, percent-encoded; the texts need no escaping.
fn list(images: &[u64], text: impl Fn(u64) -> String) -> String {
    let entries: Vec<String> = images.iter().map(|image| text(*image)).collect();
    format!("%5B%22{}%22%5D", entries.join("%22%2C%22"))
}
