//! Looking images up by what few of them have: their ids, names, snapshots or instance.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use rusqlite::{Connection, Row, params};

use crate::resources::{FilterField, Filtered, ImageFilter, TagFilter};
use crate::store::images::facets::tags_of;

/// A column with an index, and the values to look up in it, one by one.
///
/// Each image that is met is compared with the other filters.
#[derive(Debug)]
pub(super) struct LookUp<'f> {
    filter: &'f ImageFilter,
    /// The filter by which images are looked up.
    by: FilterField,
    values: Vec<&'f str>,
}

/// The columns that filters compare, in the order of [`FilterField`].
const COMPARED: &str = "region_id, image_id, name, system_snapshot_id, data_snapshot_id, \
     instance_id, resource_group_id, tags, in_share_user";

/// The column that a filter compares.
fn column(field: FilterField) -> &'static str {
    match field {
        FilterField::RegionId => "region_id",
        FilterField::ImageIds => "image_id",
        FilterField::ImageNames => "name",
        FilterField::SystemSnapshotId => "system_snapshot_id",
        FilterField::DataSnapshotId => "data_snapshot_id",
        FilterField::InstanceId => "instance_id",
        FilterField::ResourceGroupId => "resource_group_id",
        FilterField::Tag => "tags",
        FilterField::Share => "in_share_user",
    }
}

/// A row whose first columns are [`COMPARED`].
struct Met<'r, 's>(&'r Row<'s>);

impl Filtered for Met<'_, '_> {
    type Error = rusqlite::Error;

    fn text(&self, field: FilterField) -> rusqlite::Result<Option<&str>> {
        Ok(self.0.get_ref(field as usize)?.as_str_or_null()?)
    }

    fn in_share_user(&self) -> rusqlite::Result<bool> {
        self.0.get(FilterField::Share as usize)
    }

    fn has_tags(&self, wanted: &[TagFilter]) -> rusqlite::Result<bool> {
        let tags = self.0.get_ref(FilterField::Tag as usize)?;
        let tags = tags_of(tags.as_str()?)?;
        let has = |wanted: &TagFilter| tags.iter().any(|(key, value)| wanted.is(key, value));
        Ok(wanted.iter().all(has))
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
        /// Counts end here: what this many images have narrows nothing.
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
        let fields: [(FilterField, Option<Vec<&str>>); 5] = [
            (FilterField::ImageIds, one_of(&filter.image_ids)),
            (FilterField::ImageNames, one_of(&filter.image_names)),
            (
                FilterField::SystemSnapshotId,
                one(&filter.system_snapshot_id),
            ),
            (FilterField::DataSnapshotId, one(&filter.data_snapshot_id)),
            (FilterField::InstanceId, one(&filter.instance_id)),
        ];
        let look_up = |(by, values): (_, Option<_>)| {
            Some(Self {
                filter,
                by,
                values: values?,
            })
        };
        fields.into_iter().filter_map(look_up).collect()
    }

    /// The number of images that it meets, counted up to `n_images_max`.
    fn count_up_to(&self, connection: &Connection, n_images_max: usize) -> rusqlite::Result<usize> {
        match (self.by, self.values.as_slice()) {
            (FilterField::ImageIds, image_ids) => Ok(image_ids.len().min(n_images_max)),
            // Taken for many: to count the images of each name costs what finding them does.
            (FilterField::ImageNames, _) => Ok(n_images_max),
            (_, values) => {
                let mut count = connection.prepare_cached(&format!(
                    "SELECT count(*) FROM (SELECT 1 FROM images WHERE {} = ? LIMIT ?)",
                    column(self.by)
                ))?;
                count.query_row(params![values.first(), n_images_max], |row| row.get(0))
            }
        }
    }

    /// Finds the images, and the documents of the first `n_documents_max` that are met.
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
            "SELECT {COMPARED}, image_key, newest_first, document FROM {source} {}",
            column(self.by)
        ))?;
        let mut rows = select.query([values])?;
        let mut found = LookedUp::default();
        let others = FilterField::ALL.into_iter();
        let others = others.filter(|field| *field != self.by && self.filter.is_set(*field));
        let others: Vec<FilterField> = others.collect();
        'rows: while let Some(row) = rows.next()? {
            for field in &others {
                if !self.filter.passes(*field, &Met(row))? {
                    continue 'rows;
                }
            }
            found.add(row, n_documents_max)?;
        }
        found.images.sort_unstable_by(|a, b| {
            let by_age = a.newest_first.cmp(&b.newest_first);
            by_age.then_with(|| a.image_id.cmp(&b.image_id))
        });
        Ok(found)
    }
}

impl LookedUp {
    fn add(&mut self, row: &Row<'_>, n_documents_max: usize) -> rusqlite::Result<()> {
        let document_at = self.documents.len();
        if self.images.len() < n_documents_max {
            self.documents.push_str(row.get_ref(11)?.as_str()?);
        }
        self.images.push(LookedUpImage {
            newest_first: row.get(10)?,
            image_id: row.get(1)?,
            image_key: row.get(9)?,
            document: document_at..self.documents.len(),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_filter_finds_its_column_at_its_own_place() {
        assert_eq!(COMPARED, FilterField::ALL.map(column).join(", "));
        for (place, field) in FilterField::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, place);
        }
    }
}
