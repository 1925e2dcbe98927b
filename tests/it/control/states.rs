//! Whole states: reset, checkpoints, export.

use proptest::prelude::*;
use proptest::sample::select;
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

#[tokio::test]
async fn an_export_is_sorted_by_id_and_has_one_field_a_line() {
    let world = World::shared().await;
    reset(&world, "empty").await;
    // Byte for byte: capitals first, `m-10` before `m-9`, letters outside ASCII last.
    let ids = ["m-9", "镜", "m-10", "M-1", "a"];
    let images = ids.map(|id| image(id, json!({"CreationTime": "2026-01-01T00:00:00Z"})));
    world
        .ok("PUT", "/_emulator/images", &fixture(&images))
        .await;
    assert_eq!(
        world.ids("default").await,
        ["M-1", "a", "m-10", "m-9", "镜"]
    );
    world.ok("POST", "/_emulator/reset", "").await;
    reset(&world, "empty").await;
    let one = image(
        "m-1",
        json!({"CreationTime": "2026-01-01T00:00:00Z", "Tags": [{"Key": "env", "Value": "测试"}]}),
    );
    world.ok("PUT", "/_emulator/images", &fixture(&[one])).await;
    insta::assert_snapshot!(world.export("default").await, @r#"
    {
      "CustomImages": [
        {
          "CreationTime": "2026-01-01T00:00:00Z",
          "InShare": false,
          "InShareUser": false,
          "RegionId": "cn-hangzhou",
          "Name": "m-1",
          "ImageId": "m-1",
          "Status": "1",
          "Tags": [
            {
              "Key": "env",
              "Value": "测试"
            }
          ],
          "CreateInstances": []
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn the_built_in_account_is_exported_imported_and_exported_byte_for_byte() {
    let world = World::start(Emulator::builder().isolate()).await;
    let first = world.export("a").await;
    world
        .ok("POST", "/_emulator/reset?to=empty&sandbox=b", "")
        .await;
    world.ok("PUT", "/_emulator/images?sandbox=b", &first).await;
    assert_eq!(world.export("b").await, first);
    // As a fixture of another emulator too.
    let fixture = swas_emulator::Fixture::from_json("export.json", first.as_str());
    let other = World::start(Emulator::builder().fixture(fixture)).await;
    assert_eq!(other.export("default").await, first);
}

/// Text with what JSON must escape, and what is more than one byte.
fn text() -> impl Strategy<Value = String> {
    "[a-z\"\\\\/ <&é测😀\u{A0}\u{2028}]{0,12}"
}

prop_compose! {
    fn any_image()(
        id in "[A-Za-z0-9*测/ -]{1,6}",
        name in text(),
        region in select(vec!["cn-hangzhou", "cn-shanghai", "eu-central-1"]),
        status in select(vec!["0", "1", "2", "3", "4"]),
        unix_s in -62_167_219_200..253_402_128_000_i64,
        texts in prop::array::uniform4(proptest::option::of(text())),
        flags: (bool, bool),
        numbers in (proptest::option::of(0..i64::MAX), proptest::option::of(0..i32::MAX)),
        os_type in proptest::option::of(select(vec!["Linux", "Windows"])),
        tags in prop::collection::btree_map("[a-z测\"]{1,4}", text(), 0..5),
        servers in prop::collection::vec(text(), 0..3),
        steps in prop::collection::vec((any::<bool>(), 1..100_000_u32, text()), 0..3),
    ) -> Value {
        let time = swas_emulator::internals::Timestamp::from_unix_s(unix_s).unwrap().to_string();
        let mut image = image(&id, json!({
            "Name": name, "RegionId": region, "Status": status, "CreationTime": time,
            "Description": texts[0], "InstanceId": texts[1], "SourceImageName": texts[2],
            "ResourceGroupId": texts[3], "InShare": flags.0, "InShareUser": flags.1,
            "UserId": numbers.0, "RequiredDataDiskSize": numbers.1, "OsType": os_type,
            "Tags": tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Value>(),
            "CreateInstances": servers,
        }));
        if !steps.is_empty() {
            image["x-timeline"] = steps.into_iter().map(|(by_clock, n, text)| {
                let set = json!({"Description": text, "Status": "1"});
                if by_clock {
                    json!({"after": format!("{n}ms"), "set": set})
                } else {
                    json!({"afterLists": n, "set": set})
                }
            }).collect();
        }
        image
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn export_import_export_is_byte_identical(images in prop::collection::vec(any_image(), 0..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let start = swas_emulator::internals::Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
            let empty = swas_emulator::Fixture::from_json("empty.json", "[]");
            let world = World::start(Emulator::builder().fixture(empty).clock(start).isolate()).await;
            // Two images of one id would be refused together; one after the other, the last stands.
            for image in &images {
                world.ok("PUT", "/_emulator/images?sandbox=a", &fixture(std::slice::from_ref(image))).await;
            }
            let first = world.export("a").await;
            world.ok("PUT", "/_emulator/images?sandbox=b", &first).await;
            assert_eq!(world.export("b").await, first);
            let body = format!(r#"{{"accessKeyId": "c", "fixture": {first}}}"#);
            world.ok("POST", "/_emulator/sandboxes", &body).await;
            assert_eq!(world.export("c").await, first);
        });
    }
}
