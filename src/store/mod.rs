//! Images in SQLite: the only place that knows SQL.

mod error;
mod list;
mod open;
mod snapshot;
mod write;

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use error::StoreError;
pub use list::{ListedImage, Listing};
use open::FileLock;
pub use snapshot::{Filling, SEED};
pub use write::{ALL, NewImage, Put, StoredImage};

/// The images of one sandbox, in one SQLite database.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    kind: StoreKind,
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
    /// The connection, for one statement or one transaction.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held has rolled its transaction back on the way out.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
