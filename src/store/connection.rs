//! Connections to one SQLite database, always configured the same way.

use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use uuid::Uuid;

use crate::base::limits::PAGE_CACHE_KIB;
use crate::store::Durability;

/// Statements kept compiled for each connection; more than the filters in common use combine to.
const STATEMENTS_CACHED_MAX: usize = 64;

/// Where a database lives; any number of connections of this process may open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In memory, under a name of its own; deleted with its last connection.
    Memory(Uuid),
    /// In a file that no other process may open.
    File(PathBuf, Durability),
}

impl Place {
    /// A database in memory that does not exist yet.
    pub(super) fn new_in_memory() -> Self {
        Self::Memory(Uuid::new_v4())
    }

    /// Opens a connection; a database that does not exist is made, empty and without a schema.
    pub(super) fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = self.open()?;
        self.configure(&connection)?;
        Ok(connection)
    }

    /// Opens a connection that is not configured yet.
    pub(super) fn open(&self) -> rusqlite::Result<Connection> {
        match self {
            // Each connection to `:memory:` would have a database of its own.
            Self::Memory(_) => Connection::open(self.name()),
            Self::File(path, _) => open_file(path),
        }
    }

    /// The name under which SQLite opens it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Memory(name) => format!("file:/{name}?vfs=memdb"),
            Self::File(path, _) => path.display().to_string(),
        }
    }

    /// Configures a connection. Nothing else sets what a connection does.
    pub(super) fn configure(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
        // A statement is compiled once for all values. Otherwise each new value of a `LIMIT`
        // compiles it again, which takes longer than running it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // A container has no folder for temporary files.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        if let Self::File(_, durability) = self {
            // Set at every open: a process that was killed while it seeded leaves another mode.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", durability.pragma())?;
            // A negative number is a size in KiB; a positive one is a number of pages.
            connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
        }
        Ok(())
    }
}

/// Opens a file so that other processes cannot, and that connections of this process share the
/// index of its write-ahead log in memory. Nobody else may change the data: what is cached would be
/// wrong without a sign.
#[cfg(unix)]
fn open_file(path: &PathBuf) -> rusqlite::Result<Connection> {
    Connection::open_with_flags_and_vfs(path, OpenFlags::default(), "unix-excl")
}

#[cfg(not(unix))]
fn open_file(path: &PathBuf) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::default())
}

/// Configures the only connection to a file for its first seed: a larger cache, and a journal that
/// does not write every page twice. [`Place::configure`] takes it back.
pub(super) fn configure_for_seeding(connection: &Connection) -> rusqlite::Result<()> {
    /// Memory for pages meanwhile, as the pragma takes it.
    const CACHE_KIB: i64 = -16 << 10;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    // With this journal, anything less may damage the file when power is lost.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)
}
