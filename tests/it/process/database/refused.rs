//! Files that are refused, and left as they are.

use std::fs;
use std::time::Duration;

use rstest::rstest;

use super::{Room, stop};
use crate::support::{LIST, Outcome, binary};

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
         this version knows 3); use that version, or another file\n"
    );
    let connection = room.connection();
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 99);
    connection.pragma_update(None, "user_version", 3).unwrap();
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
