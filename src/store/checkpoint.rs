//! Whole states: checkpoints, and copies of a database.
//!
//! A checkpoint in a file is made of what has changed since: taking one costs nothing, and going back
//! to one costs as much as there are changes.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::Timestamp;
use crate::store::facets::{FacetWriter, Faceted, REGION};
use crate::store::open::STATEMENTS_CACHED_MAX;
use crate::store::write::{remove, start_timelines};
use crate::store::{Store, StoreError, StoreKind};

/// The name under which a database keeps its seed.
pub(crate) const SEED: &str = "seed";

/// The columns that `images` and `checkpoint_images` share beside the key, in one order.
const COLUMNS: &str = "image_id, region_id, name, newest_first, in_share_user, \
     system_snapshot_id, data_snapshot_id, instance_id, resource_group_id, tags, document, \
     timeline, waiting_since_unix_ms, n_lists";

impl Store {
    /// Copies everything into a store of its own, in memory.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn copy(&self) -> Result<Self, StoreError> {
        let mut copy = Connection::open_in_memory()?;
        copy.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
        copy.pragma_update(None, "foreign_keys", true)?;
        let source = self.connection();
        let backup = Backup::new(&source, &mut copy)?;
        // All pages in one step; the lock keeps every writer out.
        while backup.step(-1)? != StepResult::Done {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(backup);
        drop(source);
        Ok(Self::over(copy, StoreKind::Memory, &self.cache))
    }

    /// Tells whether the store is a file.
    pub fn is_in_file(&self) -> bool {
        matches!(self.kind, StoreKind::File { .. })
    }

    /// The size of the database, in bytes.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn n_bytes(&self) -> Result<u64, StoreError> {
        let connection = self.connection();
        let n_pages: u64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let page_bytes: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        Ok(n_pages * page_bytes)
    }

    /// Tells when the database was seeded; `None` when it never was.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn seeded_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let taken_at: Option<i64> = self
            .connection()
            .query_row(
                "SELECT taken_at_unix_s FROM checkpoints WHERE name = ?",
                [SEED],
                |row| row.get(0),
            )
            .optional()?;
        Ok(taken_at.and_then(Timestamp::from_unix_s))
    }

    /// Keeps the present images under a name, in the place of what was kept under it before.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn take_checkpoint(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        keep(&transaction, name, at)?;
        Ok(transaction.commit()?)
    }

    /// Goes back to the images kept under a name; tells whether there are any kept so.
    ///
    /// Their timelines run since the given moment.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn restore_checkpoint(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        self.change(|transaction| {
            if !exists(transaction, name)? {
                return Ok(false);
            }
            restore(transaction, name)?;
            start_timelines(transaction, now_unix_ms)?;
            Ok(true)
        })
    }

    /// Forgets a kept state; tells whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn delete_checkpoint(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM checkpoints WHERE name = ?", [name])?
            > 0)
    }

    /// Forgets every kept state, the seed's too.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn delete_checkpoints(&self) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM checkpoints", [])?;
        Ok(())
    }

    /// The names of the kept states, the seed's too, each with when it was taken.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn checkpoints(&self) -> Result<BTreeMap<String, Option<Timestamp>>, StoreError> {
        let connection = self.connection();
        let mut select =
            connection.prepare_cached("SELECT name, taken_at_unix_s FROM checkpoints")?;
        let rows = select.query_map([], |row| {
            Ok((row.get(0)?, Timestamp::from_unix_s(row.get(1)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Counts the images of each region that has any.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(
            "SELECT substr(term, length(?1) + 1), n_images FROM facets
             WHERE term >= ?1 AND term < rtrim(?1) || '!'",
        )?;
        let rows = select.query_map([REGION], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Goes back to a kept state: takes back what was added, and puts back what is no longer there.
fn restore(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let mut facets = FacetWriter::new(connection);
    let mut select = connection.prepare_cached(&format!(
        "SELECT {} FROM images
         WHERE image_key >= (SELECT next_image_key FROM checkpoints WHERE name = ?1)
             OR image_key IN (SELECT image_key FROM checkpoint_images WHERE checkpoint_name = ?1)",
        Faceted::COLUMNS
    ))?;
    let changed = select.query_map([name], Faceted::of)?;
    for image in changed.collect::<rusqlite::Result<Vec<_>>>()? {
        remove(connection, &mut facets, &image)?;
    }
    // Under new keys, so that other kept states do not take them for their own.
    let mut insert = connection.prepare_cached(&format!(
        "INSERT INTO images ({COLUMNS})
         SELECT {COLUMNS} FROM checkpoint_images WHERE checkpoint_name = ?
         RETURNING {}",
        Faceted::COLUMNS
    ))?;
    let kept = insert.query_map([name], Faceted::of)?;
    for image in kept.collect::<rusqlite::Result<Vec<_>>>()? {
        facets.add(&image)?;
    }
    facets.finish()?;
    // Now it is just the present state.
    connection.execute(
        "DELETE FROM checkpoint_images WHERE checkpoint_name = ?",
        [name],
    )?;
    connection.execute(
        &format!("UPDATE checkpoints SET next_image_key = {NEXT_IMAGE_KEY} WHERE name = ?"),
        [name],
    )?;
    Ok(())
}

/// Keeps an image that is about to change or to go, for every kept state that has it.
pub(super) fn keep_for_checkpoints(
    connection: &Connection,
    image_key: i64,
) -> rusqlite::Result<()> {
    let keep = connection.prepare_cached(&keep_sql("AND image_key = ?"));
    keep?.execute([image_key])?;
    Ok(())
}

/// Keeps every image, all of which are about to go, for every kept state that has it.
pub(super) fn keep_all_for_checkpoints(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(&keep_sql(""), [])?;
    Ok(())
}

fn keep_sql(which: &str) -> String {
    format!(
        "INSERT OR IGNORE INTO checkpoint_images (checkpoint_name, image_key, {COLUMNS})
         SELECT checkpoint_name, image_key, {COLUMNS}
         FROM (SELECT name AS checkpoint_name, next_image_key FROM checkpoints), images
         WHERE image_key < next_image_key {which}"
    )
}

fn exists(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE name = ?)",
        [name],
        |row| row.get(0),
    )
}

/// A key higher than that of any image.
const NEXT_IMAGE_KEY: &str = "(SELECT coalesce(max(image_key), 0) + 1 FROM images)";

/// Keeps the present state under a name, in the place of what was kept under it.
///
/// It costs nothing until an image of it changes.
pub(super) fn keep(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM checkpoints WHERE name = ?", [name])?;
    connection.execute(
        &format!("INSERT INTO checkpoints VALUES (?, ?, {NEXT_IMAGE_KEY})"),
        params![name, at.unix_s()],
    )?;
    Ok(())
}

/// Notes that there is such a state, which somebody else keeps.
pub(super) fn mark(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM checkpoints WHERE name = ?", [name])?;
    connection.execute(
        "INSERT INTO checkpoints VALUES (?, ?, 0)",
        params![name, at.unix_s()],
    )?;
    Ok(())
}
