//! Generated images: plausible, and the same for the same seed on every machine.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Emulator;

use crate::support::{World, ids, isolated};

const PATH: &str = "/_emulator/generate";

async fn empty() -> World {
    let empty = swas_emulator::Fixture::from_json("empty.json", "[]");
    World::start(Emulator::builder().fixture(empty).isolate()).await
}

async fn images(world: &World, sandbox: &str) -> Vec<Value> {
    let fixture: Value = serde_json::from_str(&world.export(sandbox).await).unwrap();
    fixture["CustomImages"].as_array().unwrap().clone()
}

/// FNV-1a over the bytes: enough to see that one of them changed.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[tokio::test]
async fn a_seed_gives_the_same_bytes_in_every_sandbox_and_every_run() {
    let world = empty().await;
    let wish = r#"{"count": 40, "rngSeed": 42}"#;
    let made = world.ok("POST", PATH, wish).await;
    assert_eq!(made, json!({"added": 40, "replaced": 0, "rngSeed": 42}));
    world.ok("POST", &format!("{PATH}?sandbox=a"), wish).await;
    let export = world.export("default").await;
    assert_eq!(world.export("a").await, export);
    // Pinned: a change of this value changes the images of every user who pinned a seed.
    assert_eq!(
        (export.len(), fingerprint(&export)),
        (38_372, "7254bb8ad5d4359d".to_owned())
    );
    let again = world.ok("POST", PATH, wish).await;
    assert_eq!(again, json!({"added": 0, "replaced": 40, "rngSeed": 42}));
    let other = world
        .ok("POST", PATH, r#"{"count": 40, "rngSeed": 43}"#)
        .await;
    assert_eq!(other["added"], 40);
}

#[tokio::test]
async fn every_status_is_there_from_five_images_on() {
    let world = empty().await;
    world
        .ok("POST", PATH, r#"{"count": 5, "rngSeed": 1}"#)
        .await;
    let images = images(&world, "default").await;
    let statuses: BTreeSet<&str> = images
        .iter()
        .map(|one| one["Status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, BTreeSet::from(["0", "1", "2", "3", "4"]));
}

#[tokio::test]
async fn images_stay_in_the_regions_asked_for() {
    let world = empty().await;
    let wish = json!({"count": 200, "rngSeed": 1, "regions": ["cn-beijing", "ap-southeast-1"]});
    world.ok("POST", PATH, &wish.to_string()).await;
    let health = world.ok("GET", "/_emulator/health", "").await;
    let by_region: BTreeMap<String, u64> =
        serde_json::from_value(health["images"]["byRegion"].clone()).unwrap();
    assert_eq!(by_region.values().sum::<u64>(), 200);
    let regions: Vec<&String> = by_region.keys().collect();
    assert_eq!(regions, ["ap-southeast-1", "cn-beijing"]);
    // The first one is the most used.
    assert!(by_region["cn-beijing"] > by_region["ap-southeast-1"]);
}

#[tokio::test]
async fn ids_have_the_vendors_shapes_and_what_belongs_together_agrees() {
    let world = empty().await;
    world
        .ok("POST", PATH, r#"{"count": 300, "rngSeed": 9}"#)
        .await;
    let images = images(&world, "default").await;
    let is_id = |text: &str, kind: &str| {
        let rest = text.strip_prefix(kind).unwrap_or_default();
        rest.len() == 20
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    };
    let mut servers: BTreeMap<&str, &Value> = BTreeMap::new();
    for image in &images {
        // Source: the ids in the vendor's documented examples.
        assert!(is_id(image["ImageId"].as_str().unwrap(), "m-"), "{image}");
        assert!(
            is_id(image["SystemSnapshotId"].as_str().unwrap(), "s-"),
            "{image}"
        );
        let server = image["InstanceId"].as_str().unwrap();
        assert!(
            server.len() == 32 && server.bytes().all(|b| b.is_ascii_hexdigit()),
            "{image}"
        );
        let same = servers.entry(server).or_insert(image);
        for field in [
            "RegionId",
            "SystemSnapshotId",
            "InstanceName",
            "OsType",
            "DataSnapshotId",
        ] {
            assert_eq!(image.get(field), same.get(field), "{field}");
        }
        let has_data = image.get("DataSnapshotId").is_some();
        assert_eq!(image.get("DataSnapshotName").is_some(), has_data);
        assert_eq!(image.get("RequiredDataDiskSize").is_some(), has_data);
    }
    assert!(servers.len() < images.len(), "no server has two images");
}

#[tokio::test]
async fn generated_images_are_added_to_those_that_are_there() {
    let world = World::isolated().await;
    world
        .ok("POST", PATH, r#"{"count": 60, "rngSeed": 1}"#)
        .await;
    assert_eq!(world.ids("default").await.len(), 64);
    assert_eq!(world.ids("other").await.len(), 4);
    let listed = ids(&world.listing("default").await);
    assert!(listed.len() > 3, "{listed:?}");
}

#[tokio::test]
async fn without_a_seed_one_is_drawn_and_returned_for_later_use() {
    let world = World::start(isolated()).await;
    let made = world
        .ok("POST", &format!("{PATH}?sandbox=a"), r#"{"count": 5}"#)
        .await;
    let rng_seed = made["rngSeed"].as_u64().unwrap();
    // Larger ones come out of a JavaScript client as another number.
    assert!(rng_seed < 1 << 53, "{rng_seed}");
    let wish = json!({"count": 5, "rngSeed": rng_seed}).to_string();
    world.ok("POST", &format!("{PATH}?sandbox=b"), &wish).await;
    assert_eq!(world.export("a").await, world.export("b").await);
    let other = world
        .ok("POST", &format!("{PATH}?sandbox=a"), r#"{"count": 5}"#)
        .await;
    assert_ne!(other["rngSeed"], rng_seed);
}

#[rstest]
#[case("{}", "count")]
#[case(r#"{"count": 0}"#, "`count` must be in 1..=1000000, got 0")]
#[case(r#"{"count": 1000001}"#, "`count` must be in 1..=1000000, got 1000001")]
#[case(r#"{"count": -1}"#, "-1")]
#[case(r#"{"count": 1.5}"#, "1.5")]
#[case(r#"{"count": "5"}"#, "string")]
#[case(r#"{"count": 5, "rngseed": 1}"#, "rngseed")]
#[case(r#"{"count": 5, "rngSeed": -1}"#, "-1")]
#[case(r#"{"count": 5, "regions": "cn-hangzhou"}"#, "cn-hangzhou")]
#[case(
    r#"{"count": 5, "regions": ["cn-hangzou"]}"#,
    "did you mean `cn-hangzhou`?"
)]
#[case("[5, null, []]", "a JSON object")]
#[tokio::test]
async fn a_generate_request_that_breaks_a_rule_adds_nothing(
    #[case] wish: &str,
    #[case] part: &str,
) {
    let world = World::shared().await;
    let reply = world.refused(("POST", PATH, wish), 400, "BadRequest").await;
    assert!(reply.error("message").contains(part), "{reply:?}");
    assert_eq!(world.ids("default").await.len(), 4);
}

#[cfg(feature = "cli")]
#[test]
fn the_command_writes_the_same_images_as_the_control_api() {
    let run = |arguments: &[&str]| {
        let mut command = crate::support::binary();
        command.arg("generate-fixture").args(arguments);
        let outcome = crate::support::Outcome::of(command, "");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stdout
    };
    let text = run(&["--count", "40", "--rng-seed", "42"]);
    assert_eq!(text, run(&["--count", "40", "--rng-seed", "42"]));
    assert_ne!(text, run(&["--count", "40", "--rng-seed", "43"]));
    // Pinned, as above.
    assert_eq!(
        (text.len(), fingerprint(&text)),
        (27_249, "7359fc2ec464cc43".to_owned())
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.json");
    let path = file.to_str().unwrap();
    assert_eq!(
        run(&["--count", "40", "--rng-seed", "42", "--output", path]),
        ""
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let only = run(&["--count", "9", "--region", "cn-beijing"]);
    assert_eq!(only.matches(r#""RegionId":"cn-beijing""#).count(), 9);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = empty().await;
        world
            .ok("POST", PATH, r#"{"count": 40, "rngSeed": 42}"#)
            .await;
        world.ok("PUT", "/_emulator/images?sandbox=a", &text).await;
        assert_eq!(world.export("a").await, world.export("default").await);
    });
}
