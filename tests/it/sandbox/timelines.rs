//! Timelines: changes of an image that are still to come, by the clock or after a number of listings.

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::internals::Timestamp;
use swas_emulator::{Emulator, EmulatorBuilder, Fixture};

use crate::support::{ACTION, World, fixture, image};

/// 0 copying, and 1 available after 3 seconds.
fn copying() -> Value {
    image(
        "m-1",
        json!({"Status": "0", "x-timeline": [{"after": "3s", "set": {"Status": "1"}}]}),
    )
}

/// 0 copying for two listings, 4 creating for one, then 3 failed after a minute.
fn failing() -> Value {
    image(
        "m-2",
        json!({"Status": "0", "x-timeline": [
            {"afterLists": 2, "set": {"Status": "4", "Description": "almost"}},
            {"afterLists": 1, "set": {"Description": null}},
            {"after": "1m", "set": {"Status": "3", "Tags": [{"Key": "late"}]}},
        ]}),
    )
}

fn builder(images: &[Value]) -> EmulatorBuilder {
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let seed = Fixture::from_json("seed.json", fixture(images));
    Emulator::builder().fixture(seed).clock(start).isolate()
}

async fn world(images: &[Value]) -> World {
    World::start(builder(images)).await
}

/// An emulator in memory, and one whose default sandbox is in a file.
async fn worlds(images: &[Value]) -> [(World, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let in_file = World::start(builder(images).database(file)).await;
    [(world(images).await, None), (in_file, Some(folder))]
}

async fn advance(world: &World, by: &str) {
    let change = json!({"advance": by}).to_string();
    world.ok("PUT", "/_emulator/clock", &change).await;
}

async fn read(world: &World, image_id: &str) -> Value {
    world
        .ok("GET", &format!("/_emulator/images/{image_id}"), "")
        .await
}

#[tokio::test]
async fn a_polling_loop_sees_the_change_when_the_clock_is_advanced() {
    for (world, _folder) in worlds(&[copying()]).await {
        for _ in 0..3 {
            assert_eq!(world.status("default", "m-1").await, "0");
        }
        advance(&world, "2999ms").await;
        assert_eq!(world.status("default", "m-1").await, "0");
        advance(&world, "1ms").await;
        assert_eq!(world.status("default", "m-1").await, "1");
        // The field is gone with the last step, and no answer of the API ever had it.
        assert_eq!(read(&world, "m-1").await.get("x-timeline"), None);
        let listing = world.listing("default").await;
        assert_eq!(listing["CustomImages"][0].get("x-timeline"), None);
    }
}

#[tokio::test]
async fn no_answer_of_the_api_shows_a_timeline() {
    let world = world(&[copying()]).await;
    let listing = world.listing("default").await;
    assert_eq!(listing["CustomImages"][0].get("x-timeline"), None);
    for path in [
        "/_emulator/images/m-1",
        "/_emulator/export",
        "/_emulator/images",
    ] {
        let body = world.control("GET", path, "").await.body;
        assert!(body.contains("x-timeline"), "{path}");
    }
}

#[tokio::test]
async fn a_step_takes_effect_after_a_number_of_listings_that_contained_the_image() {
    for (world, _folder) in worlds(&[failing()]).await {
        // What does not contain the image does not count, nor does the control API.
        for parameters in ["ImageIds=m-9", "PageNumber=2", "Tag.1.Key=late"] {
            let parameters = format!("{parameters}&AccessKeyId=default");
            assert_eq!(world.list(&parameters).await.ids(), [""; 0]);
        }
        read(&world, "m-2").await;
        world.export("default").await;
        assert_eq!(world.status("default", "m-2").await, "0");
        assert_eq!(world.status("default", "m-2").await, "0");
        let listing = world.listing("default").await;
        assert_eq!(listing["CustomImages"][0]["Status"], "4");
        assert_eq!(listing["CustomImages"][0]["Description"], "almost");
        let listing = world.listing("default").await;
        assert_eq!(listing["CustomImages"][0].get("Description"), None);
        // The last step waits for the clock from the moment of the one before.
        advance(&world, "59s").await;
        assert_eq!(world.status("default", "m-2").await, "4");
        advance(&world, "1s").await;
        assert_eq!(world.status("default", "m-2").await, "3");
        assert_eq!(world.list("Tag.1.Key=late").await.ids(), ["m-2"]);
    }
}

#[tokio::test]
async fn filters_and_counts_see_the_change_in_the_very_request_that_is_due() {
    let step = json!([{"after": "1s", "set": {"Name": "new", "RegionId": "cn-shanghai"}}]);
    let world = world(&[image("m-1", json!({"x-timeline": step}))]).await;
    advance(&world, "1s").await;
    assert_eq!(world.list("ImageNames=new").await.ids(), [""; 0]);
    let query = format!("{ACTION}&RegionId=cn-shanghai&ImageNames=new");
    assert_eq!(world.get(&query).await.ids(), ["m-1"]);
    let health = world.ok("GET", "/_emulator/health", "").await;
    assert_eq!(health["images"]["byRegion"], json!({"cn-shanghai": 1}));
}

#[tokio::test]
async fn several_steps_that_are_due_at_once_take_effect_in_order() {
    let steps = json!([
        {"after": "1s", "set": {"Status": "4", "Description": "first"}},
        {"after": "2s", "set": {"Status": "1"}},
        {"after": "3s", "set": {"Status": "2"}},
    ]);
    for (world, _folder) in worlds(&[image("m-1", json!({"x-timeline": steps}))]).await {
        advance(&world, "4s").await;
        let now = read(&world, "m-1").await;
        assert_eq!(
            (&now["Status"], &now["Description"]),
            (&json!("1"), &json!("first"))
        );
        // The third step waits since second 3, when the one before it was due.
        assert_eq!(
            now["x-timeline"],
            json!([{"after": "2s", "set": {"Status": "2"}}])
        );
        advance(&world, "2s").await;
        assert_eq!(read(&world, "m-1").await["Status"], "2");
    }
}

#[tokio::test]
async fn a_timeline_starts_when_the_image_is_put() {
    for (world, _folder) in worlds(&[]).await {
        advance(&world, "1h").await;
        world
            .ok("PUT", "/_emulator/images/m-1", &copying().to_string())
            .await;
        advance(&world, "2s").await;
        assert_eq!(world.status("default", "m-1").await, "0");
        // Put again, it starts again.
        world
            .ok("PUT", "/_emulator/images", &fixture(&[copying()]))
            .await;
        advance(&world, "2s").await;
        assert_eq!(world.status("default", "m-1").await, "0");
        advance(&world, "1s").await;
        assert_eq!(world.status("default", "m-1").await, "1");
    }
}

#[tokio::test]
async fn a_timeline_of_the_seed_starts_anew_with_each_reset_and_in_each_sandbox() {
    for (world, _folder) in worlds(&[copying(), failing()]).await {
        for _ in 0..3 {
            advance(&world, "3s").await;
            assert_eq!(world.status("default", "m-1").await, "1");
            for status in ["0", "4"] {
                assert_eq!(world.status("default", "m-2").await, status);
            }
            world.ok("POST", "/_emulator/reset", "").await;
            assert_eq!(world.status("default", "m-1").await, "0");
            let left = read(&world, "m-2").await["x-timeline"].clone();
            assert_eq!(
                left[0]["afterLists"], 1,
                "one listing has contained it: {left}"
            );
            world.ok("POST", "/_emulator/reset", "").await;
            let left = read(&world, "m-2").await["x-timeline"].clone();
            assert_eq!(left[0]["afterLists"], 2, "{left}");
        }
        // A sandbox that is made late waits from its first use on, by its own clock.
        assert_eq!(world.status("late", "m-1").await, "0");
        world
            .ok(
                "PUT",
                "/_emulator/clock?sandbox=late",
                r#"{"advance": "3s"}"#,
            )
            .await;
        assert_eq!(world.status("late", "m-1").await, "1");
    }
}

#[tokio::test]
async fn listings_of_one_sandbox_do_not_count_in_another() {
    let world = world(&[failing()]).await;
    for _ in 0..5 {
        world.listing("a").await;
    }
    assert_eq!(world.status("a", "m-2").await, "4");
    assert_eq!(world.status("b", "m-2").await, "0");
    let seed = world
        .control("GET", "/_emulator/checkpoints/seed", "")
        .await
        .json();
    assert_eq!(seed["CustomImages"][0]["x-timeline"][0]["afterLists"], 2);
}

#[tokio::test]
async fn a_checkpoint_keeps_what_is_left_of_a_timeline() {
    for (world, _folder) in worlds(&[copying(), failing()]).await {
        advance(&world, "1s").await;
        world.listing("default").await;
        world.ok("POST", "/_emulator/checkpoints/s", "").await;
        let left = |images: &Value| {
            let images = images["CustomImages"].as_array().unwrap().clone();
            let first = |image: &Value| image["x-timeline"][0].clone();
            let mut left: Vec<Value> = images.iter().map(first).collect();
            for step in &mut left {
                step.as_object_mut().unwrap().remove("set");
            }
            left
        };
        let expected = [json!({"after": "2s"}), json!({"afterLists": 1})];
        // Time that goes by after the checkpoint changes the sandbox, not the checkpoint.
        advance(&world, "1h").await;
        world.listing("default").await;
        let kept = world
            .control("GET", "/_emulator/checkpoints/s", "")
            .await
            .json();
        assert_eq!(left(&kept), expected);
        for _ in 0..2 {
            assert_eq!(world.status("default", "m-1").await, "1");
            world.ok("POST", "/_emulator/reset?to=s", "").await;
            let now: Value = serde_json::from_str(&world.export("default").await).unwrap();
            assert_eq!(left(&now), expected);
            advance(&world, "1999ms").await;
            assert_eq!(world.status("default", "m-1").await, "0");
            advance(&world, "1ms").await;
            assert_eq!(world.status("default", "m-1").await, "1");
            assert_eq!(world.status("default", "m-2").await, "4");
        }
    }
}

#[tokio::test]
async fn taking_a_checkpoint_does_not_start_the_timelines_anew() {
    for (world, _folder) in worlds(&[copying(), failing()]).await {
        advance(&world, "2s").await;
        world.listing("default").await;
        world.ok("POST", "/_emulator/checkpoints/s", "").await;
        advance(&world, "1s").await;
        assert_eq!(world.status("default", "m-1").await, "1");
        assert_eq!(world.status("default", "m-2").await, "4");
    }
}

#[tokio::test]
async fn an_export_has_what_is_left_and_goes_on_from_there_elsewhere() {
    let world = world(&[copying(), failing()]).await;
    advance(&world, "1s").await;
    world.listing("default").await;
    let export = world.export("default").await;
    world
        .ok("PUT", "/_emulator/images?sandbox=b", &export)
        .await;
    assert_eq!(world.export("b").await, export);
    world
        .ok("PUT", "/_emulator/clock?sandbox=b", r#"{"advance": "2s"}"#)
        .await;
    assert_eq!(world.status("b", "m-1").await, "1");
    assert_eq!(world.status("b", "m-2").await, "4");
}

#[tokio::test]
async fn a_patch_keeps_what_is_left_and_can_end_or_replace_a_timeline() {
    for (world, _folder) in worlds(&[copying()]).await {
        let path = "/_emulator/images/m-1";
        advance(&world, "2s").await;
        let patched = world.ok("PATCH", path, r#"{"Description": "x"}"#).await;
        assert_eq!(patched["x-timeline"][0]["after"], "1s");
        advance(&world, "1s").await;
        let now = read(&world, "m-1").await;
        assert_eq!(
            (&now["Status"], &now["Description"]),
            (&json!("1"), &json!("x"))
        );
        world.ok("POST", "/_emulator/reset", "").await;
        let patched = world.ok("PATCH", path, r#"{"x-timeline": null}"#).await;
        assert_eq!(patched.get("x-timeline"), None);
        advance(&world, "1h").await;
        assert_eq!(world.status("default", "m-1").await, "0");
        let step = json!({"x-timeline": [{"afterLists": 1, "set": {"Status": "3"}}]});
        world.ok("PATCH", path, &step.to_string()).await;
        assert_eq!(world.status("default", "m-1").await, "0");
        assert_eq!(world.status("default", "m-1").await, "3");
    }
}

#[tokio::test]
async fn a_timeline_in_a_file_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let world = World::start(builder(&[copying(), failing()]).database(&file)).await;
    world.listing("default").await;
    drop(world);
    let world = World::start(builder(&[]).database(&file)).await;
    advance(&world, "3s").await;
    assert_eq!(world.status("default", "m-1").await, "1");
    assert_eq!(world.status("default", "m-2").await, "4");
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_a_step_wait_longer() {
    let world = world(&[copying()]).await;
    let back = r#"{"freeze": "2025-12-31T23:59:00Z"}"#;
    world.ok("PUT", "/_emulator/clock", back).await;
    assert_eq!(read(&world, "m-1").await["x-timeline"][0]["after"], "3s");
    advance(&world, "1m 2s").await;
    assert_eq!(world.status("default", "m-1").await, "0");
    advance(&world, "1s").await;
    assert_eq!(world.status("default", "m-1").await, "1");
}

#[tokio::test]
async fn a_step_that_waits_for_no_time_is_due_at_once() {
    let step = json!([{"after": "0s", "set": {"Status": "1"}}]);
    let world = world(&[image("m-1", json!({"Status": "0", "x-timeline": step}))]).await;
    assert_eq!(world.status("default", "m-1").await, "1");
}

#[rstest]
#[case(json!({"after": "3s"}), "`x-timeline`: invalid type: map, expected a sequence")]
#[case(json!([3]), "`x-timeline[0]`: invalid type: integer `3`, expected an object")]
#[case(json!([{"set": {}}]), "either `after` or `afterLists`")]
#[case(json!([{"after": "3s", "afterLists": 1, "set": {}}]), "either `after` or `afterLists`")]
#[case(json!([{"after": "3s"}]), "`x-timeline[0]`: missing field `set`")]
#[case(json!([{"after": 3, "set": {}}]), "`x-timeline[0].after`: invalid type: integer `3`, expected a string")]
#[case(json!([{"after": "soon", "set": {}}]), "`x-timeline[0].after`: invalid value: string \"soon\", expected a time such as `750ms` or `3s`")]
#[case(json!([{"after": "-3s", "set": {}}]), "expected a time such as `750ms` or `3s`")]
#[case(json!([{"after": "900000h", "set": {}}]), "expected a time such as `750ms` or `3s`")]
#[case(json!([{"afterLists": 0, "set": {}}]), "`x-timeline[0].afterLists`: invalid value: integer `0`, expected an integer in 1..=1000000")]
#[case(json!([{"afterLists": 1_000_001, "set": {}}]), "integer `1000001`, expected an integer in 1..=1000000")]
#[case(json!([{"afterLists": "2", "set": {}}]), "`x-timeline[0].afterLists`: invalid type: string \"2\", expected i64")]
#[case(json!([{"after": "3s", "set": []}]), "`x-timeline[0].set`: invalid type: sequence, expected a map")]
#[case(json!([{"after": "3s", "set": {"Status": "9"}}]), "`x-timeline[0].set`: `Status`: invalid value: string \"9\"")]
#[case(json!([{"after": "3s", "set": {"Statsu": "1"}}]), "unknown field `Statsu`, did you mean `Status`?")]
#[case(json!([{"after": "3s", "set": {"ImageId": "m-2"}}]), "`ImageId` cannot change")]
#[case(json!([{"after": "3s", "set": {"Name": null}}]), "missing field `Name`")]
#[case(json!([{"after": "3s", "set": {"x-timeline": []}}]), "a step cannot set `x-timeline`")]
#[case(json!([{"afer": "3s", "set": {}}]), "unknown field `afer`, did you mean `after`?")]
#[case(json!(vec![json!({"after": "3s", "set": {}}); 101]), "at most 100 steps, got 101")]
#[tokio::test]
async fn a_timeline_that_breaks_a_rule_is_refused_with_the_line_and_the_rule(
    #[case] timeline: Value,
    #[case] rule: &str,
) {
    let world = world(&[copying()]).await;
    let before = world.export("default").await;
    // The timeline stands on the third line.
    let body = format!(
        "[\n{{\"ImageId\": \"m-1\", \"RegionId\": \"cn-hangzhou\", \"Name\": \"x\",\n\"x-timeline\": {timeline}}}\n]"
    );
    let put = ("PUT", "/_emulator/images", &*body);
    let message = world
        .refused(put, 400, "InvalidImages")
        .await
        .error("message");
    let place = "fixture `request body`, line 3, image 1 (`m-1`): ";
    assert!(
        message.starts_with(place) && message.contains(rule),
        "{message}"
    );
    assert_eq!(world.export("default").await, before);
}

#[tokio::test]
async fn a_hundred_steps_are_accepted() {
    let world = world(&[]).await;
    let mut steps = vec![json!({"after": "1s", "set": {"Status": "0"}}); 99];
    steps.push(json!({"afterLists": 1_000_000, "set": {"Status": "0"}}));
    let body = image("m-1", json!({"x-timeline": steps})).to_string();
    world.ok("PUT", "/_emulator/images/m-1", &body).await;
    advance(&world, "99s").await;
    let left = read(&world, "m-1").await["x-timeline"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1);
}
