//! Resources in SQLite: the only place that knows SQL.
//!
//! Custom images are the one large, indexed kind; every other kind is kept as rows.
#![allow(
    clippy::missing_errors_doc,
    reason = "only tests and benches see these functions from outside"
)]

mod check;
mod checkpoints;
mod connection;
mod contents;
mod durability;
mod error;
mod generation;
mod images;
mod kept;
mod open;
mod rows;
mod seed;
mod time_limit;
mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Params, Transaction};

use crate::base::Effort;
use crate::base::limits::BRIEF_TIME_MAX;

use checkpoints::ROWS;
pub(crate) use checkpoints::SEED;
use connection::Place;
pub use contents::Contents;
pub use durability::Durability;
pub use error::{KindFull, StoreError};
use generation::Generation;
use images::ImagePutter;
pub use images::ListingCache;
pub(crate) use images::{Listing, NewImage, StoredImage};
pub(crate) use kept::KeptState;
use open::FileLock;
use rows::RowWriter;
pub use rows::{NewRow, StoredRow};
pub use seed::{OldCheckpoints, Seeding};
use time_limit::{Limited, TimeLimit};
pub(crate) use view::View;

/// The resources of one sandbox, in one SQLite database.
///
/// Reads have one connection and never wait for a change of a file, which has a connection of its
/// own. What reads for long opens another one: a `View`.
#[derive(Debug)]
pub struct Store {
    /// For reads, and for the changes of a store in memory.
    connection: Mutex<Connection>,
    /// For the changes of a file; opened by the first one.
    writer: Mutex<Option<Connection>>,
    place: Place,
    /// Of a file; held as long as the store lives.
    lock: Option<Arc<FileLock>>,
    cache: Arc<ListingCache>,
    /// The number of the images as they are.
    generation: Arc<Generation>,
    time_limit: TimeLimit,
}

/// What a put did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Put {
    /// Resources that were new.
    pub n_added: u64,
    /// Resources that replaced one with the same id.
    pub n_replaced: u64,
}

/// Puts resources one by one.
#[derive(Debug)]
pub(crate) struct Putter<'c> {
    images: ImagePutter<'c>,
    rows: RowWriter<'c>,
}

impl Putter<'_> {
    pub(crate) fn add_image(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
        self.images.add(image)
    }

    pub(crate) fn add_row(&mut self, row: &NewRow<'_>) -> Result<(), StoreError> {
        Ok(self.rows.add(row)?)
    }

    fn finish(self) -> Result<Put, StoreError> {
        let images = self.images.finish()?;
        self.rows.check()?;
        let rows = self.rows.put;
        Ok(Put {
            n_added: images.n_added + rows.n_added,
            n_replaced: images.n_replaced + rows.n_replaced,
        })
    }
}

/// What is yet to happen to a stored resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The steps, as JSON.
    pub timeline: Option<String>,
    /// Since when the first step waits, in milliseconds since 1970-01-01T00:00:00Z.
    pub since_unix_ms: i64,
    /// Listings that contained the resource since then.
    pub n_lists: u32,
}

impl Pending {
    /// The columns that [`Self::of`] reads, in its order.
    const COLUMNS: &'static str = "timeline, waiting_since_unix_ms, n_lists";

    /// Reads three columns, from this one on.
    fn of(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            timeline: row.get(column)?,
            since_unix_ms: row.get(column + 1)?,
            n_lists: row.get(column + 2)?,
        })
    }
}

impl Store {
    fn over(
        connection: Connection,
        place: Place,
        lock: Option<Arc<FileLock>>,
        cache: &Arc<ListingCache>,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            time_limit: TimeLimit::of(&connection)?,
            connection: Mutex::new(connection),
            writer: Mutex::default(),
            place,
            lock,
            generation: Arc::new(Generation::new(cache.next_generation())),
            cache: Arc::clone(cache),
        })
    }

    /// The cache of this store, which other stores share.
    pub(crate) fn cache(&self) -> &Arc<ListingCache> {
        &self.cache
    }

    /// Tells whether the store is a file.
    pub(crate) fn is_in_file(&self) -> bool {
        matches!(self.place, Place::File(..))
    }

    /// The size of the database, in bytes.
    pub(crate) fn n_bytes(&self) -> Result<u64, StoreError> {
        let connection = self.connection();
        let n_pages: u64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let page_bytes: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        Ok(n_pages * page_bytes)
    }

    /// Tells whether anything is yet to happen to a resource.
    pub(crate) fn has_timelines(&self) -> Result<bool, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM images WHERE timeline IS NOT NULL)
                 OR EXISTS (SELECT 1 FROM rows WHERE timeline IS NOT NULL)",
        )?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// Starts every timeline again: its first step waits from this moment on.
    pub(crate) fn start_timelines(&self, now_unix_ms: i64) -> Result<(), StoreError> {
        self.change(|transaction| Ok(start_timelines(transaction, now_unix_ms)?))
    }

    /// Adds resources one by one, or replaces those with the same id. All or nothing.
    ///
    /// [`StoreError::Full`] when a kind would exceed a limit.
    pub(crate) fn put_each<E: From<StoreError>>(
        &self,
        put: impl FnOnce(&mut Putter<'_>) -> Result<(), E>,
    ) -> Result<Put, E> {
        self.change(|transaction| {
            let mut putter = Putter {
                images: ImagePutter::new(transaction),
                rows: RowWriter::new(transaction),
            };
            put(&mut putter)?;
            Ok(putter.finish()?)
        })
    }

    /// Replaces images and rows that time has changed, however large their kind becomes.
    pub(crate) fn update_all<'a>(
        &self,
        images: impl IntoIterator<Item = NewImage<'a>>,
        rows: impl IntoIterator<Item = NewRow<'a>>,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            images::put(transaction, images)?;
            rows::put(transaction, rows)?;
            Ok(())
        })
    }

    /// Deletes everything but the checkpoints.
    pub(crate) fn clear_all(&self) -> Result<(), StoreError> {
        self.change(|transaction| Ok(clear_all(transaction)?))
    }

    /// The connection for reads: for a few statements.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held rolled its transaction back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes images in one transaction, all or nothing; what was cached before is not found again.
    fn change<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write(|connection| {
            let transaction = connection.transaction().map_err(StoreError::from)?;
            let changed = change(&transaction)?;
            self.generation
                .replace(&self.cache, || transaction.commit())
                .map_err(StoreError::from)?;
            Ok(changed)
        })
    }

    /// Changes rows or checkpoints in one transaction, all or nothing; no image may change.
    fn change_beside_images<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write(|connection| {
            let transaction = connection.transaction()?;
            let changed = change(&transaction)?;
            transaction.commit()?;
            Ok(changed)
        })
    }

    /// Hands out the connection for changes.
    fn write<T, E: From<StoreError>>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        if !self.is_in_file() {
            return write(&mut self.connection());
        }
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection = match writer.take() {
            Some(connection) => connection,
            None => self.place.connect().map_err(StoreError::from)?,
        };
        let _changing = self.generation.changing();
        // Whoever reads now may have begun without a transaction; see `read`.
        drop(self.connection());
        let written = write(&mut connection);
        *writer = Some(connection);
        written
    }

    /// Interrupts the statements of a brief effort when they take too long; for whoever holds the
    /// connection.
    fn limit(&self, effort: Effort) -> Option<Limited<'_>> {
        (effort == Effort::Brief).then(|| self.time_limit.set(BRIEF_TIME_MAX))
    }

    /// Reads one state of the data, by several statements.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let connection = self.connection();
        if self.generation.is_changing() {
            // Ends without an effect when it is dropped.
            let transaction = connection.unchecked_transaction()?;
            return read(&transaction);
        }
        // Nothing can change while the connection is held.
        read(&connection)
    }
}

/// The timelines that a statement finds, each by its own values.
fn timelines<P: Params>(
    connection: &Connection,
    select: &str,
    values: impl Iterator<Item = P>,
) -> Result<Vec<String>, StoreError> {
    let mut select = connection.prepare_cached(select)?;
    let mut timelines = Vec::new();
    for values in values {
        timelines.extend(select.query_row(values, |row| row.get(0)).optional()?);
    }
    Ok(timelines)
}

fn start_timelines(connection: &Connection, now_unix_ms: i64) -> rusqlite::Result<()> {
    for table in ["images", "rows"] {
        connection.execute(
            &format!("UPDATE {table} SET waiting_since_unix_ms = ? WHERE timeline IS NOT NULL"),
            [now_unix_ms],
        )?;
    }
    Ok(())
}

fn clear_all(connection: &Connection) -> rusqlite::Result<()> {
    images::clear(connection)?;
    ROWS.clear(connection)?;
    Ok(())
}
