//! Looking images up by what few of them have: their ids, names, snapshots or instance.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use rusqlite::{Connection, Row, params};

use crate::resources::{ImageFilter, Sharing, TagFilter};
use crate::store::images::facets::tags_of;

/// A column with an index, and the values to look up in it, one by one.
///
/// What else the filter asks for is compared with each image that is met.
#[derive(Debug)]
pub(super) struct LookUp<'f> {
    filter: &'f ImageFilter,
    column: Column,
    values: Vec<&'f str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    ImageId,
    Name,
    SystemSnapshotId,
    DataSnapshotId,
    InstanceId,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::ImageId => "image_id",
            Self::Name => "name",
            Self::SystemSnapshotId => "system_snapshot_id",
            Self::DataSnapshotId => "data_snapshot_id",
            Self::InstanceId => "instance_id",
        }
    }
}

/// What a look-up has found.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    /// In the order of a listing.
    pub(super) images: Vec<LookedUpImage>,
    /// Their documents, one behind the other.
    pub(super) documents: String,
}

/// An image that was found.
#[derive(Debug)]
pub(super) struct LookedUpImage {
    newest_first: i64,
    pub(super) image_id: String,
    pub(super) image_key: i64,
    /// Where its document stands.
    pub(super) document: Range<usize>,
}

impl<'f> LookUp<'f> {
    /// The look-up that meets fewest images; `None` when the filter asks for no such column.
    pub(super) fn of(
        connection: &Connection,
        filter: &'f ImageFilter,
    ) -> rusqlite::Result<Option<Self>> {
        /// Counted no further: what so many images have narrows nothing.
        const COUNTED_MAX: usize = 100;
        let mut look_ups = Self::possible(filter);
        let (mut narrowest, mut fewest) = (0, COUNTED_MAX);
        for (idx, look_up) in look_ups.iter().enumerate() {
            // One image is as narrow as it gets, and a single look-up needs no comparison.
            if look_ups.len() == 1 || fewest <= 1 {
                break;
            }
            let n_images = look_up.count_up_to(connection, fewest)?;
            if n_images < fewest {
                (narrowest, fewest) = (idx, n_images);
            }
        }
        Ok((narrowest < look_ups.len()).then(|| look_ups.swap_remove(narrowest)))
    }

    fn possible(filter: &'f ImageFilter) -> Vec<Self> {
        let one = |value: &'f Option<String>| value.as_deref().map(|value| vec![value]);
        let one_of = |values: &'f Option<BTreeSet<String>>| {
            let values = values.as_ref()?;
            Some(values.iter().map(String::as_str).collect())
        };
        let columns: [(Column, Option<Vec<&str>>); 5] = [
            (Column::ImageId, one_of(&filter.image_ids)),
            (Column::Name, one_of(&filter.image_names)),
            (Column::SystemSnapshotId, one(&filter.system_snapshot_id)),
            (Column::DataSnapshotId, one(&filter.data_snapshot_id)),
            (Column::InstanceId, one(&filter.instance_id)),
        ];
        let look_up = |(column, values): (_, Option<_>)| {
            Some(Self {
                filter,
                column,
                values: values?,
            })
        };
        columns.into_iter().filter_map(look_up).collect()
    }

    /// The number of images that it meets, counted up to `n_images_max`.
    fn count_up_to(&self, connection: &Connection, n_images_max: usize) -> rusqlite::Result<usize> {
        match (self.column, self.values.as_slice()) {
            (Column::ImageId, image_ids) => Ok(image_ids.len().min(n_images_max)),
            // Taken for many: to count the images of each name costs what finding them does.
            (Column::Name, _) => Ok(n_images_max),
            (column, values) => {
                let mut count = connection.prepare_cached(&format!(
                    "SELECT count(*) FROM (SELECT 1 FROM images WHERE {} = ? LIMIT ?)",
                    column.name()
                ))?;
                count.query_row(params![values.first(), n_images_max], |row| row.get(0))
            }
        }
    }

    /// Finds the images, with the documents of so many; of any more, the documents are empty.
    pub(super) fn find(
        &self,
        connection: &Connection,
        n_documents_max: usize,
    ) -> rusqlite::Result<LookedUp> {
        // One statement for all values: to start and end one costs as much as to look one up.
        let (source, values) = match self.values.as_slice() {
            [value] => ("images WHERE ? =", Cow::Borrowed(*value)),
            values => (
                "json_each(?) AS wanted CROSS JOIN images WHERE wanted.value =",
                Cow::Owned(serde_json::to_string(values).unwrap_or_default()),
            ),
        };
        let mut select = connection.prepare_cached(&format!(
            "SELECT image_key, newest_first, image_id, document, region_id, name, system_snapshot_id,
                 data_snapshot_id, instance_id, resource_group_id, in_share_user, tags
             FROM {source} {}",
            self.column.name()
        ))?;
        let mut rows = select.query([values])?;
        let mut found = LookedUp::default();
        while let Some(row) = rows.next()? {
            if self.is_match(row)? {
                found.add(row, n_documents_max)?;
            }
        }
        found.images.sort_unstable_by(|a, b| {
            let by_age = a.newest_first.cmp(&b.newest_first);
            by_age.then_with(|| a.image_id.cmp(&b.image_id))
        });
        Ok(found)
    }

    /// Tells whether an image that was met has all that the filter asks for.
    fn is_match(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let filter = self.filter;
        let text = |idx| -> rusqlite::Result<_> { Ok(row.get_ref(idx)?.as_str_or_null()?) };
        let is = |idx, wanted: Option<&str>| -> rusqlite::Result<bool> {
            Ok(wanted.is_none() || wanted == text(idx)?)
        };
        let is_one_of = |idx, wanted: Option<&BTreeSet<String>>| -> rusqlite::Result<bool> {
            Ok(match wanted {
                Some(wanted) => text(idx)?.is_some_and(|text| wanted.contains(text)),
                None => true,
            })
        };
        let share = filter.share.map(|share| share == Sharing::Shared);
        Ok(is(4, Some(filter.region_id.as_str()))?
            && (self.column == Column::ImageId || is_one_of(2, filter.image_ids.as_ref())?)
            && (self.column == Column::Name || is_one_of(5, filter.image_names.as_ref())?)
            && is(6, filter.system_snapshot_id.as_deref())?
            && is(7, filter.data_snapshot_id.as_deref())?
            && is(8, filter.instance_id.as_deref())?
            && is(9, filter.resource_group_id.as_deref())?
            && (share.is_none() || share == row.get(10)?)
            && (filter.tags.is_empty() || has_tags(row.get_ref(11)?.as_str()?, &filter.tags)?))
    }
}

impl LookedUp {
    fn add(&mut self, row: &Row<'_>, n_documents_max: usize) -> rusqlite::Result<()> {
        let document_at = self.documents.len();
        if self.images.len() < n_documents_max {
            self.documents.push_str(row.get_ref(3)?.as_str()?);
        }
        self.images.push(LookedUpImage {
            newest_first: row.get(1)?,
            image_id: row.get(2)?,
            image_key: row.get(0)?,
            document: document_at..self.documents.len(),
        });
        Ok(())
    }
}

fn has_tags(tags: &str, wanted: &[TagFilter]) -> rusqlite::Result<bool> {
    let tags = tags_of(tags)?;
    let has = |wanted: &TagFilter| {
        tags.iter().any(|(key, value)| {
            *key == wanted.key && wanted.value.as_ref().is_none_or(|wanted| value == wanted)
        })
    };
    Ok(wanted.iter().all(has))
}
