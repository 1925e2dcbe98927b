//! Rows: every kind of resource but custom images, few of each, filtered by the caller.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Params, params};

use crate::base::Timestamp;
use crate::base::limits::{ROW_BYTES_MAX, ROWS_MAX};
use crate::resources::Row;
use crate::store::checkpoints::ROWS;
use crate::store::{KindFull, Pending, Put, Store, StoreError, timelines};

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
    /// What is yet to happen to it.
    pub pending: Pending,
}

impl StoredRow {
    /// The resource as it is put into another store; listings are counted anew.
    pub(crate) fn as_new(&self) -> NewRow<'_> {
        NewRow {
            kind: &self.kind,
            row: &self.row,
            timeline: self.pending.timeline.clone(),
            waiting_since_unix_ms: self.pending.since_unix_ms,
        }
    }
}

impl Store {
    /// Adds resources, or replaces those with the same id. All or nothing.
    ///
    /// [`StoreError::Full`] when a kind would exceed a limit.
    pub fn put_rows<'a>(
        &self,
        rows: impl IntoIterator<Item = NewRow<'a>>,
    ) -> Result<Put, StoreError> {
        self.change_beside_images(|transaction| {
            let writer = put(transaction, rows)?;
            writer.check()?;
            Ok(writer.put)
        })
    }

    /// Deletes a resource; returns whether there was one.
    pub fn delete_row(&self, kind: &str, id: &str) -> Result<bool, StoreError> {
        self.change_beside_images(|transaction| {
            let mut select =
                transaction.prepare_cached("SELECT row_key FROM rows WHERE kind = ? AND id = ?")?;
            let key = select.query_row([kind, id], |row| row.get(0)).optional()?;
            if let Some(key) = key {
                ROWS.delete(transaction, key)?;
            }
            Ok(key.is_some())
        })
    }

    /// Finds a resource by its kind and id.
    pub fn row(&self, kind: &str, id: &str) -> Result<Option<StoredRow>, StoreError> {
        let rows = select(&self.connection(), "WHERE kind = ? AND id = ?", [kind, id])?;
        Ok(rows.into_iter().next())
    }

    /// Returns all resources of a kind: newest first, then by id, byte for byte.
    pub fn rows(&self, kind: &str) -> Result<Vec<StoredRow>, StoreError> {
        let rest = "WHERE kind = ? ORDER BY created_at_unix_s DESC, id";
        Ok(select(&self.connection(), rest, [kind])?)
    }

    /// The timelines of these resources, of those that have one.
    pub(crate) fn row_timelines<'a>(
        &self,
        kind: &str,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<String>, StoreError> {
        let select = "SELECT timeline FROM rows WHERE kind = ? AND id = ? AND timeline IS NOT NULL";
        timelines(&self.connection(), select, ids.map(|id| [kind, id]))
    }

    /// Counts a listing for each of these resources that has a timeline.
    pub fn count_row_listing<'a>(
        &self,
        kind: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), StoreError> {
        self.change_beside_images(|transaction| {
            let rows = ids.into_iter().map(|id| [kind, id]);
            Ok(ROWS.count_listing(transaction, "kind = ? AND id = ?", rows)?)
        })
    }
}

/// The columns that [`select`] reads.
pub(super) const COLUMNS: &str = "kind, id, region_id, created_at_unix_s, document, timeline, \
     waiting_since_unix_ms, n_lists";

/// Reads rows; `rest` is what follows the table's name.
pub(super) fn select(
    connection: &Connection,
    rest: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<StoredRow>> {
    let select = format!("SELECT {COLUMNS} FROM rows {rest}");
    let mut select = connection.prepare_cached(&select)?;
    let rows = select.query_map(values, |row| {
        let created_at: i64 = row.get(3)?;
        Ok(StoredRow {
            kind: row.get(0)?,
            row: Row {
                id: row.get(1)?,
                region_id: row.get(2)?,
                created_at: Timestamp::from_unix_s(created_at)
                    .ok_or(rusqlite::Error::IntegralValueOutOfRange(3, created_at))?,
                document: row.get(4)?,
            },
            pending: Pending::of(row, 5)?,
        })
    })?;
    rows.collect()
}

/// Puts rows; the writer has counted them, and checks the limits.
pub(super) fn put<'c, 'a>(
    connection: &'c Connection,
    rows: impl IntoIterator<Item = NewRow<'a>>,
) -> rusqlite::Result<RowWriter<'c>> {
    let mut writer = RowWriter::new(connection);
    for row in rows {
        writer.add(&row)?;
    }
    Ok(writer)
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
    /// What it did.
    pub(super) put: Put,
    held: HashMap<String, Held>,
}

impl<'c> RowWriter<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            put: Put::default(),
            held: HashMap::new(),
        }
    }

    /// Adds a row, or replaces the one of its kind and id.
    pub(super) fn add(&mut self, new: &NewRow<'_>) -> rusqlite::Result<()> {
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
        match old {
            None => self.put.n_added += 1,
            Some((key, _)) => {
                self.put.n_replaced += 1;
                ROWS.keep(connection, key)?;
            }
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
        Ok(())
    }

    /// Rejects what a kind cannot hold; to be called before the transaction ends.
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
