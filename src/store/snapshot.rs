//! Whole states: the seed, snapshots, and copies of a database.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::clock::Timestamp;
use crate::store::open::STATEMENTS_CACHED_MAX;
use crate::store::write::{insert, start_timelines};
use crate::store::{NewImage, Store, StoreError, StoreKind};

/// The name under which a database keeps its seed.
pub const SEED: &str = "seed";

/// The columns that `images` and `snapshot_images` share, in one order.
const COLUMNS: &str = "image_key, image_id, region_id, name, created_at_unix_s, in_share_user, \
     system_snapshot_id, data_snapshot_id, instance_id, resource_group_id, document, timeline, \
     waiting_since_unix_ms, n_lists";

/// What becomes of the snapshots beside the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OtherSnapshots {
    Deleted,
    Kept,
}

/// A seed that is being written.
#[derive(Debug)]
pub struct Filling<'a> {
    transaction: &'a Connection,
}

impl Filling<'_> {
    /// Adds an image.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails, an image id that is there already included.
    pub fn add(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
        Ok(insert(self.transaction, image)?)
    }
}

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
        Ok(Self {
            connection: Mutex::new(copy),
            kind: StoreKind::Memory,
        })
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
                "SELECT taken_at_unix_s FROM snapshots WHERE name = ?",
                [SEED],
                |row| row.get(0),
            )
            .optional()?;
        Ok(taken_at.and_then(Timestamp::from_unix_s))
    }

    /// Replaces everything, snapshots too, with the seed, which `fill` adds. All or nothing.
    ///
    /// A database file keeps the seed itself too, so that a reset can go back to it.
    ///
    /// # Errors
    /// Those of `fill`; [`StoreError::Statement`] when SQLite fails.
    pub fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        fill: impl FnOnce(&mut Filling<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.fill(OtherSnapshots::Deleted, at, fill)
    }

    /// Replaces the images and the seed, and leaves the snapshots. All or nothing.
    ///
    /// # Errors
    /// Those of `fill`; [`StoreError::Statement`] when SQLite fails.
    pub fn replace_seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        fill: impl FnOnce(&mut Filling<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.fill(OtherSnapshots::Kept, at, fill)
    }

    fn fill<E: From<StoreError>>(
        &self,
        others: OtherSnapshots,
        at: Timestamp,
        fill: impl FnOnce(&mut Filling<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(StoreError::from)?;
        if others == OtherSnapshots::Deleted {
            let delete = transaction.execute("DELETE FROM snapshots", []);
            delete.map_err(StoreError::from)?;
        }
        let delete = transaction.execute("DELETE FROM images", []);
        delete.map_err(StoreError::from)?;
        fill(&mut Filling {
            transaction: &transaction,
        })?;
        let kept = match self.kind {
            StoreKind::File { .. } => keep(&transaction, SEED, at),
            StoreKind::Memory => mark(&transaction, SEED, at),
        };
        kept.map_err(StoreError::from)?;
        Ok(transaction.commit().map_err(StoreError::from)?)
    }

    /// Keeps the present images under a name, in the place of what was kept under it before.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn take_snapshot(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        keep(&transaction, name, at)?;
        transaction.commit()?;
        Ok(())
    }

    /// Goes back to the images kept under a name; tells whether there are any kept so.
    ///
    /// Their timelines run since the given moment.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn restore_snapshot(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        if !exists(&transaction, name)? {
            return Ok(false);
        }
        transaction.execute("DELETE FROM images", [])?;
        transaction.execute(
            &format!(
                "INSERT INTO images ({COLUMNS})
                 SELECT {COLUMNS} FROM snapshot_images WHERE snapshot_name = ?"
            ),
            [name],
        )?;
        transaction.execute(
            "INSERT INTO image_tags (key, value, image_key)
             SELECT key, value, image_key FROM snapshot_tags WHERE snapshot_name = ?",
            [name],
        )?;
        start_timelines(&transaction, now_unix_ms)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Forgets a kept state; tells whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn delete_snapshot(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM snapshots WHERE name = ?", [name])?
            > 0)
    }

    /// Forgets every kept state, the seed's too.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn delete_snapshots(&self) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM snapshots", [])?;
        Ok(())
    }

    /// The names of the kept states, the seed's too, each with when it was taken.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn snapshots(&self) -> Result<BTreeMap<String, Option<Timestamp>>, StoreError> {
        let connection = self.connection();
        let mut select =
            connection.prepare_cached("SELECT name, taken_at_unix_s FROM snapshots")?;
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
        let mut select = connection
            .prepare_cached("SELECT region_id, count(*) FROM images GROUP BY region_id")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn exists(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM snapshots WHERE name = ?)",
        [name],
        |row| row.get(0),
    )
}

fn mark(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM snapshots WHERE name = ?", [name])?;
    connection.execute(
        "INSERT INTO snapshots VALUES (?, ?)",
        params![name, at.unix_s()],
    )?;
    Ok(())
}

fn keep(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    mark(connection, name, at)?;
    connection.execute(
        &format!(
            "INSERT INTO snapshot_images (snapshot_name, {COLUMNS}) SELECT ?, {COLUMNS} FROM images"
        ),
        [name],
    )?;
    connection.execute(
        "INSERT INTO snapshot_tags (snapshot_name, key, value, image_key)
         SELECT ?, key, value, image_key FROM image_tags",
        [name],
    )?;
    Ok(())
}
