//! Sandboxes from Rust: each call of the handle.

use serde_json::{Value, json};
use swas_emulator::{Emulator, Fixture, HandleError, SandboxHandle};

use crate::support::{self, World, fixture, image, isolated};

async fn world() -> World {
    World::start(isolated().clock("2026-01-01T00:00:00Z")).await
}

fn of(images: &[Value]) -> Fixture {
    Fixture::from_json("test.json", fixture(images))
}

fn ids(sandbox: &SandboxHandle) -> Vec<String> {
    support::ids(&serde_json::from_str(&sandbox.export().unwrap()).unwrap())
}

#[tokio::test]
async fn a_handle_and_a_client_with_its_access_key_id_see_the_same() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    assert_eq!(sandbox.access_key_id(), "ci-7");
    sandbox
        .seed(of(&[image("m-own", json!({}))]))
        .unwrap()
        .reset()
        .unwrap();
    assert_eq!(world.listed("ci-7").await, ["m-own"]);
    assert_eq!(sandbox.export().unwrap(), world.export("ci-7").await);
    assert_eq!(world.listed("other").await, ["m-1", "m-2", "m-3"]);
}

#[tokio::test]
async fn a_seed_is_what_a_reset_goes_back_to() {
    let world = world().await;
    for name in ["ci-7", "default"] {
        let sandbox = world.sandbox(name);
        sandbox
            .seed(of(&[image("m-a", json!({})), image("m-b", json!({}))]))
            .unwrap();
        sandbox
            .delete("m-a")
            .unwrap()
            .put(&of(&[image("m-c", json!({}))]))
            .unwrap();
        assert_eq!(ids(&sandbox), ["m-b", "m-c"]);
        sandbox.reset().unwrap();
        assert_eq!(ids(&sandbox), ["m-a", "m-b"]);
        sandbox.reset_to("empty").unwrap();
        assert!(ids(&sandbox).is_empty());
        sandbox.reset_to("seed").unwrap();
        assert_eq!(ids(&sandbox), ["m-a", "m-b"]);
    }
}

#[tokio::test]
async fn checkpoints_outlive_a_new_seed_in_memory_and_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let in_file = isolated().database(folder.path().join("images.db"));
    for world in [world().await, World::start(in_file).await] {
        let sandbox = world.sandbox("default");
        sandbox.take_checkpoint("before").unwrap();
        sandbox.seed(of(&[image("m-own", json!({}))])).unwrap();
        assert_eq!(ids(&sandbox), ["m-own"]);
        sandbox.reset_to("before").unwrap();
        assert_eq!(ids(&sandbox), ["m-1", "m-2", "m-3", "m-4"]);
        sandbox.reset().unwrap();
        assert_eq!(ids(&sandbox), ["m-own"]);
    }
}

#[tokio::test]
async fn images_are_put_patched_read_and_deleted() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    sandbox
        .put(&of(&[image("m-9", json!({"Status": "0"}))]))
        .unwrap()
        .patch("m-9", &json!({"Status": "3", "Description": "broken"}))
        .unwrap();
    let read = sandbox.image("m-9").unwrap();
    assert_eq!(
        (&read["Status"], &read["Description"]),
        (&json!("3"), &json!("broken"))
    );
    assert_eq!(read["CreationTime"], "2026-01-01T00:00:00Z");
    sandbox.delete("m-9").unwrap().delete("m-1").unwrap();
    assert_eq!(ids(&sandbox), ["m-2", "m-3", "m-4"]);
}

#[tokio::test]
async fn checkpoints_are_taken_listed_restored_and_deleted() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    sandbox
        .delete("m-1")
        .unwrap()
        .take_checkpoint("three")
        .unwrap();
    sandbox.reset().unwrap().reset_to("three").unwrap();
    assert_eq!(ids(&sandbox), ["m-2", "m-3", "m-4"]);
    assert_eq!(sandbox.checkpoints().unwrap(), ["three"]);
    sandbox.delete_checkpoint("three").unwrap();
    assert!(sandbox.checkpoints().unwrap().is_empty());
    let error = sandbox.reset_to("three").unwrap_err();
    assert_eq!(error.to_string(), "there is no checkpoint `three`");
}

#[tokio::test]
async fn the_clock_is_frozen_and_advanced() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    let step = json!([{"after": "1h", "set": {"Status": "1"}}]);
    let copying = image("m-9", json!({"Status": "0", "x-timeline": step}));
    let clock = sandbox.clock();
    clock.freeze("2026-05-01T00:00:00Z").unwrap();
    sandbox.put(&of(&[copying])).unwrap();
    assert_eq!(
        sandbox.image("m-9").unwrap()["CreationTime"],
        "2026-05-01T00:00:00Z"
    );
    clock.advance("59m").unwrap();
    assert_eq!(sandbox.image("m-9").unwrap()["Status"], "0");
    clock.advance("1m").unwrap();
    assert_eq!(sandbox.image("m-9").unwrap()["Status"], "1");
    assert_eq!(clock.now().unwrap(), "2026-05-01T01:00:00Z");
    let other = world.ok("GET", "/_emulator/clock?sandbox=other", "").await;
    assert_eq!(other["now"], "2026-01-01T00:00:00Z");

    clock.offset("-5m").unwrap();
    let own = world.ok("GET", "/_emulator/clock?sandbox=ci-7", "").await;
    assert_eq!(
        (&own["mode"], &own["offset"]),
        (&json!("running"), &json!("5m ago"))
    );
    let now = clock.reset().unwrap().now().unwrap();
    assert_eq!(now, "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_handle_outlives_its_sandbox() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    sandbox.delete("m-1").unwrap();
    world.ok("DELETE", "/_emulator/sandboxes/ci-7", "").await;
    assert_eq!(ids(&sandbox), ["m-1", "m-2", "m-3", "m-4"]);
    let other = sandbox.clone();
    other.delete("m-2").unwrap();
    assert_eq!(ids(&sandbox), ["m-1", "m-3", "m-4"]);
}

#[tokio::test]
async fn a_refused_change_says_why_and_changes_nothing() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    let before = sandbox.export().unwrap();
    let text_of = |done: Result<&SandboxHandle, HandleError>| done.unwrap_err().to_string();
    let bad = of(&[
        image("m-8", json!({})),
        image("m-9", json!({"Status": "7"})),
    ]);
    for text in [text_of(sandbox.put(&bad)), text_of(sandbox.seed(bad))] {
        assert!(
            text.starts_with("fixture `test.json`, line 1, image 2 (`m-9`): `Status`"),
            "{text}"
        );
    }
    for (done, text) in [
        (
            sandbox.patch("m-9", &json!({"Status": "1"})),
            "there is no image `m-9`",
        ),
        (
            sandbox.patch("m-1", &json!({"ImageId": "m-2"})),
            "`ImageId` cannot change; put an image under the new id instead",
        ),
        (
            sandbox.patch("m-1", &json!(["Status"])),
            "a merge patch is a JSON object",
        ),
        (sandbox.delete("m-9"), "there is no image `m-9`"),
        (sandbox.reset_to("nope"), "there is no checkpoint `nope`"),
        (
            sandbox.take_checkpoint("seed"),
            "the checkpoint names `seed` and `empty` are reserved",
        ),
        (
            sandbox.delete_checkpoint("empty"),
            "the checkpoint names `seed` and `empty` are reserved",
        ),
        (
            sandbox.take_checkpoint("a/b"),
            "a name has 1 to 128 of the characters A-Z a-z 0-9 . _ -, got \"a/b\"",
        ),
    ] {
        assert_eq!(text_of(done), text);
    }
    assert!(matches!(sandbox.image("m-9"), Err(HandleError::Unknown(_))));
    assert_eq!(sandbox.export().unwrap(), before);
    let name = world.sandbox("a b");
    assert!(matches!(name.export(), Err(HandleError::NoSandbox(_))));
}

#[tokio::test]
async fn a_refused_change_of_the_clock_says_why() {
    let world = world().await;
    let sandbox = world.sandbox("ci-7");
    let clock = sandbox.clock();
    for (done, text) in [
        (
            clock.freeze("today"),
            "`freeze` must be a real date as `yyyy-MM-ddTHH:mm:ssZ`, got \"today\"",
        ),
        (
            clock.offset("soon"),
            "`offset` must be a time such as `3s` or `1h 30m`, got \"soon\"",
        ),
        (
            clock.advance("-3s"),
            "`advance` goes forwards only; set a clock back by `freeze`",
        ),
        (
            clock
                .freeze("9999-12-30T00:00:00Z")
                .and_then(|clock| clock.advance("25h")),
            "a clock stays within the years 0000 to 9999",
        ),
    ] {
        assert_eq!(done.unwrap_err().to_string(), text);
    }
    let now = clock.now().unwrap();
    assert_eq!(now, "9999-12-30T00:00:00Z");
}

#[tokio::test]
async fn generated_images_are_counted_and_the_same_for_the_same_seed() {
    let world = world().await;
    let [one, two] = ["one", "two"].map(|name| world.sandbox(name));
    for sandbox in [&one, &two] {
        sandbox
            .reset_to("empty")
            .unwrap()
            .generate_from(7, 20)
            .unwrap();
        let n_images: u64 = sandbox.counts().unwrap().values().sum();
        assert_eq!(n_images, 20);
    }
    assert_eq!(one.export().unwrap(), two.export().unwrap());
    one.generate(5).unwrap();
    assert_eq!(one.counts().unwrap().values().sum::<u64>(), 25);
    for n in [0, 1_000_001] {
        assert_eq!(
            one.generate(n).unwrap_err().to_string(),
            format!("`count` must be in 1..=1000000, got {n}")
        );
    }
}

#[tokio::test]
async fn without_isolation_there_is_the_default_sandbox_alone() {
    let world = World::start(Emulator::builder()).await;
    world.sandbox("default").reset_to("empty").unwrap();
    assert!(world.listed("any").await.is_empty());
    let error = world.sandbox("ci-7").reset().unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no sandbox `ci-7`: all requests share the sandbox `default`"
    );
}
