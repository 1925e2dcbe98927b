//! Opening a database: ours alone, and at the latest schema.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use rusqlite::{Connection, ErrorCode};
use rusqlite_migration::{M, Migrations};

use crate::store::check;
use crate::store::connection::Place;
use crate::store::images::facets;
use crate::store::{Durability, ListingCache, Store, StoreError};

/// What `PRAGMA application_id` says in our files: `SWAS` in ASCII. The first migration sets it.
const APPLICATION_ID: i64 = 0x5357_4153;

/// Every schema change, oldest first; a released one is never edited.
static MIGRATIONS: LazyLock<[M<'static>; 4]> = LazyLock::new(|| {
    let facets = include_str!("../../migrations/0002_facets.sql");
    [
        M::up(include_str!("../../migrations/0001_images.sql")),
        M::up_with_hook(facets, |transaction| Ok(facets::fill(transaction)?)),
        M::up(include_str!("../../migrations/0003_checkpoints.sql")),
        M::up(include_str!("../../migrations/0004_rows.sql")),
    ]
});

/// The lock beside a database file, released when it is dropped or the process ends.
///
/// A file of its own: closing a second handle on the database itself would drop SQLite's locks.
#[derive(Debug)]
pub(super) struct FileLock(File);

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started has a copy of the handle.
        self.0.unlock().ok();
    }
}

impl Store {
    /// Makes an empty store in memory.
    pub fn in_memory(cache: &Arc<ListingCache>) -> Result<Self, StoreError> {
        let place = Place::new_in_memory();
        let mut connection = place.connect()?;
        migrate(&mut connection, Path::new(":memory:"))?;
        Ok(Self::over(connection, place, None, cache)?)
    }

    /// Opens a database file, or makes it, and brings its schema up to date.
    pub fn open(path: &Path, cache: &Arc<ListingCache>) -> Result<Self, StoreError> {
        Self::open_with(path, Durability::default(), cache)
    }

    /// Opens a database file, or makes it, whose changes reach the disk when `durability` says.
    pub(crate) fn open_with(
        path: &Path,
        durability: Durability,
        cache: &Arc<ListingCache>,
    ) -> Result<Self, StoreError> {
        // Before anything else: reading a file that another store of this process has open would
        // drop that store's locks when the file is closed.
        let lock = lock(path)?;
        refuse_no_database(path)?;
        let place = Place::File(path.to_owned(), durability);
        let mut connection = place.open().map_err(|source| open_error(path, source))?;
        check::leave_as_it_is(&connection)?;
        refuse_foreign(&connection, path)?;
        check::refuse_damaged(&connection, path)?;
        let configured = place.configure(&connection);
        configured.map_err(|source| open_error(path, source))?;
        migrate(&mut connection, path)?;
        check::accept(&connection)?;
        Ok(Self::over(connection, place, Some(Arc::new(lock)), cache)?)
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    match Migrations::from_slice(&*MIGRATIONS).to_latest(connection) {
        Ok(()) => Ok(()),
        Err(rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        )) => Err(StoreError::Newer {
            path: path.to_owned(),
            found: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
            known: MIGRATIONS.len(),
        }),
        // The statement itself is long, and says nothing to a user.
        Err(rusqlite_migration::Error::RusqliteError { err, .. }) => Err(open_error(path, err)),
        Err(error) => Err(StoreError::Migration(error)),
    }
}

fn lock(path: &Path) -> Result<FileLock, StoreError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push("-lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(lock_path))
        .map_err(|source| open_error(path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(open_error(path, source)),
    }
}

/// Refuses a file that is no database; SQLite would take a short one for an empty database.
fn refuse_no_database(path: &Path) -> Result<(), StoreError> {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let mut head = Vec::new();
    let file = File::open(path);
    match file.and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut head)) {
        Ok(_) if head.is_empty() || head == MAGIC => Ok(()),
        Ok(_) => Err(foreign(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(open_error(path, source)),
    }
}

/// Refuses a file that holds something, but nothing of ours.
fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let read = || -> rusqlite::Result<(i64, i64)> {
        let id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let n_objects =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((id, n_objects))
    };
    match read() {
        Ok((APPLICATION_ID, _) | (0, 0)) => Ok(()),
        Err(error) if check::is_damage(&error) => Err(check::damaged(path, error.to_string())),
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::NotADatabase) => {
            Err(open_error(path, error))
        }
        Ok(_) | Err(_) => Err(foreign(path)),
    }
}

fn foreign(path: &Path) -> StoreError {
    StoreError::Foreign {
        path: path.to_owned(),
    }
}

fn open_error(path: &Path, source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Open {
        path: path.to_owned(),
        source: Box::new(source),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test should panic")]

    use std::os::unix::fs::MetadataExt as _;

    use rusqlite::{StatementStatus, params};

    use super::*;
    use crate::base::Timestamp;
    use crate::store::{OldCheckpoints, Seeding};

    /// The locks that this process holds on a file by `fcntl`, as SQLite takes them.
    fn n_locks(path: &Path) -> usize {
        let inode = format!(":{} ", std::fs::metadata(path).unwrap().ino());
        let locks = std::fs::read_to_string("/proc/locks").unwrap();
        let own = format!(" {} ", std::process::id());
        let is_own = |line: &&str| line.contains("POSIX") && line.contains(&own);
        locks
            .lines()
            .filter(is_own)
            .filter(|line| line.contains(&inode))
            .count()
    }

    #[test]
    fn a_second_store_on_the_file_is_refused_and_leaves_the_first_ones_locks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images.db");
        let first = Store::open(&path, &Arc::default()).unwrap();
        assert!(first.seeded_at().unwrap().is_none());
        let n_before = n_locks(&path);
        assert!(n_before > 0);
        assert!(matches!(
            Store::open(&path, &Arc::default()),
            Err(StoreError::InUse { .. })
        ));
        assert_eq!(n_locks(&path), n_before);
    }

    #[test]
    fn an_open_file_needs_no_lock_for_a_statement() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images.db");
        let seeded = Store::open(&path, &Arc::default()).unwrap();
        let at = Timestamp::from_unix_s(0).unwrap();
        let nothing = |_: &mut Seeding<'_>| Ok::<(), StoreError>(());
        seeded.seed(at, OldCheckpoints::Delete, nothing).unwrap();
        drop(seeded);
        // The file is in WAL mode now. An index beside it would be one to share, under locks.
        let store = Store::open(&path, &Arc::default()).unwrap();
        assert!(store.seeded_at().unwrap().is_some());
        assert!(!folder.path().join("images.db-shm").exists());
    }

    #[test]
    fn a_file_that_was_left_without_wal_gets_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images.db");
        drop(Store::open(&path, &Arc::default()).unwrap());
        // What a kill near the end of a seed leaves.
        let connection = Connection::open(&path).unwrap();
        connection
            .pragma_update(None, "journal_mode", "DELETE")
            .unwrap();
        drop(connection);
        let store = Store::open(&path, &Arc::default()).unwrap();
        assert_eq!(setting(&store, "journal_mode"), "Text(\"wal\")");
    }

    fn setting(store: &Store, name: &str) -> String {
        let connection = store.connection();
        let value = connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        format!("{:?}", value.unwrap())
    }

    /// Every way to a store, and a copy of each.
    fn stores(folder: &Path) -> Vec<Store> {
        let file = Store::open(&folder.join("images.db"), &Arc::default()).unwrap();
        let memory = Store::in_memory(&Arc::default()).unwrap();
        vec![file.copy().unwrap(), memory.copy().unwrap(), file, memory]
    }

    #[test]
    fn every_store_is_configured_alike() {
        let folder = tempfile::tempdir().unwrap();
        for store in stores(folder.path()) {
            assert_eq!(setting(&store, "temp_store"), "Integer(2)");
            assert_eq!(setting(&store, "foreign_keys"), "Integer(1)");
        }
    }

    #[test]
    fn a_statement_is_compiled_once_for_all_values() {
        let folder = tempfile::tempdir().unwrap();
        for store in stores(folder.path()) {
            let connection = store.connection();
            let mut select = connection
                .prepare("SELECT image_key FROM images WHERE name = ? LIMIT ?")
                .unwrap();
            for limit in 1..9 {
                assert!(!select.exists(params!["web", limit]).unwrap());
            }
            assert_eq!(select.get_status(StatementStatus::RePrepare), 0);
        }
    }
}
