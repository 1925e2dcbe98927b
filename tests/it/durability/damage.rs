//! Files that are damaged, at places and in ways of chance.

use std::fs;
use std::path::{Path, PathBuf};

use rstest::rstest;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::changes::{Change, State, numbered};
use super::check::{copy, files};
use super::{chance, rounds};
use crate::support::{LIST, Outcome, Process, binary, request};

/// What was done to the files.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// Some bytes are others.
    Bytes,
    /// A page is empty.
    Page,
    /// The end is missing.
    Cut,
    /// One byte of the first hundred is another.
    Header,
}

impl Damage {
    fn of(round: u64) -> Self {
        match chance(round, 8) {
            0..=3 => Self::Bytes,
            4 => Self::Page,
            5 => Self::Cut,
            _ => Self::Header,
        }
    }

    fn apply(self, bytes: &mut Vec<u8>, round: u64) {
        let n_bytes = bytes.len() as u64;
        let at =
            |number: u64, below: u64| usize::try_from(chance(round * 31 + number, below)).unwrap();
        match self {
            Self::Bytes => {
                for number in 0..=chance(round, 8) {
                    bytes[at(number, n_bytes)] ^= 1 << at(number + 9, 8);
                }
            }
            Self::Page => {
                let start = at(1, n_bytes.div_ceil(4_096)) * 4_096;
                let end = bytes.len().min(start + 4_096);
                bytes[start..end].fill(0);
            }
            Self::Cut => bytes.truncate(at(1, n_bytes)),
            Self::Header => bytes[at(1, 100)] = u8::try_from(at(2, 256)).unwrap(),
        }
    }
}

/// A seeded file with a checkpoint and some changes; its log is left, too, when it was killed.
struct Healthy {
    folder: TempDir,
    /// What it held after each change.
    states: Vec<State>,
}

impl Healthy {
    fn new(is_killed: bool) -> Self {
        let seed = numbered(0);
        let folder = crate::support::folder(&[("seed.json", &seed)]);
        let mut states = vec![State::seeded(&seed)];
        let mut process = Process::ready(command(folder.path()));
        for number in 1..=9 {
            let change = Change::of(number);
            process.control(change.method, change.path, &change.body);
            states.push(states.last().unwrap().after(&change));
        }
        assert!(State::of(&process) == *states.last().unwrap());
        if is_killed {
            process.kill();
        } else {
            process.signal("TERM");
            assert_eq!(process.wait().0.code(), Some(0));
        }
        Self { folder, states }
    }

    /// A copy of the files, one of them damaged.
    fn damaged(&self, round: u64, damage: Damage) -> TempDir {
        let folder = crate::support::folder(&[("seed.json", &numbered(0))]);
        let file = copy(&self.folder.path().join("images.db"), folder.path());
        let log = PathBuf::from(format!("{}-wal", file.display()));
        let is_log = log.exists() && round.is_multiple_of(2);
        let file = if is_log { log } else { file };
        let mut bytes = fs::read(&file).unwrap();
        damage.apply(&mut bytes, round);
        fs::write(&file, bytes).unwrap();
        folder
    }
}

fn command(folder: &Path) -> std::process::Command {
    let mut command = binary();
    command.current_dir(folder);
    command.args([
        "--log",
        "warn",
        "--listen",
        "127.0.0.1:0",
        "--fixture",
        "seed.json",
    ]);
    command.args(["--database", "images.db"]);
    command
}

/// What SQLite itself says of the files; on a copy.
fn is_sound(file: &Path) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let Ok(connection) = Connection::open(copy(file, folder.path())) else {
        return false;
    };
    let found = connection.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0));
    found.is_ok_and(|found| found == "ok")
}

/// A refused start says so in one line, and touches nothing.
fn assert_left(outcome: &Outcome, context: &str) {
    assert_eq!(outcome.code, Some(1), "{context}: {outcome:?}");
    let is_one_line = outcome.stderr.lines().count() == 1;
    let is_clear = outcome.stderr.starts_with("error: ") && outcome.stderr.contains("`images.db`");
    assert!(is_one_line && is_clear, "{context}: {outcome:?}");
}

/// Reads everything and changes everything: each answer is whole, or says that it failed inside.
fn assert_answers(process: &Process, context: &str) {
    let assert_whole = |line: &str, body: &str| {
        let mut raw = process.raw();
        raw.send(request(line, "Host: localhost\r\n", body));
        let answer = match raw.try_answer() {
            Ok(answer) => answer,
            // An export is cut where it meets the damage.
            Err(_) if line.contains("export") || line.contains("checkpoints/") => return,
            Err(error) => panic!("{context}: {line}: {error}"),
        };
        let status = answer.status;
        assert!(
            matches!(status, 200 | 201 | 404 | 500),
            "{context}: {line}: {answer:?}"
        );
        if !line.contains("Format=XML") {
            let json: Result<Value, _> = serde_json::from_str(&answer.body);
            assert!(json.is_ok(), "{context}: {line}: {answer:?}");
        }
    };
    let more = [
        "",
        "&PageNumber=2",
        "&Format=XML&PageSize=100",
        "&Tag.1.Key=put",
        "&Share=false",
    ];
    for more in more {
        assert_whole(&format!("GET /?{LIST}{more}"), "");
    }
    let paths = [
        "export",
        "checkpoints",
        "checkpoints/s",
        "checkpoints/seed",
        "health",
    ];
    for path in paths {
        assert_whole(&format!("GET /_emulator/{path}"), "");
    }
    for number in 1..=16 {
        let change = Change::of(number);
        assert_whole(&format!("{} {}", change.method, change.path), &change.body);
    }
}

#[rstest]
fn a_damaged_file_is_refused_or_fails_where_it_is_hit_and_stays_as_it_is(
    #[values(false, true)] is_killed: bool,
) {
    let healthy = Healthy::new(is_killed);
    let (mut n_refused, mut n_whole) = (0, 0);
    let n_rounds = rounds(30, 500);
    for round in 0..n_rounds {
        let damage = Damage::of(round);
        let context = format!("{damage:?}, round {round}, after a kill: {is_killed}");
        let folder = healthy.damaged(round, damage);
        let file = folder.path().join("images.db");
        let before = files(&file);
        let is_sound = is_sound(&file);
        match Process::try_ready(command(folder.path())) {
            Err(outcome) => {
                assert_left(&outcome, &context);
                // An empty log may be new.
                let after = files(&file);
                let is_left = before
                    .iter()
                    .all(|(path, bytes)| after.get(path) == Some(bytes));
                assert!(
                    is_left,
                    "{context}: a refused start changed the files: {outcome:?}"
                );
                n_refused += 1;
            }
            Ok(mut process) => {
                assert!(
                    is_sound,
                    "{context}: SQLite finds damage, and the start did not"
                );
                assert_answers(&process, &context);
                let log = process.whole_log().join("\n");
                assert!(!log.contains("panicked"), "{context}: {log}");
                n_whole += 1;
            }
        }
    }
    println!("killed {is_killed}: {n_rounds} files, {n_refused} refused, {n_whole} served");
    assert!(n_refused > 0 && n_whole > 0);
}

/// The log has a checksum for each change: what is behind a damaged one is lost, and nothing is half.
#[test]
fn a_damaged_log_gives_a_whole_state_of_before() {
    let healthy = Healthy::new(true);
    for round in 0..rounds(10, 100) {
        // Even rounds damage the log.
        let folder = healthy.damaged(round * 2, Damage::Bytes);
        let process = Process::ready(command(folder.path()));
        let found = State::of(&process);
        assert!(healthy.states.contains(&found), "round {round}: {found:?}");
    }
}

/// The check would take too long. What is damaged is an error where it is hit.
#[test]
fn a_large_file_is_opened_without_a_check() {
    let folder = crate::support::folder(&[("seed.json", &numbered(0))]);
    let mut process = Process::ready(command(folder.path()));
    let wish = r#"{"count": 6000, "rngSeed": 1}"#;
    process.ok("POST", "/_emulator/generate", wish);
    process.ok("POST", "/_emulator/checkpoints/s", "");
    process.signal("TERM");
    assert_eq!(process.wait().0.code(), Some(0));
    let file = folder.path().join("images.db");
    let mut bytes = fs::read(&file).unwrap();
    assert!(bytes.len() > 5 << 20, "{}", bytes.len());
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 40 * 4_096].fill(0);
    fs::write(&file, &bytes).unwrap();
    assert!(!is_sound(&file));

    let mut process = Process::ready(command(folder.path()));
    // An export is cut where it meets the damage.
    let export = "GET /_emulator/export HTTP/1.1\r\nHost: localhost\r\n\r\n";
    process.raw().try_exchange(export).unwrap_err();
    process.log_line(&["ERROR", "malformed"]);
    assert_eq!(process.get(LIST).status, 200);
    assert_answers(&process, "large");
    let log = process.whole_log().join("\n");
    assert!(!log.contains("panicked"), "{log}");
}
