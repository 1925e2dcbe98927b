//! Writing images: put, delete, and what a timeline does to them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::resources::Image;
use crate::store::checkpoint::{keep_all_for_checkpoints, keep_for_checkpoints};
use crate::store::facets::{self, FacetWriter, Faceted};
use crate::store::{Store, StoreError};

/// An image as it is put into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImage<'a> {
    /// What filters compare.
    pub image: &'a Image,
    /// Its JSON object, as the API writes it.
    pub document: String,
    /// What is yet to happen to it, as JSON.
    pub timeline: Option<String>,
    /// Since when its timeline's first step is waited for, in milliseconds since
    /// 1970-01-01T00:00:00Z.
    pub waiting_since_unix_ms: i64,
}

/// An image as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Its id.
    pub image_id: String,
    /// Its JSON object, as the API writes it.
    pub document: String,
    /// What is yet to happen to it, as JSON.
    pub timeline: Option<String>,
    /// Since when its timeline's first step is waited for.
    pub waiting_since_unix_ms: i64,
    /// Listings that contained it since then.
    pub n_lists: u32,
}

impl StoredImage {
    /// The columns that [`Self::of`] reads, in its order.
    pub(super) const COLUMNS: &'static str =
        "image_id, document, timeline, waiting_since_unix_ms, n_lists";

    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            image_id: row.get(0)?,
            document: row.get(1)?,
            timeline: row.get(2)?,
            waiting_since_unix_ms: row.get(3)?,
            n_lists: row.get(4)?,
        })
    }
}

/// As many images as there are: SQLite's largest limit.
pub(crate) const ALL: u64 = i64::MAX.unsigned_abs();

/// What a put did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Put {
    /// Images that were new.
    pub n_added: u64,
    /// Images that took the place of one with the same id.
    pub n_replaced: u64,
}

impl Store {
    /// Adds images, each in the place of the one with its id, if any. All or nothing.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn put<'a>(
        &self,
        images: impl IntoIterator<Item = NewImage<'a>>,
    ) -> Result<Put, StoreError> {
        self.change(|transaction| {
            let mut facets = FacetWriter::new(transaction);
            let mut put = Put::default();
            for image in images {
                match find(transaction, &image.image.image_id)? {
                    None => {
                        put.n_added += 1;
                        facets.add(&insert(transaction, &image)?)?;
                    }
                    Some(old) => {
                        put.n_replaced += 1;
                        replace(transaction, &mut facets, &old, &image)?;
                    }
                }
            }
            facets.finish()?;
            Ok(put)
        })
    }

    /// Deletes an image; tells whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
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

    /// Deletes every image; tells how many there were.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn clear(&self) -> Result<u64, StoreError> {
        self.change(|transaction| {
            let n_deleted = clear(transaction)?;
            Ok(u64::try_from(n_deleted).unwrap_or(u64::MAX))
        })
    }

    /// Finds an image by its id.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn image(&self, image_id: &str) -> Result<Option<StoredImage>, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(&format!(
            "SELECT {} FROM images WHERE image_id = ?",
            StoredImage::COLUMNS
        ))?;
        Ok(select.query_row([image_id], StoredImage::of).optional()?)
    }

    /// Gives a slice of the images, by id, byte for byte.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn images(&self, offset: u64, n_max: u64) -> Result<Vec<StoredImage>, StoreError> {
        self.select("ORDER BY image_id LIMIT ? OFFSET ?", params![n_max, offset])
    }

    /// Tells whether something is yet to happen to an image.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn has_timelines(&self) -> Result<bool, StoreError> {
        let connection = self.connection();
        let mut select = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM images WHERE timeline IS NOT NULL)")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// Gives the images to which something is yet to happen.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn timelines(&self) -> Result<Vec<StoredImage>, StoreError> {
        self.select("WHERE timeline IS NOT NULL", params![])
    }

    /// Notes that a listing contained these images, each of which has a timeline or not.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn count_listing<'a>(
        &self,
        image_ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            let mut select = transaction.prepare_cached(
                "SELECT image_key FROM images
                 WHERE image_id = ? AND timeline IS NOT NULL AND n_lists < 0x7FFFFFFF",
            )?;
            let mut update = transaction
                .prepare_cached("UPDATE images SET n_lists = n_lists + 1 WHERE image_key = ?")?;
            for image_id in image_ids {
                let image_key = select.query_row([image_id], |row| row.get(0)).optional()?;
                if let Some(image_key) = image_key {
                    keep_for_checkpoints(transaction, image_key)?;
                    update.execute([image_key])?;
                }
            }
            Ok(())
        })
    }

    /// Starts every timeline anew: its first step is waited for since this moment.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn start_timelines(&self, now_unix_ms: i64) -> Result<(), StoreError> {
        self.change(|transaction| Ok(start_timelines(transaction, now_unix_ms)?))
    }

    fn select(
        &self,
        rest: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<StoredImage>, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(&format!(
            "SELECT {} FROM images {rest}",
            StoredImage::COLUMNS
        ))?;
        let rows = select.query_map(values, StoredImage::of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

pub(super) fn start_timelines(connection: &Connection, now_unix_ms: i64) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE images SET waiting_since_unix_ms = ? WHERE timeline IS NOT NULL",
        [now_unix_ms],
    )?;
    Ok(())
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

/// Puts an image in the place of another one with its id.
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
        remove_row(connection, old.image_key)?;
        insert_row(connection, Some(old.image_key), &faceted, new)?;
        return Ok(());
    }
    remove(connection, facets, old)?;
    facets.add(&insert(connection, new)?)
}

/// Deletes an image and takes it out of its facets.
pub(super) fn remove(
    connection: &Connection,
    facets: &mut FacetWriter<'_>,
    image: &Faceted,
) -> rusqlite::Result<()> {
    facets.remove(image)?;
    remove_row(connection, image.image_key)
}

/// Deletes an image from the table alone; kept states that have it go on having it.
fn remove_row(connection: &Connection, image_key: i64) -> rusqlite::Result<()> {
    keep_for_checkpoints(connection, image_key)?;
    connection
        .prepare_cached("DELETE FROM images WHERE image_key = ?")?
        .execute([image_key])?;
    Ok(())
}

/// Deletes every image; tells how many there were.
pub(super) fn clear(connection: &Connection) -> rusqlite::Result<usize> {
    keep_all_for_checkpoints(connection)?;
    facets::clear(connection)?;
    connection.execute("DELETE FROM images", [])
}
