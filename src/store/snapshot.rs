//! Whole states: the seed, snapshots, and copies of a database.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::clock::Timestamp;
use crate::store::facets::{self, FacetWriter, Faceted, REGION};
use crate::store::open::STATEMENTS_CACHED_MAX;
use crate::store::write::{insert, start_timelines};
use crate::store::{NewImage, Store, StoreError, StoreKind};

/// The name under which a database keeps its seed.
pub const SEED: &str = "seed";

/// The columns that `images` and `snapshot_images` share, in one order.
const COLUMNS: &str = "image_key, image_id, region_id, name, newest_first, in_share_user, \
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
                "SELECT taken_at_unix_s FROM snapshots WHERE name = ?",
                [SEED],
                |row| row.get(0),
            )
            .optional()?;
        Ok(taken_at.and_then(Timestamp::from_unix_s))
    }

    /// Replaces the images and the seed with what `fill` adds, and the snapshots as told. All or
    /// nothing.
    ///
    /// A database file keeps the seed itself too, so that a reset can go back to it.
    ///
    /// # Errors
    /// What `fill` fails with; [`StoreError::Statement`] when SQLite fails, two equal image ids
    /// included.
    pub fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        snapshots: OldSnapshots,
        fill: impl FnOnce(&mut Filling<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.change(|transaction| {
            if snapshots == OldSnapshots::Delete {
                transaction
                    .execute("DELETE FROM snapshots", [])
                    .map_err(StoreError::from)?;
            }
            let mut filling = Filling::begin(transaction)?;
            fill(&mut filling)?;
            filling.finish()?;
            match self.kind {
                StoreKind::File { .. } => keep(transaction, SEED, at),
                StoreKind::Memory => mark(transaction, SEED, at),
            }
            .map_err(StoreError::from)?;
            Ok(())
        })
    }

    /// Keeps the present images under a name, in the place of what was kept under it before.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn take_snapshot(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
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
    pub fn restore_snapshot(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
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
        let mut select = connection.prepare_cached(
            "SELECT substr(term, length(?1) + 1), n_images FROM facets WHERE term GLOB ?1 || '*'",
        )?;
        let rows = select.query_map([REGION], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Whether snapshots outlive a new seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldSnapshots {
    /// They go with the old seed.
    Delete,
    /// They stay.
    Keep,
}

/// Images on their way into a store whose old ones they replace.
#[derive(Debug)]
pub struct Filling<'c> {
    connection: &'c Connection,
    n_images: u64,
    /// The indexes that are left out until the end, each as the statement that makes it.
    left_out: Vec<String>,
}

impl<'c> Filling<'c> {
    /// From so many images on, an index is faster made at the end than kept from the beginning.
    const MANY: u64 = 20_000;

    fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        facets::clear(connection)?;
        connection.execute("DELETE FROM images", [])?;
        Ok(Self {
            connection,
            n_images: 0,
            left_out: Vec::new(),
        })
    }

    /// Adds an image.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn add(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
        self.n_images += 1;
        if self.n_images == Self::MANY {
            self.leave_indexes_out()?;
        }
        insert(self.connection, image, None)?;
        Ok(())
    }

    fn leave_indexes_out(&mut self) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'images'",
        )?;
        let indexes = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let indexes: Vec<(String, String)> = indexes.collect::<rusqlite::Result<_>>()?;
        for (name, sql) in indexes {
            self.connection.execute(&format!("DROP INDEX {name}"), [])?;
            self.left_out.push(sql);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), StoreError> {
        for sql in &self.left_out {
            self.connection.execute(sql, [])?;
        }
        Ok(facets::fill(self.connection)?)
    }
}

/// Changes what differs from a kept state, and leaves the rest alone.
fn restore(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    /// Holds for an image that is kept just as it is; everything else follows from the document.
    const SAME: &str = "i.image_key = s.image_key AND i.image_id = s.image_id
         AND i.document = s.document AND i.timeline IS s.timeline AND i.n_lists = s.n_lists";
    let mut facets = FacetWriter::new(connection);
    let mut delete = connection.prepare_cached(&format!(
        "DELETE FROM images AS i
         WHERE NOT EXISTS (SELECT 1 FROM snapshot_images AS s WHERE s.snapshot_name = ? AND {SAME})
         RETURNING {}",
        Faceted::COLUMNS
    ))?;
    let mut deleted = delete.query([name])?;
    while let Some(row) = deleted.next()? {
        facets.remove(&Faceted::of(row)?)?;
    }
    let mut insert = connection.prepare_cached(&format!(
        "INSERT INTO images ({COLUMNS})
         SELECT {COLUMNS} FROM snapshot_images AS s
         WHERE s.snapshot_name = ? AND s.image_key NOT IN (SELECT image_key FROM images)
         ORDER BY newest_first, image_id
         RETURNING {}",
        Faceted::COLUMNS
    ))?;
    let mut inserted = insert.query([name])?;
    while let Some(row) = inserted.next()? {
        facets.add(&Faceted::of(row)?)?;
    }
    facets.finish()
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
    Ok(())
}
