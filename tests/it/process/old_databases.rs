//! Database files of older schemas, which are brought up to date when they are opened.

use serde_json::json;

use super::database::{Room, stop};
use crate::support::{LIST, image};

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
    let schema_1 = include_str!("../../../migrations/0001_images.sql");
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

    let mut raw = process.raw();
    raw.send("POST /_emulator/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(raw.answer().status, 200);
    assert_eq!(process.get(LIST).images()[0]["Name"], "before");
    assert_eq!(counts("test"), ["1", "1", "1"]);
    assert_eq!(n_images("Tag.1.Key=env&Tag.1.Value=prod"), "0");
}

/// Version 0.1.0 had schema 2: checkpoints stood in tables called `snapshots`, and there were no rows.
#[test]
fn a_file_of_version_0_1_0_keeps_its_seed_and_its_checkpoints() {
    let room = Room::new();
    let row = |key: u8, name: &str| {
        let id = format!("m-{key}");
        let document = image(&id, json!({"Name": name})).to_string();
        format!(
            "{key}, '{id}', 'cn-hangzhou', '{name}', -1767225600, 0, NULL, NULL, NULL, NULL, '[]', \
             '{document}', NULL, 0, 0"
        )
    };
    // Since the seed, image 1 was changed, then a checkpoint was taken, then image 1 was changed
    // again, image 2 deleted and image 3 added.
    let connection = room.connection();
    for schema in [
        include_str!("../../../migrations/0001_images.sql"),
        include_str!("../../../migrations/0002_facets.sql"),
    ] {
        connection.execute_batch(schema).unwrap();
    }
    connection
        .execute_batch(&format!(
            "PRAGMA user_version = 2;
             INSERT INTO images VALUES ({}), ({});
             INSERT INTO facets VALUES (1, 'Region cn-hangzhou', 2), (2, 'Share cn-hangzhou false', 2);
             INSERT INTO image_facets
             SELECT facet_key, newest_first, image_id, image_key, 6 FROM facets, images;
             INSERT INTO snapshots VALUES ('seed', 0, 3), ('taken', 0, 3);
             INSERT INTO snapshot_images VALUES
                 ('seed', {}), ('taken', {}), ('seed', {two}), ('taken', {two});",
            row(1, "now"),
            row(3, "added"),
            row(1, "seeded"),
            row(1, "changed"),
            two = row(2, "deleted"),
        ))
        .unwrap();
    drop(connection);

    let process = room.serve(&[]);
    let mut raw = process.raw();
    let mut names = |to: &str| {
        if !to.is_empty() {
            let head = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0";
            raw.send(format!("POST /_emulator/reset?to={to} {head}\r\n\r\n"));
            assert_eq!(raw.answer().status, 200);
        }
        let answer = process.get(&format!("{LIST}&Share=false"));
        let images = answer.images();
        let names: Vec<_> = images.iter().map(|image| image["Name"].clone()).collect();
        serde_json::Value::from(names)
    };
    assert_eq!(names(""), json!(["now", "added"]));
    assert_eq!(names("taken"), json!(["changed", "deleted"]));
    assert_eq!(names("seed"), json!(["seeded", "deleted"]));
    assert_eq!(names("empty"), json!([]));
    assert_eq!(names("taken"), json!(["changed", "deleted"]));
    stop(process);
    assert_eq!(room.serve(&[]).get(LIST).images()[0]["Name"], "changed");
}
