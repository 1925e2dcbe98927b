//! Whole states: checkpoints, and copies of a database.
//!
//! A checkpoint in a file holds what has changed since: taking one costs nothing, and the cost of
//! going back to one grows with the changes. One mechanism, [`Table`], serves images and rows.

use std::collections::BTreeMap;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use crate::base::Timestamp;
use crate::store::connection::Place;
use crate::store::images::facets::{FacetWriter, Faceted};
use crate::store::{Store, StoreError, start_timelines};

/// The name under which a database keeps its seed.
pub(crate) const SEED: &str = "seed";

/// A table whose rows checkpoints keep: before a row is changed or deleted, it is copied for every
/// checkpoint that has it.
#[derive(Debug)]
pub(super) struct Table {
    name: &'static str,
    /// The column of its key, which is never used twice.
    key: &'static str,
    /// The table of rows that were changed or deleted since a checkpoint.
    kept: &'static str,
    /// The column of `checkpoints` with the lowest key that was added since.
    next_key: &'static str,
    /// The columns that both tables have beside the key.
    columns: &'static str,
}

pub(super) const IMAGES: Table = Table {
    name: "images",
    key: "image_key",
    kept: "checkpoint_images",
    next_key: "next_image_key",
    columns: "image_id, region_id, name, newest_first, in_share_user, system_snapshot_id, \
         data_snapshot_id, instance_id, resource_group_id, tags, document, timeline, \
         waiting_since_unix_ms, n_lists",
};

pub(super) const ROWS: Table = Table {
    name: "rows",
    key: "row_key",
    kept: "checkpoint_rows",
    next_key: "next_row_key",
    columns: "kind, region_id, id, created_at_unix_s, document, timeline, waiting_since_unix_ms, \
         n_lists",
};

impl Table {
    /// Keeps a row that is about to change, for every checkpoint that has it.
    pub(super) fn keep(&self, connection: &Connection, key: i64) -> rusqlite::Result<()> {
        let keep = self.keep_sql(&format!("{} = ?", self.key));
        connection.prepare_cached(&keep)?.execute([key])?;
        Ok(())
    }

    /// Deletes a row; checkpoints that have it keep it.
    pub(super) fn delete(&self, connection: &Connection, key: i64) -> rusqlite::Result<()> {
        self.keep(connection, key)?;
        let delete = format!("DELETE FROM {} WHERE {} = ?", self.name, self.key);
        connection.prepare_cached(&delete)?.execute([key])?;
        Ok(())
    }

    /// Deletes every row and returns how many there were; checkpoints keep theirs.
    pub(super) fn clear(&self, connection: &Connection) -> rusqlite::Result<usize> {
        connection.execute(&self.keep_sql("TRUE"), [])?;
        connection.execute(&format!("DELETE FROM {}", self.name), [])
    }

    /// Counts a listing for each of these rows that has a timeline; `is_row` is their condition.
    pub(super) fn count_listing<P: Params>(
        &self,
        connection: &Connection,
        is_row: &str,
        rows: impl Iterator<Item = P>,
    ) -> rusqlite::Result<()> {
        let Self { name, key, .. } = self;
        let mut select = connection.prepare_cached(&format!(
            "SELECT {key} FROM {name}
             WHERE {is_row} AND timeline IS NOT NULL AND n_lists < 0x7FFFFFFF"
        ))?;
        let mut update = connection.prepare_cached(&format!(
            "UPDATE {name} SET n_lists = n_lists + 1 WHERE {key} = ?"
        ))?;
        for row in rows {
            let key = select.query_row(row, |row| row.get(0)).optional()?;
            if let Some(key) = key {
                self.keep(connection, key)?;
                update.execute([key])?;
            }
        }
        Ok(())
    }

    fn keep_sql(&self, which: &str) -> String {
        let (name, key, columns) = (self.name, self.key, self.columns);
        let (kept, next_key) = (self.kept, self.next_key);
        format!(
            "INSERT OR IGNORE INTO {kept} (checkpoint_name, {key}, {columns})
             SELECT checkpoint_name, {key}, {columns}
             FROM (SELECT name AS checkpoint_name, {next_key} FROM checkpoints), {name}
             WHERE {key} < {next_key} AND ({which})"
        )
    }

    /// Which rows were added or changed since the checkpoint `?1`, as a condition.
    fn is_new(&self) -> String {
        let (key, kept, next_key) = (self.key, self.kept, self.next_key);
        format!(
            "{key} >= (SELECT {next_key} FROM checkpoints WHERE name = ?1)
             OR {key} IN (SELECT {key} FROM {kept} WHERE checkpoint_name = ?1)"
        )
    }

    /// Reads the rows that were added or changed since a checkpoint.
    fn new_rows<T>(
        &self,
        connection: &Connection,
        checkpoint: &str,
        columns: &str,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let (name, is_new) = (self.name, self.is_new());
        let sql = format!("SELECT {columns} FROM {name} WHERE {is_new}");
        let mut select = connection.prepare_cached(&sql)?;
        select.query_map([checkpoint], read)?.collect()
    }

    /// Deletes the rows that were added or changed since a checkpoint; others may keep them.
    fn delete_new(&self, connection: &Connection, checkpoint: &str) -> rusqlite::Result<()> {
        let is_new = self.is_new();
        connection.execute(&self.keep_sql(&is_new), [checkpoint])?;
        let delete = format!("DELETE FROM {} WHERE {is_new}", self.name);
        connection.execute(&delete, [checkpoint])?;
        Ok(())
    }

    /// Puts the rows back that a checkpoint has kept, which is then just the present state.
    fn put_back<T>(
        &self,
        connection: &Connection,
        checkpoint: &str,
        columns: &str,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let (name, kept, all, next_key) = (self.name, self.kept, self.columns, self.next_key);
        // Under new keys, so that other checkpoints do not take them for their own.
        let mut insert = connection.prepare_cached(&format!(
            "INSERT INTO {name} ({all})
             SELECT {all} FROM {kept} WHERE checkpoint_name = ? RETURNING {columns}"
        ))?;
        let rows = insert.query_map([checkpoint], read)?.collect();
        let forget = format!("DELETE FROM {kept} WHERE checkpoint_name = ?");
        connection.execute(&forget, [checkpoint])?;
        let key = self.key_after_all();
        let update = format!("UPDATE checkpoints SET {next_key} = {key} WHERE name = ?");
        connection.execute(&update, [checkpoint])?;
        rows
    }

    /// A key higher than that of any row, as an expression.
    fn key_after_all(&self) -> String {
        let (key, name) = (self.key, self.name);
        format!("(SELECT coalesce(max({key}), 0) + 1 FROM {name})")
    }
}

impl Store {
    /// Copies everything into a store of its own, in memory.
    pub(crate) fn copy(&self) -> Result<Self, StoreError> {
        /// A round number of pages: all of them.
        const ALL: std::ffi::c_int = -1;
        let place = Place::new_in_memory();
        let mut copy = place.connect()?;
        if self.is_in_file() {
            // A mere copy of the pages would ask for a write-ahead log, which memory cannot have.
            let source = self.place.connect()?;
            source.execute("VACUUM INTO ?", [place.name()])?;
        } else {
            let view = self.view()?;
            Backup::new(&view.connection(), &mut copy)?.step(ALL)?;
        }
        Ok(Self::over(copy, place, None, &self.cache)?)
    }

    /// Returns the time when the database was seeded; `None` when it never was.
    pub fn seeded_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.checkpoints()?.get(SEED).copied().flatten())
    }

    /// Keeps the present state under a name; replaces what was kept under it.
    pub fn take_checkpoint(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        self.change_beside_images(|transaction| Ok(keep(transaction, name, at)?))
    }

    /// Goes back to the state kept under a name; returns whether there is one.
    ///
    /// Its timelines run from the given moment on.
    pub fn restore_checkpoint(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let exists = "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE name = ?)";
            let exists: bool = transaction.query_row(exists, [name], |row| row.get(0))?;
            if !exists {
                return Ok(false);
            }
            restore(transaction, name)?;
            start_timelines(transaction, now_unix_ms)?;
            Ok(true)
        })
    }

    /// Deletes a checkpoint; returns whether there was one.
    pub fn delete_checkpoint(&self, name: &str) -> Result<bool, StoreError> {
        self.change_beside_images(|transaction| {
            let delete = "DELETE FROM checkpoints WHERE name = ?";
            Ok(transaction.execute(delete, [name])? > 0)
        })
    }

    /// Deletes every checkpoint, the seed's too.
    pub(crate) fn delete_checkpoints(&self) -> Result<(), StoreError> {
        self.change_beside_images(|transaction| {
            transaction.execute("DELETE FROM checkpoints", [])?;
            Ok(())
        })
    }

    /// The names of the checkpoints, the seed's too, each with the time when it was taken.
    pub(crate) fn checkpoints(&self) -> Result<BTreeMap<String, Option<Timestamp>>, StoreError> {
        let connection = self.connection();
        let mut select =
            connection.prepare_cached("SELECT name, taken_at_unix_s FROM checkpoints")?;
        let rows = select.query_map([], |row| {
            Ok((row.get(0)?, Timestamp::from_unix_s(row.get(1)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Goes back to a checkpoint: deletes what was added, and puts back what is no longer there.
fn restore(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let mut facets = FacetWriter::new(connection);
    for image in IMAGES.new_rows(connection, name, Faceted::COLUMNS, Faceted::of)? {
        facets.remove(&image)?;
    }
    IMAGES.delete_new(connection, name)?;
    for image in IMAGES.put_back(connection, name, Faceted::COLUMNS, Faceted::of)? {
        facets.add(&image)?;
    }
    facets.finish()?;
    ROWS.delete_new(connection, name)?;
    ROWS.put_back(connection, name, "row_key", |row| row.get::<_, i64>(0))?;
    Ok(())
}

/// Keeps the present state under a name; replaces what was kept under it.
///
/// It costs nothing until something of it changes.
pub(super) fn keep(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    let (image_key, row_key) = (IMAGES.key_after_all(), ROWS.key_after_all());
    write(connection, name, at, &image_key, &row_key)
}

/// Notes that there is such a checkpoint, which is kept elsewhere.
pub(super) fn mark(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    write(connection, name, at, "0", "0")
}

fn write(
    connection: &Connection,
    name: &str,
    at: Timestamp,
    next_image_key: &str,
    next_row_key: &str,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM checkpoints WHERE name = ?", [name])?;
    connection.execute(
        &format!(
            "INSERT INTO checkpoints (name, taken_at_unix_s, next_image_key, next_row_key)
             VALUES (?, ?, {next_image_key}, {next_row_key})"
        ),
        params![name, at.unix_s()],
    )?;
    Ok(())
}
