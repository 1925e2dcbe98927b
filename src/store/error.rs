//! What can go wrong in the store.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::base::limits::{ROW_BYTES_MAX, ROWS_MAX};

/// A store failure; its text is for the log and the command line, never for an API client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or created.
    #[error("cannot open database file `{path}`; its folder must exist and be writable")]
    Open {
        /// The file as named by the user.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is no database, or another program's.
    #[error(
        "`{path}` is not a database of swas-emulator; name another file, or one that does not exist yet"
    )]
    Foreign {
        /// The file as named by the user.
        path: PathBuf,
    },
    /// What the file holds makes no sense.
    #[error(
        "database `{path}` is damaged ({problem}) and was left as it is; save it with `sqlite3 \
         {path} .recover`, or name another file"
    )]
    Damaged {
        /// The file as named by the user.
        path: PathBuf,
        /// What SQLite found first.
        problem: String,
    },
    /// A newer version of the emulator wrote the file.
    #[error(
        "database `{path}` was written by a newer version of swas-emulator (schema {found}, this \
         version knows {known}); use that version, or another file"
    )]
    Newer {
        /// The file as named by the user.
        path: PathBuf,
        /// The schema version found in the file.
        found: usize,
        /// The latest schema version that this version knows.
        known: usize,
    },
    /// Another process has the file open.
    #[error("database `{path}` is in use by another process; stop it, or name another file")]
    InUse {
        /// The file as named by the user.
        path: PathBuf,
    },
    /// The schema cannot be brought up to date.
    #[error("cannot apply the migrations")]
    Migration(#[source] rusqlite_migration::Error),
    /// A kind would exceed a limit.
    #[error(transparent)]
    Full(#[from] KindFull),
    /// It takes longer than a thread that serves connections may work in one piece.
    #[error("this takes too long here")]
    TooLong,
    /// A statement failed.
    #[error("a database statement failed")]
    Statement(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // Only the time limit interrupts a statement.
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            return Self::TooLong;
        }
        Self::Statement(error)
    }
}

/// A kind would exceed a limit; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindFull {
    /// Too many resources.
    #[error("`{kind}` holds at most {ROWS_MAX} resources, and this would be more")]
    Rows {
        /// The name of the kind's list.
        kind: String,
    },
    /// Too large resources.
    #[error("`{kind}` holds at most {ROW_BYTES_MAX} bytes of JSON, and this would be more")]
    Bytes {
        /// The name of the kind's list.
        kind: String,
    },
}
