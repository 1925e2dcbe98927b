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
mod durability;
mod error;
mod images;
mod open;
mod rows;
mod seed;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};

use checkpoints::ROWS;
pub(crate) use checkpoints::SEED;
use connection::Place;
pub use durability::Durability;
pub use error::{KindFull, StoreError};
pub use images::ListingCache;
pub(crate) use images::{Listing, NewImage, StoredImage};
use open::FileLock;
pub use rows::{NewRow, StoredRow};
pub use seed::{OldCheckpoints, Seeding};

/// The resources of one sandbox, in one SQLite database.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    place: Place,
    /// Of a file; held as long as the store lives.
    _lock: Option<FileLock>,
    cache: Arc<ListingCache>,
    /// The number of the images as they are; written by whoever holds the connection.
    generation: AtomicU64,
}

/// What a put did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Put {
    /// Resources that were new.
    pub n_added: u64,
    /// Resources that replaced one with the same id.
    pub n_replaced: u64,
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

/// Resources of a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The custom images.
    pub images: Vec<StoredImage>,
    /// The resources of every other kind.
    pub rows: Vec<StoredRow>,
}

impl Store {
    fn over(
        connection: Connection,
        place: Place,
        lock: Option<FileLock>,
        cache: &Arc<ListingCache>,
    ) -> Self {
        Self {
            connection: Mutex::new(connection),
            place,
            _lock: lock,
            generation: AtomicU64::new(cache.next_generation()),
            cache: Arc::clone(cache),
        }
    }

    /// The cache of this store, which other stores share.
    pub(crate) fn cache(&self) -> &Arc<ListingCache> {
        &self.cache
    }

    /// Tells whether the store is a file.
    pub(crate) fn is_in_file(&self) -> bool {
        matches!(self.place, Place::File(_))
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

    /// Adds images and rows, or replaces those with the same id. All or nothing.
    ///
    /// [`StoreError::Full`] when a kind would exceed a limit.
    pub(crate) fn put_all<'a>(
        &self,
        images: impl IntoIterator<Item = NewImage<'a>>,
        rows: impl IntoIterator<Item = NewRow<'a>>,
    ) -> Result<Put, StoreError> {
        self.change(|transaction| {
            let images = images::put(transaction, images)?;
            let rows = rows::put(transaction, rows)?;
            rows.check()?;
            Ok(Put {
                n_added: images.n_added + rows.put.n_added,
                n_replaced: images.n_replaced + rows.put.n_replaced,
            })
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

    /// Returns the resources to which something is yet to happen.
    pub(crate) fn timelines(&self) -> Result<Contents, StoreError> {
        const PENDING: &str = "WHERE timeline IS NOT NULL";
        let connection = self.connection();
        Ok(Contents {
            images: images::select(&connection, PENDING, [])?,
            rows: rows::select(&connection, PENDING, [])?,
        })
    }

    /// Returns everything by id, from one state of the data.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        let connection = self.connection();
        Ok(Contents {
            images: images::select(&connection, "ORDER BY image_id", [])?,
            rows: rows::select(&connection, "ORDER BY id", [])?,
        })
    }

    /// Deletes everything but the checkpoints.
    pub(crate) fn clear_all(&self) -> Result<(), StoreError> {
        self.change(|transaction| Ok(clear_all(transaction)?))
    }

    /// The connection, for one statement or one transaction.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held rolled its transaction back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Changes images in one transaction, all or nothing; what was cached before is not found again.
    fn change<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(StoreError::from)?;
        let changed = change(&transaction)?;
        let committed = transaction.commit();
        self.generation
            .store(self.cache.next_generation(), Ordering::Release);
        committed.map_err(StoreError::from)?;
        Ok(changed)
    }

    /// Changes rows or checkpoints in one transaction, all or nothing; no image may change.
    fn change_beside_images<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let changed = change(&transaction)?;
        transaction.commit()?;
        Ok(changed)
    }
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
