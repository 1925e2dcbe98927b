//! What a real failure of the store looks like.

use super::{Room, stop};
use crate::support::{Answer, LIST, Process};

/// Source: `ListCustomImages` reference, error codes; read 2026-11-24.
fn assert_internal_error(answer: &Answer, process: &mut Process, cause: &str) {
    answer.assert_refused(500, "InternalError");
    assert_eq!(
        answer.field("Message"),
        "An error occurred while processing your request."
    );
    let id = answer.field("RequestId");
    assert_eq!(
        answer.reason(),
        format!("it failed inside; the log has the cause under {id}")
    );
    let mut shown = answer.body.to_lowercase();
    for (name, value) in &answer.headers {
        shown.push_str(&format!("{name}: {value}\n").to_lowercase());
    }
    for inside in ["sql", "select", "table", "images.db", "panicked", "src/"] {
        assert!(!shown.contains(inside), "{inside} in {shown}");
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
fn a_document_that_was_damaged_in_the_file_is_an_internal_error_in_xml() {
    let room = Room::new();
    stop(room.serve(&["--fixture", "a.json"]));
    room.connection()
        .execute("UPDATE images SET document = '{'", [])
        .unwrap();
    let mut process = room.serve(&[]);
    let answer = process.get(&format!("{LIST}&Format=XML"));
    assert_internal_error(&answer, &mut process, "key must be a string");
}
