//! One connection to SQLite, always configured the same way.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::base::limits::PAGE_CACHE_KIB;
use crate::store::Durability;

/// Statements kept compiled for each connection; more than the filters in common use combine to.
const STATEMENTS_CACHED_MAX: usize = 64;

/// Where a database lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In memory; deleted when its store is dropped.
    Memory,
    /// In a file that no other process may open.
    File(Durability),
}

/// Opens a database in memory, empty and without a schema.
pub(super) fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    configure(&connection, Place::Memory)?;
    Ok(connection)
}

/// Configures a connection. Nothing else sets what a connection does.
pub(super) fn configure(connection: &Connection, place: Place) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
    // A statement is compiled once for all values. Otherwise each new value of a `LIMIT` compiles
    // it again, which takes longer than running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A container has no folder for temporary files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if let Place::File(durability) = place {
        // Set at every open: a process that was killed while it seeded leaves another mode.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", durability.pragma())?;
        // A negative number is a size in KiB; a positive one is a number of pages.
        connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
    }
    Ok(())
}

/// Configures the connection to a file for a seed: a larger cache, and a journal that does not
/// write every page twice. [`configure`] takes it back.
pub(super) fn configure_for_seeding(connection: &Connection) -> rusqlite::Result<()> {
    /// Memory for pages meanwhile, as the pragma takes it.
    const CACHE_KIB: i64 = -16 << 10;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    // With this journal, anything less may damage the file when power is lost.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)
}
