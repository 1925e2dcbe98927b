//! The bytes of a database file: opened or refused, read, changed, and opened again.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::{Corpus, fuzz_target};
use swas_emulator::internals::{
    ListCustomImagesRequest, ListingCache, Params, Regions, Store, Timestamp,
};
use tempfile::TempDir;

/// In memory, so that no disk is waited for.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir_in("/dev/shm").unwrap());

fuzz_target!(|input: &[u8]| -> Corpus {
    let path = FOLDER.path().join("f.db");
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.clone().into_os_string();
        file.push(end);
        fs::remove_file(PathBuf::from(file)).ok();
    }
    fs::write(&path, input).unwrap();
    if !visit(&path) {
        return Corpus::Reject;
    }
    // What it has written can be opened again, or is refused again.
    visit(&path);
    Corpus::Keep
});

/// Opens the file and does to it what an emulator does; any failure is an answer, and no panic is.
fn visit(path: &std::path::Path) -> bool {
    let cache = Arc::new(ListingCache::new(1 << 20));
    let Ok(store) = Store::open(path, &cache) else {
        return false;
    };
    store.seeded_at().ok();
    store.counts().ok();
    store.contents().ok();
    for query in [
        "",
        "&ImageIds=m-1",
        "&ImageNames=web,Api",
        "&Tag.1.Key=env",
        "&InstanceId=i-1&Share=true",
    ] {
        let query = format!("RegionId=cn-hangzhou{query}");
        let params = Params::parse(query.as_bytes(), b"").unwrap();
        let request = ListCustomImagesRequest::parse(&params, &Regions::default()).unwrap();
        store.count(&request.filter).ok();
        store.list(&request.filter, 0, 10).ok();
    }
    let now = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    store.delete("m-1").ok();
    store.take_checkpoint("c", now).ok();
    store.restore_checkpoint("seed", 0).ok();
    store.restore_checkpoint("c", 0).ok();
    store.contents().ok();
    true
}
