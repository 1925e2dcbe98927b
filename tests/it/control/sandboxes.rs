//! Making, listing and ending sandboxes.

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::{Emulator, Fixture};

use crate::support::{Answer, World, fixture, image, isolated};

const PATH: &str = "/_emulator/sandboxes";

#[tokio::test]
async fn a_sandbox_is_made_from_the_seed_under_a_new_name() {
    let world = World::isolated().await;
    let made = world.control("POST", PATH, "").await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let key = made["accessKeyId"].as_str().unwrap();
    assert!(key.starts_with("sandbox-"), "{key}");
    assert_eq!(made["accessKeySecret"].as_str().unwrap().len(), 32);
    assert_eq!(made["expiresAt"], Value::Null);
    assert_eq!(world.listed(key).await, ["m-1", "m-2", "m-3"]);
    let other = world.ok("POST", PATH, "{}").await;
    assert_ne!(other["accessKeyId"], key);
}

#[tokio::test]
async fn the_endpoint_is_the_one_by_which_the_caller_came() {
    let world = World::isolated().await;
    let port = world.address().port();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        "swas".to_owned(),
    ] {
        let request = world.request("POST", PATH).header("host", &host);
        let made = Answer::to(request).await;
        made.assert_documented("POST", PATH);
        assert_eq!(made.json()["endpoint"], format!("http://{host}"));
    }
}

#[tokio::test]
async fn a_sandbox_is_made_from_images_in_the_body() {
    let world = World::isolated().await;
    let images = [image("m-own", json!({}))];
    let list = serde_json::to_string(&images).unwrap();
    for body in [list, fixture(&images)] {
        let made = world.ok("POST", PATH, &body).await;
        let key = made["accessKeyId"].as_str().unwrap();
        assert_eq!(world.listed(key).await, ["m-own"]);
    }
    let body = json!({"accessKeyId": "own", "fixture": {"CustomImages": images}}).to_string();
    world.ok("POST", PATH, &body).await;
    assert_eq!(world.listed("own").await, ["m-own"]);
    // Its seed is its own: a reset goes back to it.
    world
        .ok("DELETE", "/_emulator/images?sandbox=own", "")
        .await;
    world.ok("POST", "/_emulator/reset?sandbox=own", "").await;
    assert_eq!(world.listed("own").await, ["m-own"]);
    assert_eq!(world.listed("other").await, ["m-1", "m-2", "m-3"]);
}

#[rstest]
#[case("shop/small.json", 1)]
#[case("small.json", 1)]
#[case("small", 1)]
#[case("empty", 0)]
#[case("empty.json", 0)]
#[case("documented-example", 1)]
#[tokio::test]
async fn a_sandbox_is_made_from_a_loaded_fixture_by_its_name(
    #[case] name: &str,
    #[case] n_images: usize,
) {
    let small = fixture(&[image("m-small", json!({}))]);
    let builder = isolated().fixture(Fixture::from_json("shop/small.json", small));
    let world = World::start(builder).await;
    let body = json!({"accessKeyId": "own", "fixture": name}).to_string();
    world.ok("POST", PATH, &body).await;
    assert_eq!(world.ids("own").await.len(), n_images);
}

#[tokio::test]
async fn a_fixture_that_is_not_loaded_is_refused_with_those_that_are() {
    let world = World::isolated().await;
    let body = r#"{"fixture": "/etc/passwd"}"#;
    let reply = world
        .refused(("POST", PATH, body), 404, "UnknownFixture")
        .await;
    assert_eq!(
        reply.error("hint"),
        "loaded fixtures: seed.json, default.json, documented-example.json, empty.json"
    );
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused() {
    let world = World::isolated().await;
    world.listed("ci-7").await;
    for name in ["ci-7", "default"] {
        let body = json!({"accessKeyId": name}).to_string();
        world
            .refused(("POST", PATH, &body), 409, "SandboxExists")
            .await;
    }
    world.ok("DELETE", &format!("{PATH}/ci-7"), "").await;
    world.ok("POST", PATH, r#"{"accessKeyId": "ci-7"}"#).await;
}

#[rstest]
#[case(r#"{"accessKeyId": ""}"#, "InvalidName", "1 to 128")]
#[case(r#"{"accessKeyId": "a/b"}"#, "InvalidName", "a/b")]
#[case(r#"{"accessKeyId": 7}"#, "BadRequest", "string")]
#[case(r#"{"accesKeyId": "ci-7"}"#, "BadRequest", "accesKeyId")]
#[case(r#"{"fixture": 3}"#, "BadRequest", "`fixture` must be")]
#[case(r#"{"fixture": true}"#, "BadRequest", "`fixture` must be")]
#[case(r#"{"fixture": {}}"#, "InvalidImages", "CustomImages")]
#[case(r#"{"fixture": [{"ImageId": "m-1"}]}"#, "InvalidImages", "RegionId")]
#[case(r#"[{"ImageId": "m-1"}]"#, "InvalidImages", "RegionId")]
#[case(r#"{"CustomImages": 3}"#, "InvalidImages", "CustomImages")]
#[case("null", "BadRequest", "a JSON object")]
#[case(r#""empty""#, "BadRequest", "a JSON object")]
#[case("{", "BadRequest", "line 1")]
#[tokio::test]
async fn a_create_request_that_cannot_be_met_creates_nothing(
    #[case] body: &str,
    #[case] code: &str,
    #[case] part: &str,
) {
    let world = World::isolated().await;
    let reply = world.refused(("POST", PATH, body), 400, code).await;
    let message = reply.error("message");
    assert!(message.contains(part), "{message}");
    for inside in ["struct", "enum", "variant"] {
        assert!(!message.contains(inside), "{message}");
    }
    let all = world.ok("GET", PATH, "").await;
    assert_eq!(all["sandboxes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn sandboxes_are_listed_by_name_after_the_default_one() {
    let world = World::isolated().await;
    for name in ["b", "C", "a"] {
        world.listed(name).await;
    }
    let all = world.ok("GET", PATH, "").await;
    let one = |name: &str| json!({"accessKeyId": name, "bytes": 0, "expiresAt": null});
    assert_eq!(
        all,
        json!({"sandboxes": [one("default"), one("C"), one("a"), one("b")]})
    );
}

#[tokio::test]
async fn an_ended_sandbox_starts_anew_from_the_seed() {
    let world = World::isolated().await;
    world
        .ok("DELETE", "/_emulator/images?sandbox=ci-7", "")
        .await;
    world
        .ok("POST", "/_emulator/checkpoints/none?sandbox=ci-7", "")
        .await;
    assert_eq!(
        world.ok("DELETE", &format!("{PATH}/ci-7"), "").await,
        json!({"deleted": 1})
    );
    assert_eq!(world.summary("ci-7").await, None);
    assert_eq!(world.listed("ci-7").await, ["m-1", "m-2", "m-3"]);
    let checkpoints = world
        .ok("GET", "/_emulator/checkpoints?sandbox=ci-7", "")
        .await;
    assert_eq!(checkpoints, json!({"checkpoints": []}));
}

#[tokio::test]
async fn a_sandbox_that_is_not_there_cannot_be_ended_and_the_default_one_never() {
    let world = World::isolated().await;
    world
        .refused(
            ("DELETE", &format!("{PATH}/nope"), ""),
            404,
            "UnknownSandbox",
        )
        .await;
    world
        .refused(
            ("DELETE", &format!("{PATH}/default"), ""),
            409,
            "ReservedName",
        )
        .await;
    world
        .refused(("DELETE", &format!("{PATH}/a%20b"), ""), 400, "InvalidName")
        .await;
    let shared = World::shared().await;
    shared
        .refused(
            ("DELETE", &format!("{PATH}/nope"), ""),
            404,
            "UnknownSandbox",
        )
        .await;
}

#[tokio::test]
async fn images_of_a_new_sandbox_are_as_old_as_its_own_clock_says() {
    let start = swas_emulator::internals::Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let world = World::start(Emulator::builder().isolate().clock(start)).await;
    // Another sandbox's clock, the default one's too, is not this one's.
    world
        .ok("PUT", "/_emulator/clock", r#"{"advance": "1h"}"#)
        .await;
    let body = json!({"accessKeyId": "own", "fixture": [image("m-1", json!({}))]}).to_string();
    world.ok("POST", PATH, &body).await;
    let own = world
        .ok("GET", "/_emulator/images/m-1?sandbox=own", "")
        .await;
    assert_eq!(own["CreationTime"], "2026-01-01T00:00:00Z");
}
