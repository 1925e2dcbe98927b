//! What must hold for every file, whatever happened to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::changes::State;
use crate::support::{Process, encode};

/// What SQLite keeps beside a file.
const BESIDE: [&str; 3] = ["", "-wal", "-journal"];

/// The files of a database, each with its bytes.
pub(super) fn files(file: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = BESIDE.map(|more| PathBuf::from(format!("{}{more}", file.display())));
    let bytes = |path: PathBuf| fs::read(&path).map(|bytes| (path, bytes)).ok();
    paths.into_iter().filter_map(bytes).collect()
}

/// Copies a database with all that belongs to it into a folder; gives the copy.
pub(super) fn copy(file: &Path, folder: &Path) -> PathBuf {
    for (path, bytes) in files(file) {
        fs::write(folder.join(path.file_name().unwrap()), bytes).unwrap();
    }
    folder.join(file.file_name().unwrap())
}

/// Asserts that SQLite finds nothing wrong, and that WAL is on.
///
/// On a copy: looking at a file would put it in order.
pub(super) fn assert_sound(file: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(copy(file, folder.path())).unwrap();
    let pragma = |name: &str| -> Vec<String> {
        let mut select = connection.prepare(&format!("PRAGMA {name}")).unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(pragma("integrity_check"), ["ok"]);
    assert_eq!(pragma("foreign_key_check"), [""; 0]);
    assert_eq!(pragma("journal_mode"), ["wal"]);
}

/// Asserts that the counts that the file keeps agree with its images; gives what it holds.
pub(super) fn counted(process: &Process) -> State {
    let state = State::of(process);
    let mut filters: BTreeMap<String, usize> = BTreeMap::new();
    for image in state.images.values() {
        let text = |name: &str| encode(image[name].as_str().unwrap_or_default());
        let mut count = |filter: String| *filters.entry(filter).or_default() += 1;
        let region = format!("RegionId={}", text("RegionId"));
        count(region.clone());
        count(format!("{region}&Share={}", image["InShareUser"]));
        if !image["InstanceId"].is_null() {
            count(format!("{region}&InstanceId={}", text("InstanceId")));
        }
        let tags = image["Tags"].as_array().unwrap().iter();
        for tag in tags {
            let text = |name: &str| encode(tag[name].as_str().unwrap_or_default());
            let (key, value) = (text("Key"), text("Value"));
            count(format!("{region}&Tag.1.Key={key}&Tag.1.Value={value}"));
        }
    }
    let mut raw = process.raw();
    for (filter, n_images) in filters {
        let query = format!("Action=ListCustomImages&Version=2020-06-01&{filter}");
        let total = raw.get(&query).field("TotalCount");
        assert_eq!(total, n_images.to_string(), "{filter}");
    }
    state
}

/// The names of the images that a file holds, each once.
pub(super) fn names(state: &State) -> Vec<&str> {
    let mut names: Vec<&str> = state
        .images
        .values()
        .filter_map(|image| image["Name"].as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
