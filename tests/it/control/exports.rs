//! Exports: a sandbox as a fixture, which gives the same sandbox again.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use swas_emulator::{Emulator, Fixture, Timestamp};

use crate::support::{World, fixture, image};

#[tokio::test]
async fn an_export_is_sorted_by_id_and_has_one_field_a_line() {
    let world = World::shared().await;
    world.ok("POST", "/_emulator/reset?to=empty", "").await;
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
    world.ok("POST", "/_emulator/reset?to=empty", "").await;
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
    let fixture = Fixture::from_json("export.json", first.as_str());
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
        let time = Timestamp::from_unix_s(unix_s).unwrap().to_string();
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
            let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
            let empty = Fixture::from_json("empty.json", "[]");
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
