//! Images in SQLite: the only place that knows SQL.

mod cache;
mod checkpoint;
mod error;
mod facets;
mod list;
mod lookup;
mod open;
mod plan;
mod seed;
mod write;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};

use cache::Generation;
pub use cache::ListingCache;
pub(crate) use checkpoint::SEED;
pub use error::StoreError;
pub(crate) use list::Listing;
use open::FileLock;
pub use seed::{Filling, OldCheckpoints};
pub(crate) use write::{ALL, NewImage, Put, StoredImage};

/// The images of one sandbox, in one SQLite database.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    kind: StoreKind,
    cache: Arc<ListingCache>,
    /// The number of the data as it is; written by whoever holds the connection.
    generation: AtomicU64,
}

/// Where a store lives.
#[derive(Debug)]
enum StoreKind {
    /// In memory, gone when the store is dropped.
    Memory,
    /// In a file that no other process may open.
    File {
        /// Held as long as the store lives.
        _lock: FileLock,
    },
}

impl Store {
    fn over(connection: Connection, kind: StoreKind, cache: &Arc<ListingCache>) -> Self {
        Self {
            connection: Mutex::new(connection),
            kind,
            generation: AtomicU64::new(cache.next_generation().0),
            cache: Arc::clone(cache),
        }
    }

    /// The cache of this store, which others use too.
    pub fn cache(&self) -> &Arc<ListingCache> {
        &self.cache
    }

    /// The connection, for one statement or one transaction.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held has rolled its transaction back on the way out.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    /// Changes the data in one transaction, all or nothing; what was found before counts no more.
    fn change<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(StoreError::from)?;
        let changed = change(&transaction)?;
        let committed = transaction.commit();
        self.generation
            .store(self.cache.next_generation().0, Ordering::Release);
        committed.map_err(StoreError::from)?;
        Ok(changed)
    }
}
