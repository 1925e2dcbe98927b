//! Whole states: reset and checkpoints.

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Emulator;

use crate::support::{World, fixture, image, isolated};

async fn delete(world: &World, image_id: &str) {
    let path = format!("/_emulator/images/{image_id}");
    world.ok("DELETE", &path, "").await;
}

async fn reset(world: &World, to: &str) -> Value {
    world
        .ok("POST", &format!("/_emulator/reset?to={to}"), "")
        .await
}

async fn take(world: &World, name: &str) {
    let path = format!("/_emulator/checkpoints/{name}");
    let reply = world.control("POST", &path, "").await;
    assert_eq!((reply.status, reply.json()), (201, json!({"name": name})));
}

async fn checkpoints(world: &World) -> Vec<String> {
    let all = world.ok("GET", "/_emulator/checkpoints", "").await;
    let all = all["checkpoints"].as_array().unwrap().iter();
    all.map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

/// An emulator in memory, and one with a database file; what is kept beside it lives as long.
async fn worlds() -> [(World, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let in_file = World::start(isolated().database(file)).await;
    [(World::isolated().await, None), (in_file, Some(folder))]
}

#[tokio::test]
async fn a_reset_restores_the_seed() {
    for (world, _folder) in worlds().await {
        let seed = world.export("default").await;
        delete(&world, "m-1").await;
        world
            .ok(
                "PUT",
                "/_emulator/images",
                &fixture(&[image("m-9", json!({}))]),
            )
            .await;
        world
            .ok("PATCH", "/_emulator/images/m-2", r#"{"Status": "3"}"#)
            .await;
        assert_eq!(world.ids("default").await, ["m-2", "m-3", "m-4", "m-9"]);
        assert_eq!(
            world.ok("POST", "/_emulator/reset", "").await,
            json!({"reset": "seed"})
        );
        assert_eq!(world.export("default").await, seed);
        delete(&world, "m-1").await;
        assert_eq!(reset(&world, "seed").await, json!({"reset": "seed"}));
        assert_eq!(world.export("default").await, seed);
        assert_eq!(world.list("Tag.1.Key=env").await.ids(), ["m-3"]);
    }
}

#[tokio::test]
async fn a_reset_to_empty_leaves_no_image() {
    for (world, _folder) in worlds().await {
        assert_eq!(reset(&world, "empty").await, json!({"reset": "empty"}));
        assert!(world.ids("default").await.is_empty());
        assert_eq!(
            world.export("default").await,
            "{\n  \"CustomImages\": []\n}\n"
        );
        reset(&world, "seed").await;
        assert_eq!(world.ids("default").await.len(), 4);
    }
}

#[tokio::test]
async fn a_checkpoint_is_restored_any_number_of_times() {
    for (world, _folder) in worlds().await {
        delete(&world, "m-1").await;
        take(&world, "three").await;
        let kept = world.export("default").await;
        for _ in 0..3 {
            delete(&world, "m-2").await;
            world
                .ok(
                    "PATCH",
                    "/_emulator/images/m-3",
                    r#"{"Name": "x", "Tags": []}"#,
                )
                .await;
            assert_eq!(world.ids("default").await, ["m-3", "m-4"]);
            assert_eq!(reset(&world, "three").await, json!({"reset": "three"}));
            assert_eq!(world.export("default").await, kept);
            assert_eq!(world.list("Tag.1.Key=env").await.ids(), ["m-3"]);
        }
        reset(&world, "seed").await;
        assert_eq!(world.ids("default").await.len(), 4);
        assert_eq!(checkpoints(&world).await, ["three"]);
    }
}

#[tokio::test]
async fn a_checkpoint_is_read_as_a_fixture_whatever_became_of_the_images() {
    for (world, _folder) in worlds().await {
        let seed = world.export("default").await;
        delete(&world, "m-1").await;
        take(&world, "s").await;
        let kept = world.export("default").await;
        reset(&world, "empty").await;
        for (name, expected) in [
            ("s", &*kept),
            ("seed", &*seed),
            ("empty", "{\n  \"CustomImages\": []\n}\n"),
        ] {
            let path = format!("/_emulator/checkpoints/{name}");
            assert_eq!(
                world.control("GET", &path, "").await.body,
                expected,
                "{name}"
            );
        }
        assert!(world.ids("default").await.is_empty());
    }
}

#[tokio::test]
async fn a_checkpoint_under_the_same_name_takes_the_place_of_the_first() {
    for (world, _folder) in worlds().await {
        take(&world, "s").await;
        delete(&world, "m-1").await;
        take(&world, "s").await;
        reset(&world, "seed").await;
        reset(&world, "s").await;
        assert_eq!(world.ids("default").await, ["m-2", "m-3", "m-4"]);
        assert_eq!(checkpoints(&world).await, ["s"]);
    }
}

#[tokio::test]
async fn checkpoints_are_listed_by_name_with_the_time_of_the_sandboxs_clock() {
    for (world, _folder) in worlds().await {
        let freeze = r#"{"freeze": "2026-05-01T00:00:00Z"}"#;
        world.ok("PUT", "/_emulator/clock", freeze).await;
        for name in ["b", "a", "C"] {
            take(&world, name).await;
        }
        let all = world.ok("GET", "/_emulator/checkpoints", "").await;
        let one = |name: &str| json!({"name": name, "takenAt": "2026-05-01T00:00:00Z"});
        assert_eq!(all, json!({"checkpoints": [one("C"), one("a"), one("b")]}));
        let deleted = world.ok("DELETE", "/_emulator/checkpoints/b", "").await;
        assert_eq!(deleted, json!({"deleted": 1}));
        assert_eq!(checkpoints(&world).await, ["C", "a"]);
    }
}

#[rstest]
#[case("seed")]
#[case("empty")]
#[tokio::test]
async fn the_reserved_names_cannot_be_taken_or_forgotten(#[case] name: &str) {
    for (world, _folder) in worlds().await {
        let path = format!("/_emulator/checkpoints/{name}");
        for method in ["POST", "DELETE"] {
            world
                .refused((method, &path, ""), 409, "ReservedName")
                .await;
        }
        assert!(checkpoints(&world).await.is_empty());
        assert_eq!(world.ids("default").await.len(), 4);
    }
}

#[tokio::test]
async fn a_missing_checkpoint_is_404_and_changes_nothing() {
    for (world, _folder) in worlds().await {
        delete(&world, "m-1").await;
        let before = world.export("default").await;
        for (method, path) in [
            ("POST", "/_emulator/reset?to=nope"),
            ("GET", "/_emulator/checkpoints/nope"),
            ("DELETE", "/_emulator/checkpoints/nope"),
        ] {
            world
                .refused((method, path, ""), 404, "UnknownCheckpoint")
                .await;
        }
        assert_eq!(world.export("default").await, before);
    }
}

#[tokio::test]
async fn a_sandbox_keeps_a_hundred_checkpoints() {
    for (world, _folder) in worlds().await {
        for number in 0..100 {
            take(&world, &format!("s-{number}")).await;
        }
        let one_more = ("POST", "/_emulator/checkpoints/one-more", "");
        world.refused(one_more, 409, "TooManyCheckpoints").await;
        // One that is there already can be taken anew.
        take(&world, "s-7").await;
        world.ok("DELETE", "/_emulator/checkpoints/s-7", "").await;
        take(&world, "one-more").await;
        assert_eq!(checkpoints(&world).await.len(), 100);
    }
}

#[tokio::test]
async fn a_checkpoint_belongs_to_its_sandbox() {
    let world = World::isolated().await;
    world
        .ok("POST", "/_emulator/checkpoints/s?sandbox=a", "")
        .await;
    let elsewhere = ("POST", "/_emulator/reset?to=s&sandbox=b", "");
    world.refused(elsewhere, 404, "UnknownCheckpoint").await;
    world
        .refused(
            ("GET", "/_emulator/checkpoints/s", ""),
            404,
            "UnknownCheckpoint",
        )
        .await;
}

#[tokio::test]
async fn a_reset_leaves_clock_and_checkpoints() {
    let world = World::shared().await;
    let freeze = r#"{"freeze": "2026-05-01T00:00:00Z"}"#;
    world.ok("PUT", "/_emulator/clock", freeze).await;
    take(&world, "s").await;
    for to in ["seed", "empty", "s"] {
        reset(&world, to).await;
    }
    assert_eq!(checkpoints(&world).await, ["s"]);
    let clock = world.ok("GET", "/_emulator/clock", "").await;
    assert_eq!(
        clock,
        json!({"now": "2026-05-01T00:00:00Z", "mode": "frozen"})
    );
}

#[tokio::test]
async fn checkpoints_and_the_default_sandbox_outlive_the_emulator_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let world = World::start(isolated().database(&file)).await;
    let seed = world.export("default").await;
    delete(&world, "m-1").await;
    take(&world, "s").await;
    delete(&world, "m-2").await;
    let last = world.export("default").await;
    world
        .ok("DELETE", "/_emulator/images/m-3?sandbox=ci-7", "")
        .await;
    drop(world);

    let world = World::start(Emulator::builder().isolate().database(&file)).await;
    assert_eq!(world.export("default").await, last);
    assert_eq!(checkpoints(&world).await, ["s"]);
    // Isolated sandboxes are in memory: this one is new, and starts as the file's seed.
    assert_eq!(world.summary("ci-7").await, None);
    assert_eq!(world.export("ci-7").await, seed);
    let other = world
        .ok("GET", "/_emulator/checkpoints?sandbox=ci-7", "")
        .await;
    assert_eq!(other, json!({"checkpoints": []}));
    reset(&world, "s").await;
    assert_eq!(world.ids("default").await, ["m-2", "m-3", "m-4"]);
    reset(&world, "seed").await;
    assert_eq!(world.export("default").await, seed);
}
