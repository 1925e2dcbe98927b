//! The process is killed while it opens, seeds, seeds again, or brings an old file up to date.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use rusqlite::Connection;
use serde_json::{Value, json};
use swas_emulator::internals::Store;
use tempfile::TempDir;

use super::changes::whole;
use super::check::{assert_sound, counted, names};
use super::{chance, rounds};
use crate::support::{Process, binary, fixture, image};

/// Images of a seed: more than a page, fewer than take long.
const N_IMAGES: usize = 150;

/// What a process is killed in.
#[derive(Debug, Clone, Copy)]
enum Start {
    /// A new file is seeded with `a`.
    FirstSeed,
    /// A file that was seeded with `a`, changed and left in the middle is seeded with `b`.
    Reseed,
    /// Such a file is opened.
    Reopen,
    /// A file of the first schema is brought up to date.
    Migration,
}

impl Start {
    /// The names that all images of a file may have afterwards, the state of before first.
    fn may_hold(self) -> &'static [&'static str] {
        match self {
            // `c` when nothing was kept: the next start seeds.
            Self::FirstSeed => &["c", "a"],
            Self::Reseed => &["changed", "b"],
            Self::Reopen => &["changed"],
            Self::Migration => &["old"],
        }
    }
}

/// A folder with three fixtures, and the database before the start.
struct Scene {
    folder: TempDir,
    start: Start,
}

impl Scene {
    fn new(start: Start) -> Self {
        let all = |name: &str| {
            let one = |idx| image(&format!("m-{idx:03}"), more(name));
            fixture(&(0..N_IMAGES).map(one).collect::<Vec<_>>())
        };
        let names = ["a", "b", "c", "changed"];
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(format!("{name}.json")), all(name)).unwrap();
        }
        let scene = Self { folder, start };
        match start {
            Start::FirstSeed => {}
            Start::Reseed | Start::Reopen => {
                let mut process = Process::ready(scene.command(binary(), &["--fixture", "a.json"]));
                process.ok("POST", "/_emulator/checkpoints/s", "");
                process.ok("PUT", "/_emulator/images", &all("changed"));
                // Its log is full of changes that are not in the file yet.
                process.kill();
            }
            Start::Migration => old_file(&scene.file()),
        }
        let kept = scene.folder.path().join("kept");
        fs::create_dir(&kept).unwrap();
        super::check::copy(&scene.file(), &kept);
        scene
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("images.db")
    }

    /// The files as they were before the start.
    fn set(&self) {
        for path in super::check::files(&self.file()).into_keys() {
            fs::remove_file(path).unwrap();
        }
        let kept = self.folder.path().join("kept/images.db");
        super::check::copy(&kept, self.folder.path());
    }

    /// A command on the database, with more arguments; files are those of the folder.
    fn command(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.current_dir(self.folder.path());
        command.args(["--log", "warn", "--listen", "127.0.0.1:0", "--database"]);
        command.arg(self.file()).args(arguments);
        command
    }

    /// The arguments of the start that is killed.
    fn arguments(&self) -> &'static [&'static str] {
        match self.start {
            Start::FirstSeed => &["--fixture", "a.json"],
            Start::Reseed => &["--fixture", "b.json", "--reseed"],
            Start::Reopen | Start::Migration => &[],
        }
    }

    /// Starts again, and asserts that the file holds one state, whole; tells which.
    fn check(&self, context: &str) -> &'static str {
        let more: &[&str] = match self.start {
            Start::FirstSeed => &["--fixture", "c.json"],
            Start::Reseed | Start::Reopen | Start::Migration => &[],
        };
        let mut process = Process::ready(self.command(binary(), more));
        let state = counted(&process);
        let found = names(&state);
        let may_hold = self.start.may_hold().iter();
        let held = may_hold.copied().find(|name| found == [*name]);
        let held = held.unwrap_or_else(|| panic!("{context}: {found:?}"));
        assert_eq!(
            state.images.len(),
            N_IMAGES,
            "{context}: half of it is there"
        );
        process.kill();
        assert_sound(&self.file());
        held
    }
}

/// Fields in columns, documents and facets.
fn more(name: &str) -> Value {
    json!({"Name": name, "InstanceId": name, "CreationTime": "2026-01-01T00:00:00Z",
        "Tags": [{"Key": "name", "Value": name}]})
}

/// A seeded file as the first version left it.
fn old_file(file: &Path) {
    let connection = Connection::open(file).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .execute_batch(include_str!("../../../migrations/0001_images.sql"))
        .unwrap();
    connection
        .execute_batch("PRAGMA user_version = 1; INSERT INTO snapshots VALUES ('seed', 0);")
        .unwrap();
    for key in 0..N_IMAGES {
        let id = format!("m-{key:03}");
        let document = whole(&image(&id, more("old"))).to_string();
        let image = format!(
            "{}, '{id}', 'cn-hangzhou', 'old', 1767225600, 0, NULL, NULL, 'old', NULL, '{document}', NULL, 0, 0",
            key + 1
        );
        let insert = format!(
            "INSERT INTO images VALUES ({image});
             INSERT INTO image_tags VALUES ('name', 'old', {});
             INSERT INTO snapshot_images VALUES ('seed', {image});
             INSERT INTO snapshot_tags VALUES ('seed', 'name', 'old', {});",
            key + 1,
            key + 1
        );
        connection.execute_batch(&insert).unwrap();
    }
}

#[rstest]
fn a_kill_at_any_moment_of_a_start_leaves_one_state_whole(
    #[values(Start::FirstSeed, Start::Reseed, Start::Reopen, Start::Migration)] start: Start,
) {
    let scene = Scene::new(start);
    let begun = Instant::now();
    drop(Process::ready(scene.command(binary(), scene.arguments())));
    let took = u64::try_from(begun.elapsed().as_micros()).unwrap();
    for round in 0..rounds(8, 100) {
        scene.set();
        let mut command = scene.command(binary(), scene.arguments());
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(chance(round, took)));
        child.kill().unwrap();
        child.wait().unwrap();
        scene.check(&format!("{start:?}, kill {round}"));
    }
}

/// Every place at which a kill can make a difference is before or in the middle of such a call.
#[cfg(target_os = "linux")]
#[rstest]
fn a_kill_at_any_call_that_writes_leaves_one_state_whole(
    #[values(Start::FirstSeed, Start::Reseed, Start::Reopen, Start::Migration)] start: Start,
) {
    use super::faults::{Faults, Strike};

    let scene = Scene::new(start);
    let file = scene.file();
    let Some(faults) = Faults::on(&file) else {
        return;
    };
    // The first calls and some of the later ones, or all of them.
    let step = rounds(24, 1);
    let mut held = Vec::new();
    for n_calls in 1.. {
        if n_calls > 10 && n_calls % step != 0 {
            continue;
        }
        scene.set();
        let strike = if held.len() % 2 == 0 {
            Strike::Kill
        } else {
            Strike::Torn
        };
        let command = scene.command(faults.binary(strike, n_calls), scene.arguments());
        drop(Process::try_ready(command));
        let Some(call) = faults.struck() else {
            break;
        };
        held.push(scene.check(&format!("{start:?}, {strike} at call {n_calls}, {call}")));
    }
    println!("{start:?}: {} kills", held.len());
    assert!(!held.is_empty());
    // What was there before is there until the new is, and never again.
    let order = start.may_hold();
    assert!(held.is_sorted_by_key(|held| order.iter().position(|name| name == held)));
}

/// A child process has a copy of every open file from its start until it runs its own program.
#[test]
fn a_file_can_be_opened_again_at_once_while_the_process_starts_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let done = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while done.load(Ordering::Relaxed) == 0 {
                assert!(Command::new("true").status().unwrap().success());
            }
        });
        let opened: Vec<_> = (0..300)
            .map(|_| Store::open(&file, &Arc::default()).map(drop))
            .collect();
        done.store(1, Ordering::Relaxed);
        for opened in opened {
            opened.unwrap();
        }
    });
}
