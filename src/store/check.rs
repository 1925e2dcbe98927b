//! What is looked at before a database file is used, while nothing in it has been changed.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use crate::base::limits::CHECKED_BYTES_MAX;
use crate::store::StoreError;

/// Looks at a file that was just opened, and refuses one that is damaged.
///
/// Until [`accept`], closing the connection leaves the file and its log as they are.
pub(super) fn refuse_damaged(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match problem(connection) {
        Ok(None) => Ok(()),
        Ok(Some(problem)) => Err(damaged(path, problem)),
        Err(error) if is_damage(&error) => Err(damaged(path, error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Leaves the files as they are when the connection is closed, whatever was read of them.
pub(super) fn leave_as_it_is(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

/// From now on, closing the connection brings its log into the file.
pub(super) fn accept(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Tells whether a failure comes from what is in the file.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}

pub(super) fn damaged(path: &Path, problem: String) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        problem,
    }
}

/// What is wrong with the pages or the documents of a small file; a large one takes too long.
fn problem(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    if number("page_count")? * number("page_size")? > CHECKED_BYTES_MAX {
        return Ok(None);
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    // It begins with a line about which database it is.
    let problem = found.lines().last().unwrap_or_default();
    if problem != "ok" {
        return Ok(Some(problem.to_owned()));
    }
    // Answers have documents as they are, so one that is no JSON would spoil them.
    for table in tables_with_documents(connection)? {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE NOT json_valid(document))");
        if connection.query_row(&sql, [], |row| row.get(0))? {
            return Ok(Some(format!("a document in {table} is no JSON")));
        }
    }
    Ok(None)
}

/// The tables that have documents, whatever schema the file has.
fn tables_with_documents(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare(
        "SELECT tables.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND columns.name = 'document'",
    )?;
    select.query_map([], |row| row.get(0))?.collect()
}
