//! A database file: what it keeps, what is refused, and what a real failure of it looks like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rstest::rstest;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Answer, LIST, Outcome, Process, binary, fixture, folder, image, images};

/// A folder with two fixtures and room for a database.
pub(super) struct Room {
    folder: TempDir,
}

impl Room {
    pub(super) fn new() -> Self {
        let one = |id| fixture(&[image(id, json!({}))]);
        Self {
            folder: folder(&[
                ("a.json", &one("m-a")),
                ("b.json", &one("m-b")),
                ("empty.json", &fixture(&[])),
            ]),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.path("images.db")
    }

    /// Starts the binary on the database with more arguments; files are those of the folder.
    pub(super) fn serve(&self, arguments: &[&str]) -> Process {
        let mut command = binary();
        command.current_dir(self.folder.path());
        command.args(["--listen", "127.0.0.1:0", "--database", "images.db"]);
        command.args(arguments);
        Process::ready(command)
    }

    /// Starts the binary on the database, which must be refused; gives its one line.
    fn refused(&self) -> String {
        let mut command = binary();
        command.current_dir(self.folder.path());
        command.args(["--listen", "127.0.0.1:0", "--database", "images.db"]);
        let outcome = Outcome::of(command, "");
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        outcome.stderr
    }

    /// A connection beside the emulator's, as another program has.
    pub(super) fn connection(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }
}

pub(super) fn stop(mut process: Process) {
    process.signal("TERM");
    assert_eq!(process.wait().0.code(), Some(0));
}

#[test]
fn images_are_kept_over_a_stop_and_over_a_kill() {
    let room = Room::new();
    let first = room.serve(&["--fixture", "a.json"]);
    let before = first.get(LIST);
    assert_eq!(before.ids(), ["m-a"]);
    stop(first);
    let mut second = room.serve(&[]);
    assert_eq!(second.get(LIST).redacted(), before.redacted());
    second.kill();
    let third = room.serve(&[]);
    assert_eq!(third.get(LIST).redacted(), before.redacted());
}

#[test]
fn a_seeded_database_is_known_by_its_mark_and_not_by_its_images() {
    let room = Room::new();
    stop(room.serve(&["--fixture", "empty.json"]));
    let process = room.serve(&[]);
    assert_eq!(process.get(LIST).ids(), [""; 0]);
    stop(process);
    stop(room.serve(&["--fixture", "a.json", "--reseed"]));
    room.connection().execute("DELETE FROM images", []).unwrap();
    assert_eq!(room.serve(&[]).get(LIST).ids(), [""; 0]);
}

#[test]
fn another_fixture_is_ignored_with_a_warning_until_it_is_reseeded() {
    let room = Room::new();
    stop(room.serve(&["--fixture", "a.json"]));
    let mut process = room.serve(&["--fixture", "b.json"]);
    assert_eq!(process.get(LIST).ids(), ["m-a"]);
    process.log_line(&["WARN", "holds a seed already", "ignored", "--reseed"]);
    stop(process);

    let mut process = room.serve(&["--fixture", "b.json", "--reseed"]);
    assert_eq!(process.get(LIST).ids(), ["m-b"]);
    assert!(!process.whole_log().join("\n").contains("WARN"));
    let mut process = room.serve(&[]);
    assert_eq!(process.get(LIST).ids(), ["m-b"]);
    // Without a fixture there is nothing that is ignored.
    assert!(!process.whole_log().join("\n").contains("WARN"));

    let mut command = binary();
    command.env("SWAS_EMULATOR_RESEED", "true").env("PORT", "0");
    command.current_dir(room.folder.path());
    command.args(["--database", "images.db", "--fixture", "a.json"]);
    assert_eq!(Process::ready(command).get(LIST).ids(), ["m-a"]);
}

#[test]
fn a_file_has_wal_our_mark_and_the_seed_itself() {
    let room = Room::new();
    let mut process = room.serve(&["--fixture", "a.json"]);
    assert!(room.path("images.db-wal").exists());
    process.kill();
    let connection = room.connection();
    let pragma = |name: &str| -> String {
        let value = connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        format!("{:?}", value.unwrap())
    };
    assert_eq!(pragma("journal_mode"), r#"Text("wal")"#);
    assert_eq!(
        pragma("application_id"),
        format!("Integer({})", 0x5357_4153)
    );
    assert_eq!(pragma("user_version"), "Integer(4)");
    let seed: String = connection
        .query_row("SELECT name FROM checkpoints", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seed, "seed");
}

/// What is kept beside the images would be wrong without a sign if another program changed them.
#[test]
fn a_file_is_no_other_programs_while_it_is_served() {
    let room = Room::new();
    let process = room.serve(&["--fixture", "a.json"]);
    let other = room.connection();
    other.busy_timeout(Duration::ZERO).unwrap();
    for sql in ["DELETE FROM images", "SELECT count(*) FROM images"] {
        let refused = other.execute_batch(sql).unwrap_err();
        assert_eq!(refused.to_string(), "database is locked");
    }
    assert_eq!(process.get(LIST).ids(), ["m-a"]);
    stop(process);
    assert_eq!(other.execute("DELETE FROM images", []).unwrap(), 1);
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let room = Room::new();
    stop(room.serve(&["--fixture", "a.json"]));
    room.connection()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert_eq!(
        room.refused(),
        "error: database `images.db` was written by a newer version of swas-emulator (schema 99, \
         this version knows 4); use that version, or another file\n"
    );
    let connection = room.connection();
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 99);
    connection.pragma_update(None, "user_version", 4).unwrap();
    drop(connection);
    assert_eq!(room.serve(&[]).get(LIST).ids(), ["m-a"]);
}

const FOREIGN: &str = "error: `images.db` is not a database of swas-emulator; name another file, or \
                       one that does not exist yet\n";

#[rstest]
#[case::a_table("CREATE TABLE images (id TEXT)")]
#[case::an_application_id("PRAGMA application_id = 42; CREATE TABLE t (id TEXT)")]
#[case::an_application_id_alone("PRAGMA application_id = 42")]
fn the_database_of_another_program_is_refused_and_left_as_it_is(#[case] sql: &str) {
    let room = Room::new();
    room.connection().execute_batch(sql).unwrap();
    let before = fs::read(room.database()).unwrap();
    assert_eq!(room.refused(), FOREIGN);
    assert_eq!(fs::read(room.database()).unwrap(), before);
}

#[rstest]
#[case::a_text("this is no database, only some text that somebody wrote down\n")]
// SQLite takes a file of one byte for an empty one, so two are the shortest text.
#[case::a_short_text("x\n")]
#[case::a_fixture(r#"{"CustomImages": []}"#)]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is(#[case] text: &str) {
    let room = Room::new();
    fs::write(room.database(), text).unwrap();
    assert_eq!(room.refused(), FOREIGN);
    assert_eq!(fs::read_to_string(room.database()).unwrap(), text);
}

#[test]
fn an_empty_file_is_a_database_that_does_not_exist_yet() {
    let room = Room::new();
    fs::write(room.database(), "").unwrap();
    let process = room.serve(&["--fixture", "a.json"]);
    assert_eq!(process.get(LIST).ids(), ["m-a"]);
}

#[test]
fn a_second_process_on_the_same_file_is_refused_until_the_first_ends() {
    let room = Room::new();
    let mut first = room.serve(&["--fixture", "a.json"]);
    assert_eq!(
        room.refused(),
        "error: database `images.db` is in use by another process; stop it, or name another file\n"
    );
    assert_eq!(first.get(LIST).ids(), ["m-a"]);
    first.kill();
    assert_eq!(room.serve(&[]).get(LIST).ids(), ["m-a"]);
}

#[rstest]
#[case::no_folder("none/images.db")]
#[case::a_folder(".")]
fn a_file_that_cannot_be_opened_is_refused(#[case] path: &str) {
    let room = Room::new();
    let mut command = binary();
    command.current_dir(room.folder.path());
    command.args(["--listen", "127.0.0.1:0", "--database", path]);
    let outcome = Outcome::of(command, "");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let told = format!(
        "error: cannot open database file `{path}`; its folder must exist and be writable: "
    );
    assert!(outcome.stderr.starts_with(&told), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
}

/// Source: `ListCustomImages` reference, error codes; read 2026-11-24.
fn assert_internal_error(answer: &Answer, process: &mut Process, cause: &str) {
    assert_eq!(answer.status, 500, "{answer:?}");
    assert_eq!(answer.code(), "InternalError");
    assert_eq!(
        answer.field("Message"),
        "An error occurred while processing your request."
    );
    let id = answer.field("RequestId");
    assert_eq!(
        answer.reason(),
        format!("it failed inside; the log has the cause under {id}")
    );
    let mut told = answer.body.to_lowercase();
    for (name, value) in &answer.headers {
        told.push_str(&format!("{name}: {value}\n").to_lowercase());
    }
    for inside in ["sql", "select", "table", "images.db", "panicked", "src/"] {
        assert!(!told.contains(inside), "{inside} in {told}");
    }
    process.log_line(&["ERROR", &id, cause]);
    process.log_line(&["answered", &id, "status=500"]);
}

#[test]
fn a_store_that_fails_is_an_internal_error_and_the_next_request_works() {
    let room = Room::new();
    stop(room.serve(&["--fixture", "a.json"]));
    room.connection()
        .execute("ALTER TABLE images RENAME COLUMN document TO elsewhere", [])
        .unwrap();
    let mut process = room.serve(&[]);
    for format in ["JSON", "XML"] {
        let answer = process.get(&format!("{LIST}&Format={format}"));
        assert_eq!(answer.is_xml(), format == "XML");
        assert_internal_error(&answer, &mut process, "no such column: document");
    }
    let image = process.raw().own("/_emulator/images/m-a");
    assert_eq!(image.status, 500, "{image:?}");
    assert!(!image.body.contains("no such column"), "{image:?}");
    assert_eq!(process.raw().own("/livez").status, 200);
    // What needs no document, and a refusal, which needs no store.
    let elsewhere = process.get(&LIST.replace("cn-hangzhou", "cn-shanghai"));
    assert_eq!(elsewhere.ids(), [""; 0]);
    assert_eq!(
        process.get(&format!("{LIST}&PageSize=0")).code(),
        "InvalidPageSize"
    );
    stop(process);

    room.connection()
        .execute("ALTER TABLE images RENAME COLUMN elsewhere TO document", [])
        .unwrap();
    assert_eq!(room.serve(&[]).get(LIST).ids(), ["m-a"]);
}

#[test]
fn a_document_that_was_damaged_in_the_file_is_an_internal_error_in_xml_or_refused() {
    let room = Room::new();
    stop(room.serve(&["--fixture", "a.json"]));
    room.connection()
        .execute("UPDATE images SET document = '{\"ImageId\":1e999}'", [])
        .unwrap();
    let mut process = room.serve(&[]);
    let answer = process.get(&format!("{LIST}&Format=XML"));
    assert_internal_error(&answer, &mut process, "number out of range");
    stop(process);

    // One that is no JSON at all is found at the start.
    room.connection()
        .execute("UPDATE images SET document = '{'", [])
        .unwrap();
    assert_eq!(
        room.refused(),
        "error: database `images.db` is damaged (a document in images is no JSON) and was left as \
         it is; save it with `sqlite3 images.db .recover`, or name another file\n"
    );
}

#[test]
fn a_page_and_its_total_come_from_one_state_while_another_writes() {
    let room = Room::new();
    let seven = images(7);
    fs::write(room.path("seven.json"), &seven).unwrap();
    let process = room.serve(&["--fixture", "seven.json"]);
    let mut writer = process.raw();
    let mut raw = process.raw();
    let mut control = move |method: &str, body: &str| {
        let n_bytes = body.len();
        writer.send(format!(
            "{method} /_emulator/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {n_bytes}\r\n\r\n{body}"
        ));
        assert_eq!(writer.answer().status, 200);
    };
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for _ in 0..200 {
                control("DELETE", "");
                control("PUT", &seven);
            }
        });
        let mut seen = BTreeSet::new();
        while !writing.is_finished() {
            let answer = raw.get(LIST);
            let n_images = answer.ids().len();
            assert_eq!(answer.field("TotalCount"), n_images.to_string());
            seen.insert(n_images);
        }
        assert_eq!(seen, BTreeSet::from([0, 7]));
    });
}

#[test]
fn a_fixture_that_breaks_a_rule_leaves_the_database_without_a_seed() {
    let room = Room::new();
    fs::write(room.path("bad.json"), "[1]").unwrap();
    let mut command = binary();
    command.current_dir(room.folder.path());
    command.args(["--listen", "127.0.0.1:0", "--database", "images.db"]);
    command.args(["--fixture", "bad.json"]);
    assert_eq!(Outcome::of(command, "").code, Some(65));
    assert!(Path::new(&room.database()).exists());
    assert_eq!(
        room.serve(&["--fixture", "a.json"]).get(LIST).ids(),
        ["m-a"]
    );
}
