//! What a file keeps, and from which versions.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;

use super::{Room, stop};
use crate::support::{LIST, Outcome, Process, binary, image, images, request};

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
    assert_eq!(pragma("user_version"), "Integer(3)");
    let seed: String = connection
        .query_row("SELECT name FROM checkpoints", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seed, "seed");
}

/// Schema 1 had a column for each filter, tags in a table, and whole copies for checkpoints.
#[test]
fn a_file_of_schema_1_is_brought_up_to_date_with_its_images_and_its_seed() {
    let room = Room::new();
    let row = |id: &str, name: &str| {
        let document = image(id, json!({"Name": name})).to_string();
        format!(
            "1, '{id}', 'cn-hangzhou', '{name}', 1767225600, 0, NULL, NULL, NULL, 'rg-1', \
             '{document}', NULL, 0, 0"
        )
    };
    let (now, before) = (row("m-1", "now"), row("m-1", "before"));
    let connection = room.connection();
    let schema_1 = include_str!("../../../../migrations/0001_images.sql");
    connection.execute_batch(schema_1).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA user_version = 1;
             INSERT INTO images VALUES ({now});
             INSERT INTO image_tags VALUES ('env', 'prod', 1), ('team', '测试', 1);
             INSERT INTO snapshots VALUES ('seed', 0);
             INSERT INTO snapshot_images VALUES ('seed', {before});
             INSERT INTO snapshot_tags VALUES ('seed', 'env', 'test', 1);"
        ))
        .unwrap();
    drop(connection);

    let process = room.serve(&[]);
    let n_images = |filter: &str| process.get(&format!("{LIST}&{filter}")).field("TotalCount");
    let counts = |env: &str| {
        let tag = n_images(&format!("Tag.1.Key=env&Tag.1.Value={env}"));
        [
            tag,
            n_images("ResourceGroupId=rg-1"),
            n_images("ImageIds=m-1&Share=false"),
        ]
    };
    assert_eq!(counts("prod"), ["1", "1", "1"]);
    assert_eq!(n_images("Tag.1.Key=team&Tag.1.Value=测试"), "1");
    assert_eq!(process.get(LIST).images()[0]["Name"], "now");

    process.ok("POST", "/_emulator/reset", "");
    assert_eq!(process.get(LIST).images()[0]["Name"], "before");
    assert_eq!(counts("test"), ["1", "1", "1"]);
    assert_eq!(n_images("Tag.1.Key=env&Tag.1.Value=prod"), "0");
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
        let line = format!("{method} /_emulator/images");
        writer.send(request(&line, "Host: localhost\r\n", body));
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
