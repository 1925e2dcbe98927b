//! Rows: every kind of resource but custom images, few of each, filtered by the caller.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension as _, Params, params};

use crate::base::Timestamp;
use crate::base::limits::{ROW_BYTES_MAX, ROWS_MAX};
use crate::resources::Row;
use crate::store::checkpoints::ROWS;
use crate::store::{KindFull, Put, Store, StoreError};

/// A resource as it is put into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow<'a> {
    /// The name of its kind's list, such as `Instances`.
    pub kind: &'a str,
    /// The resource.
    pub row: &'a Row,
    /// What is yet to happen to it, as JSON.
    pub timeline: Option<String>,
    /// Since when its timeline's first step waits, in milliseconds since 1970-01-01T00:00:00Z.
    pub waiting_since_unix_ms: i64,
}

/// A resource as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    /// The name of its kind's list.
    pub kind: String,
    /// The resource.
    pub row: Row,
    /// What is yet to happen to it, as JSON.
    pub timeline: Option<String>,
    /// Since when its timeline's first step waits.
    pub waiting_since_unix_ms: i64,
    /// Listings that contained it since then.
    pub n_lists: u32,
}

impl StoredRow {
    /// The columns that [`Self::of`] reads, in its order.
    const COLUMNS: &'static str = "kind, id, region_id, created_at_unix_s, document, timeline, \
         waiting_since_unix_ms, n_lists";

    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let created_at: i64 = row.get(3)?;
        Ok(Self {
            kind: row.get(0)?,
            row: Row {
                id: row.get(1)?,
                region_id: row.get(2)?,
                created_at: Timestamp::from_unix_s(created_at)
                    .ok_or(rusqlite::Error::IntegralValueOutOfRange(3, created_at))?,
                document: row.get(4)?,
            },
            timeline: row.get(5)?,
            waiting_since_unix_ms: row.get(6)?,
            n_lists: row.get(7)?,
        })
    }
}

impl Store {
    /// Adds resources, or replaces those with the same id. All or nothing.
    ///
    /// [`StoreError::Full`] when a kind would hold more than it may.
    pub fn put_rows<'a>(
        &self,
        rows: impl IntoIterator<Item = NewRow<'a>>,
    ) -> Result<Put, StoreError> {
        self.change_beside_images(|transaction| {
            let mut done = Put::default();
            put(transaction, rows, &mut done)?;
            Ok(done)
        })
    }

    /// Replaces resources that time has changed, however large their kind becomes.
    pub fn update_rows<'a>(
        &self,
        rows: impl IntoIterator<Item = NewRow<'a>>,
    ) -> Result<(), StoreError> {
        self.change_beside_images(|transaction| {
            let mut writer = RowWriter::new(transaction);
            for row in rows {
                writer.put(&row)?;
            }
            Ok(())
        })
    }

    /// Deletes a resource; tells whether there was one.
    pub fn delete_row(&self, kind: &str, id: &str) -> Result<bool, StoreError> {
        self.change_beside_images(|transaction| {
            let Some(key) = key(transaction, kind, id)? else {
                return Ok(false);
            };
            ROWS.keep(transaction, key)?;
            transaction
                .prepare_cached("DELETE FROM rows WHERE row_key = ?")?
                .execute([key])?;
            Ok(true)
        })
    }

    /// Finds a resource by its kind and id.
    pub fn row(&self, kind: &str, id: &str) -> Result<Option<StoredRow>, StoreError> {
        let rows = select(&self.connection(), "WHERE kind = ? AND id = ?", [kind, id])?;
        Ok(rows.into_iter().next())
    }

    /// Gives all resources of a kind: newest first, then by id, byte for byte.
    pub fn rows(&self, kind: &str) -> Result<Vec<StoredRow>, StoreError> {
        let rest = "WHERE kind = ? ORDER BY created_at_unix_s DESC, id";
        Ok(select(&self.connection(), rest, [kind])?)
    }

    /// Counts the resources of each kind that has any.
    pub fn row_counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let connection = self.connection();
        let mut select =
            connection.prepare_cached("SELECT kind, count(*) FROM rows GROUP BY kind")?;
        let counts = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes the resources of every kind; tells how many there were.
    pub fn clear_rows(&self) -> Result<u64, StoreError> {
        self.change_beside_images(|transaction| {
            Ok(u64::try_from(clear(transaction)?).unwrap_or(u64::MAX))
        })
    }

    /// Gives the resources to which something is yet to happen.
    pub fn row_timelines(&self) -> Result<Vec<StoredRow>, StoreError> {
        Ok(select(
            &self.connection(),
            "WHERE timeline IS NOT NULL",
            [],
        )?)
    }

    /// Notes that a listing contained these resources, with or without a timeline.
    pub fn count_row_listing<'a>(
        &self,
        kind: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), StoreError> {
        self.change_beside_images(|transaction| {
            let mut select = transaction.prepare_cached(
                "SELECT row_key FROM rows
                 WHERE kind = ? AND id = ? AND timeline IS NOT NULL AND n_lists < 0x7FFFFFFF",
            )?;
            let mut update = transaction
                .prepare_cached("UPDATE rows SET n_lists = n_lists + 1 WHERE row_key = ?")?;
            for id in ids {
                let key = select.query_row([kind, id], |row| row.get(0)).optional()?;
                if let Some(key) = key {
                    ROWS.keep(transaction, key)?;
                    update.execute([key])?;
                }
            }
            Ok(())
        })
    }
}

/// Reads rows; `rest` is what follows the table's name.
pub(super) fn select(
    connection: &Connection,
    rest: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<StoredRow>> {
    let columns = StoredRow::COLUMNS;
    let mut select = connection.prepare_cached(&format!("SELECT {columns} FROM rows {rest}"))?;
    select.query_map(values, StoredRow::of)?.collect()
}

/// Puts rows, and refuses what a kind cannot hold once all of them are there.
pub(super) fn put<'a>(
    connection: &Connection,
    rows: impl IntoIterator<Item = NewRow<'a>>,
    put: &mut Put,
) -> Result<(), StoreError> {
    let mut writer = RowWriter::new(connection);
    for row in rows {
        match writer.put(&row)? {
            Existed::No => put.n_added += 1,
            Existed::Yes => put.n_replaced += 1,
        }
    }
    Ok(writer.check()?)
}

/// Deletes every row; tells how many there were.
pub(super) fn clear(connection: &Connection) -> rusqlite::Result<usize> {
    ROWS.keep_all(connection)?;
    connection.execute("DELETE FROM rows", [])
}

fn key(connection: &Connection, kind: &str, id: &str) -> rusqlite::Result<Option<i64>> {
    let mut select =
        connection.prepare_cached("SELECT row_key FROM rows WHERE kind = ? AND id = ?")?;
    select.query_row([kind, id], |row| row.get(0)).optional()
}

/// Whether there was a row of this kind and id before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existed {
    No,
    Yes,
}

/// How much of a kind there is.
#[derive(Debug, Clone, Copy)]
struct Held {
    n_rows: u64,
    /// Of documents and timelines.
    n_bytes: u64,
}

/// The bytes of a row that count, as an expression.
const ROW_BYTES: &str = "octet_length(document) + coalesce(octet_length(timeline), 0)";

impl Held {
    fn of(connection: &Connection, kind: &str) -> rusqlite::Result<Self> {
        let mut select = connection.prepare_cached(&format!(
            "SELECT count(*), coalesce(sum({ROW_BYTES}), 0) FROM rows WHERE kind = ?"
        ))?;
        select.query_row([kind], |row| {
            Ok(Self {
                n_rows: row.get(0)?,
                n_bytes: row.get(1)?,
            })
        })
    }
}

/// Puts rows one by one inside a transaction of its caller, and knows how much each kind holds.
#[derive(Debug)]
pub(super) struct RowWriter<'c> {
    connection: &'c Connection,
    held: HashMap<String, Held>,
}

impl<'c> RowWriter<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            held: HashMap::new(),
        }
    }

    /// Adds a row, or replaces the one of its kind and id.
    pub(super) fn put(&mut self, new: &NewRow<'_>) -> rusqlite::Result<Existed> {
        let connection = self.connection;
        if !self.held.contains_key(new.kind) {
            let held = Held::of(connection, new.kind)?;
            self.held.insert(new.kind.to_owned(), held);
        }
        let mut select = connection.prepare_cached(&format!(
            "SELECT row_key, {ROW_BYTES} FROM rows WHERE kind = ? AND id = ?"
        ))?;
        let old: Option<(i64, u64)> = select
            .query_row([new.kind, &new.row.id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        if let Some((key, _)) = old {
            ROWS.keep(connection, key)?;
        }
        let mut upsert = connection.prepare_cached(
            "INSERT INTO rows (kind, id, region_id, created_at_unix_s, document, timeline,
                 waiting_since_unix_ms, n_lists)
             VALUES (?, ?, ?, ?, ?, ?, ?, 0)
             ON CONFLICT (kind, id) DO UPDATE SET region_id = excluded.region_id,
                 created_at_unix_s = excluded.created_at_unix_s, document = excluded.document,
                 timeline = excluded.timeline,
                 waiting_since_unix_ms = excluded.waiting_since_unix_ms, n_lists = 0",
        )?;
        upsert.execute(params![
            new.kind,
            new.row.id,
            new.row.region_id,
            new.row.created_at.unix_s(),
            new.row.document,
            new.timeline,
            new.waiting_since_unix_ms,
        ])?;
        let n_bytes = new.row.document.len() + new.timeline.as_ref().map_or(0, String::len);
        if let Some(held) = self.held.get_mut(new.kind) {
            held.n_rows += u64::from(old.is_none());
            held.n_bytes -= old.map_or(0, |(_, n_bytes)| n_bytes);
            held.n_bytes += u64::try_from(n_bytes).unwrap_or(u64::MAX);
        }
        Ok(if old.is_some() {
            Existed::Yes
        } else {
            Existed::No
        })
    }

    /// Refuses what a kind cannot hold; to be asked before the transaction ends.
    pub(super) fn check(&self) -> Result<(), KindFull> {
        for (kind, held) in &self.held {
            let kind = || kind.clone();
            if held.n_rows > ROWS_MAX {
                return Err(KindFull::Rows { kind: kind() });
            }
            if held.n_bytes > ROW_BYTES_MAX {
                return Err(KindFull::Bytes { kind: kind() });
            }
        }
        Ok(())
    }
}
