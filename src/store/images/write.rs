//! Writing images: put, delete, and the listings that a timeline counts.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::resources::Image;
use crate::store::checkpoints::IMAGES;
use crate::store::images::facets::{FacetWriter, Faceted};
use crate::store::{Put, Store, StoreError, timelines};

/// An image as it is put into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImage<'a> {
    /// What filters compare.
    pub image: &'a Image,
    /// Its JSON object, as the API writes it.
    pub document: String,
    /// What is yet to happen to it, as JSON.
    pub timeline: Option<String>,
    /// Since when its timeline's first step waits, in milliseconds since 1970-01-01T00:00:00Z.
    pub waiting_since_unix_ms: i64,
}

impl Store {
    /// Adds images, or replaces those with the same id. All or nothing.
    pub fn put<'a>(
        &self,
        images: impl IntoIterator<Item = NewImage<'a>>,
    ) -> Result<Put, StoreError> {
        self.change(|transaction| put(transaction, images))
    }

    /// Deletes an image; returns whether there was one.
    pub fn delete(&self, image_id: &str) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let mut facets = FacetWriter::new(transaction);
            let found = find(transaction, image_id)?;
            if let Some(image) = &found {
                remove(transaction, &mut facets, image)?;
            }
            facets.finish()?;
            Ok(found.is_some())
        })
    }

    /// Deletes every image; returns how many there were.
    pub fn clear(&self) -> Result<u64, StoreError> {
        self.change(|transaction| Ok(u64::try_from(clear(transaction)?).unwrap_or(u64::MAX)))
    }

    /// The timelines of these images, of those that have one.
    pub(crate) fn image_timelines<'a>(
        &self,
        image_ids: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<String>, StoreError> {
        let select = "SELECT timeline FROM images WHERE image_id = ? AND timeline IS NOT NULL";
        timelines(&self.connection(), select, image_ids.map(|id| [id]))
    }

    /// Counts a listing for each of these images that has a timeline.
    pub(crate) fn count_listing<'a>(
        &self,
        image_ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            let images = image_ids.into_iter().map(|image_id| [image_id]);
            Ok(IMAGES.count_listing(transaction, "image_id = ?", images)?)
        })
    }
}

/// Adds images, or replaces those with the same id, and keeps their facets.
pub(in crate::store) fn put<'a>(
    connection: &Connection,
    images: impl IntoIterator<Item = NewImage<'a>>,
) -> Result<Put, StoreError> {
    let mut putter = ImagePutter::new(connection);
    for image in images {
        putter.add(&image)?;
    }
    putter.finish()
}

/// Puts images one by one, inside a transaction of its caller.
#[derive(Debug)]
pub(in crate::store) struct ImagePutter<'c> {
    connection: &'c Connection,
    facets: FacetWriter<'c>,
    put: Put,
}

impl<'c> ImagePutter<'c> {
    pub(in crate::store) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            facets: FacetWriter::new(connection),
            put: Put::default(),
        }
    }

    /// Adds an image, or replaces the one with its id.
    pub(in crate::store) fn add(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
        let put = match find(self.connection, &image.image.image_id)? {
            None => {
                self.put.n_added += 1;
                self.facets.add(&insert(self.connection, image)?)
            }
            Some(old) => {
                self.put.n_replaced += 1;
                replace(self.connection, &mut self.facets, &old, image)
            }
        };
        Ok(put?)
    }

    /// Writes what is known of all of them at the end.
    pub(in crate::store) fn finish(self) -> Result<Put, StoreError> {
        self.facets.finish()?;
        Ok(self.put)
    }
}

/// Adds an image to the table alone, under a key of its own.
pub(super) fn insert(connection: &Connection, new: &NewImage<'_>) -> rusqlite::Result<Faceted> {
    let mut faceted = Faceted::of_image(new.image);
    faceted.image_key = insert_row(connection, None, &faceted, new)?;
    Ok(faceted)
}

fn insert_row(
    connection: &Connection,
    image_key: Option<i64>,
    faceted: &Faceted,
    new: &NewImage<'_>,
) -> rusqlite::Result<i64> {
    let image = new.image;
    let mut insert = connection.prepare_cached(
        "INSERT INTO images (image_key, image_id, region_id, name, newest_first, in_share_user,
             system_snapshot_id, data_snapshot_id, instance_id, resource_group_id, tags, document,
             timeline, waiting_since_unix_ms, n_lists)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
    )?;
    insert.insert(params![
        image_key,
        faceted.image_id,
        faceted.region_id,
        image.name,
        faceted.newest_first,
        faceted.in_share_user,
        image.system_snapshot_id,
        image.data_snapshot_id,
        image.instance_id,
        faceted.resource_group_id,
        faceted.tags_json(),
        new.document,
        new.timeline,
        new.waiting_since_unix_ms,
    ])
}

/// Finds what facets need to know of an image.
fn find(connection: &Connection, image_id: &str) -> rusqlite::Result<Option<Faceted>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {} FROM images WHERE image_id = ?",
        Faceted::COLUMNS
    ))?;
    select.query_row([image_id], Faceted::of).optional()
}

/// Replaces an image with another one of the same id.
///
/// Its key stays as long as its facets do, so that most changes leave them alone.
fn replace(
    connection: &Connection,
    facets: &mut FacetWriter<'_>,
    old: &Faceted,
    new: &NewImage<'_>,
) -> rusqlite::Result<()> {
    let mut faceted = Faceted::of_image(new.image);
    faceted.image_key = old.image_key;
    if faceted == *old {
        IMAGES.delete(connection, old.image_key)?;
        insert_row(connection, Some(old.image_key), &faceted, new)?;
        return Ok(());
    }
    remove(connection, facets, old)?;
    facets.add(&insert(connection, new)?)
}

/// Deletes an image and takes it out of its facets.
fn remove(
    connection: &Connection,
    facets: &mut FacetWriter<'_>,
    image: &Faceted,
) -> rusqlite::Result<()> {
    facets.remove(image)?;
    IMAGES.delete(connection, image.image_key)
}

/// Deletes every image; returns how many there were.
pub(in crate::store) fn clear(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM image_facets", [])?;
    connection.execute("DELETE FROM facets", [])?;
    IMAGES.clear(connection)
}
