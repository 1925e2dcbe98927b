//! Health: alive from the first moment, ready once the seed is in, and what it holds.

use serde_json::{Value, json};

use crate::support::{Answer, LIST, World, fixture, image};

/// Asserts what holds for every answer of our own paths.
fn assert_own(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.header("x-emulator-version"),
        Some(env!("CARGO_PKG_VERSION"))
    );
    answer.json()
}

#[tokio::test]
async fn a_ready_emulator_says_so_and_what_it_holds() {
    let world = World::of(&fixture(&[
        image("m-1", json!({})),
        image("m-2", json!({})),
        image("m-3", json!({"RegionId": "us-west-1"})),
    ]))
    .await;
    let live = assert_own(&world.own("/livez").await, 200);
    assert_eq!(live, json!({"status": "ok"}));
    let ready = assert_own(&world.own("/readyz").await, 200);
    assert_eq!(ready, json!({"ready": true, "reasons": []}));
    let health = assert_own(&world.own("/_emulator/health").await, 200);
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(health["ready"], true);
    let images = json!({"total": 3, "byRegion": {"cn-hangzhou": 2, "us-west-1": 1}});
    assert_eq!(health["images"], images);
    let uptime_s = health["uptimeSeconds"].as_f64().unwrap();
    assert!((0.0..60.0).contains(&uptime_s), "{uptime_s}");
    let later = world.own("/_emulator/health").await.json();
    assert!(later["uptimeSeconds"].as_f64().unwrap() > uptime_s);
}

#[tokio::test]
async fn an_emulator_without_images_is_ready_too() {
    let world = World::empty().await;
    assert_own(&world.own("/readyz").await, 200);
    let health = assert_own(&world.own("/_emulator/health").await, 200);
    assert_eq!(health["images"], json!({"total": 0, "byRegion": {}}));
}

#[tokio::test]
async fn health_takes_a_query_and_is_no_action_of_the_vendors() {
    let world = World::empty().await;
    let answer = world.own(&format!("/livez?{LIST}")).await;
    assert_own(&answer, 200);
    assert_eq!(answer.header("x-acs-request-id"), None);
    let mut raw = world.raw();
    raw.send("HEAD /readyz HTTP/1.1\r\nHost: swas.test\r\n\r\n");
    assert_eq!(raw.answer_without_body().status, 200);
    raw.send("DELETE /readyz HTTP/1.1\r\nHost: swas.test\r\n\r\n");
    let refused = raw.answer();
    assert_eq!(refused.status, 405);
    assert_eq!(
        refused.header("x-emulator-version"),
        Some(env!("CARGO_PKG_VERSION"))
    );
}

/// So many images take a second or more to seed with, far longer than a few requests.
#[cfg(feature = "cli")]
fn slow_to_seed() -> (tempfile::TempDir, crate::support::Process) {
    use crate::support::{Process, binary};

    let images: Vec<Value> = (0..20_000)
        .map(|n| image(&format!("m-{n}"), json!({"Description": "x".repeat(100)})))
        .collect();
    let folder = crate::support::folder(&[("large.json", &fixture(&images))]);
    let mut command = binary();
    command.current_dir(folder.path());
    command.args(["--listen", "127.0.0.1:0", "--fixture", "large.json"]);
    (folder, Process::listening(command))
}

#[cfg(feature = "cli")]
#[test]
fn until_the_seed_is_in_it_is_alive_but_not_ready() {
    let (_folder, mut seeding) = slow_to_seed();
    let mut raw = seeding.raw();
    let ready = assert_own(&raw.own("/readyz"), 503);
    assert_eq!(ready["ready"], false);
    assert_eq!(ready["reasons"], json!(["the seed is not in yet"]));
    assert_own(&raw.own("/livez"), 200);
    assert_own(&raw.own("/_emulator/health"), 503);
    for format in ["JSON", "XML"] {
        let answer = seeding.get(&format!("{LIST}&Format={format}"));
        // Source: the vendor's table of public gateway error codes; read 2026-11-24.
        assert_eq!(answer.status, 503);
        assert_eq!(answer.is_xml(), format == "XML");
        assert_eq!(answer.code(), "ServiceUnavailable");
        assert_eq!(
            answer.field("Message"),
            "The request has failed due to a temporary failure of the server."
        );
        assert_eq!(answer.reason(), "the seed is not in yet");
    }

    seeding.read_ready();
    assert_own(&raw.own("/readyz"), 200);
    assert_eq!(seeding.get(LIST).field("TotalCount"), "20000");
}

/// As for a large fixture: the signal comes while the seed is still going in.
#[cfg(feature = "cli")]
#[test]
fn an_emulator_that_is_being_seeded_can_be_stopped() {
    let (_folder, mut seeding) = slow_to_seed();
    assert_eq!(seeding.raw().own("/readyz").status, 503);
    seeding.signal("TERM");
    let (status, took) = seeding.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took.as_secs() < 20, "{took:?}");
    assert_eq!(seeding.rest_of_stdout(), "");
}
