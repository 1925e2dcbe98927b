//! The images of a sandbox: read, put, changed, deleted.

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Emulator;

use crate::support::{World, encode, fixture, ids, image};

const PATH: &str = "/_emulator/images";

async fn page(world: &World, query: &str) -> (Vec<String>, Value) {
    let mut page = world.ok("GET", &format!("{PATH}?{query}"), "").await;
    let images = page["images"].take();
    (ids(&json!({"CustomImages": images})), page)
}

#[tokio::test]
async fn images_of_all_regions_are_read_a_page_at_a_time_by_id() {
    let world = World::shared().await;
    let (ids, page_of_all) = page(&world, "").await;
    assert_eq!(ids, ["m-1", "m-2", "m-3", "m-4"]);
    assert_eq!(
        page_of_all,
        json!({"images": null, "totalCount": 4, "pageNumber": 1, "pageSize": 100})
    );
    assert_eq!(page(&world, "pageSize=3").await.0, ["m-1", "m-2", "m-3"]);
    assert_eq!(page(&world, "pageSize=3&pageNumber=2").await.0, ["m-4"]);
    let (past, told) = page(&world, "pageSize=1000&pageNumber=4294967295").await;
    assert!(past.is_empty());
    assert_eq!(told["totalCount"], 4);
}

#[rstest]
#[case("pageSize=0")]
#[case("pageSize=1001")]
#[case("pageSize=+1")]
#[case("pageSize=ten")]
#[case("pageNumber=0")]
#[case("pageNumber=4294967296")]
#[case("pageNumber=-1")]
#[tokio::test]
async fn a_page_outside_the_range_is_refused(#[case] query: &str) {
    let world = World::shared().await;
    world
        .refused(("GET", &format!("{PATH}?{query}"), ""), 400, "BadRequest")
        .await;
}

#[tokio::test]
async fn put_adds_and_replaces_and_counts_both() {
    let world = World::shared().await;
    let images = [
        image("m-2", json!({"Name": "new name"})),
        image("m-8", json!({})),
        image("m-9", json!({})),
    ];
    let list = serde_json::to_string(&images).unwrap();
    let put = world.ok("PUT", PATH, &list).await;
    assert_eq!(put, json!({"added": 2, "replaced": 1}));
    assert_eq!(
        page(&world, "").await.0,
        ["m-1", "m-2", "m-3", "m-4", "m-8", "m-9"]
    );
    let replaced = world.ok("GET", &format!("{PATH}/m-2"), "").await;
    assert_eq!(replaced["Name"], "new name");
    // The whole image is replaced: what the new one does not say takes its default.
    assert_eq!(replaced["Status"], "1");
    let put = world.ok("PUT", PATH, &fixture(&images)).await;
    assert_eq!(put, json!({"added": 0, "replaced": 3}));
    assert_eq!(
        world.ok("PUT", PATH, "[]").await,
        json!({"added": 0, "replaced": 0})
    );
}

#[tokio::test]
async fn a_saved_answer_of_the_api_is_put_as_it_is() {
    let world = World::isolated().await;
    let answer = world.list("AccessKeyId=a").await;
    assert_eq!(answer.ids(), ["m-1", "m-2", "m-3"]);
    world
        .ok("POST", "/_emulator/reset?to=empty&sandbox=b", "")
        .await;
    let put = world
        .ok("PUT", &format!("{PATH}?sandbox=b"), &answer.body)
        .await;
    assert_eq!(put, json!({"added": 3, "replaced": 0}));
    assert_eq!(
        world.listing("b").await["CustomImages"],
        world.listing("a").await["CustomImages"]
    );
}

#[rstest]
#[case(json!({"ImageId": "m-8", "RegionId": "cn-hangzhou"}), "line 1, image 3 (`m-8`): missing field `Name`")]
#[case(image("m-8", json!({"Nmae": "x"})), "unknown field `Nmae`, did you mean `Name`?")]
#[case(image("m-8", json!({"Status": 1})), "`Status`: invalid type: integer `1`, expected a string")]
#[case(image("m-8", json!({"Status": "5"})), "`Status`: invalid value: string \"5\", expected `0` (copying)")]
#[case(image("m-8", json!({"RegionId": "cn-hangzou"})), "cn-hangzou")]
#[case(image("m-8", json!({"CreationTime": "2026-02-30T00:00:00Z"})), "`CreationTime`")]
#[case(image("m-8", json!({"UserId": -1})), "`UserId`: invalid value: integer `-1`")]
#[case(image("m-8", json!({"Tags": [{"Key": "a"}, {"Key": "a"}]})), "`Tags`: tag key `a` appears twice")]
#[case(image("m-8", json!({"Name": "a\u{1}b"})), "U+0001")]
#[case(image("", json!({})), "`ImageId`")]
#[case(image("m-6", json!({})), "`ImageId` is already used by fixture `request body`, image 2")]
#[case(json!(7), "image 3: invalid type: integer `7`, expected an object")]
#[tokio::test]
async fn one_bad_image_of_many_puts_none(#[case] bad: Value, #[case] rule: &str) {
    let world = World::shared().await;
    let before = world.export("default").await;
    let images = [
        image("m-1", json!({"Name": "x"})),
        image("m-6", json!({})),
        bad,
    ];
    for body in [fixture(&images), serde_json::to_string(&images).unwrap()] {
        let reply = world
            .refused(("PUT", PATH, &body), 400, "InvalidImages")
            .await;
        let message = reply.error("message");
        assert!(
            message.contains("request body") && message.contains(rule),
            "{message}"
        );
        assert_eq!(world.export("default").await, before);
    }
}

#[tokio::test]
async fn delete_takes_every_image_and_leaves_the_seed() {
    let world = World::shared().await;
    assert_eq!(world.ok("DELETE", PATH, "").await, json!({"deleted": 4}));
    assert_eq!(world.ok("DELETE", PATH, "").await, json!({"deleted": 0}));
    assert!(world.listed("default").await.is_empty());
    world.ok("POST", "/_emulator/reset", "").await;
    assert_eq!(world.ids("default").await.len(), 4);
}

#[tokio::test]
async fn one_image_is_read_as_a_fixture_has_it() {
    let world = World::shared().await;
    let read = world.ok("GET", &format!("{PATH}/m-3"), "").await;
    let expected = json!({
        "CreationTime": "2026-01-01T00:00:00Z", "InShare": false, "InShareUser": false,
        "RegionId": "cn-hangzhou", "Name": "m-3", "ImageId": "m-3", "Status": "1",
        "Tags": [{"Key": "env", "Value": "测试"}], "CreateInstances": [],
    });
    assert_eq!(read, expected);
}

#[tokio::test]
async fn one_image_is_put_as_new_or_in_the_place_of_another() {
    let world = World::shared().await;
    let path = format!("{PATH}/m-9");
    let body = image("m-9", json!({"Status": "4"})).to_string();
    let new = world.control("PUT", &path, &body).await;
    assert_eq!(
        (new.status, new.json()["Status"].as_str()),
        (201, Some("4"))
    );
    let body = image("m-9", json!({"Status": "1"})).to_string();
    let replaced = world.control("PUT", &path, &body).await;
    assert_eq!(
        (replaced.status, replaced.json()["Status"].as_str()),
        (200, Some("1"))
    );
    assert_eq!(world.ok("GET", &path, "").await, replaced.json());
}

#[tokio::test]
async fn the_path_and_the_body_must_name_the_same_image() {
    let world = World::shared().await;
    let before = world.export("default").await;
    let path = format!("{PATH}/m-8");
    let body = image("m-9", json!({})).to_string();
    let reply = world
        .refused(("PUT", &path, &body), 400, "BadRequest")
        .await;
    assert_eq!(
        reply.error("message"),
        "the path names image `m-8`, the body `m-9`"
    );
    assert_eq!(world.export("default").await, before);
}

#[tokio::test]
async fn a_patch_merges() {
    let world = World::shared().await;
    let path = format!("{PATH}/m-3");
    let change = json!({"Status": "3", "Description": "broken", "Tags": [{"Key": "a"}]});
    let patched = world.ok("PATCH", &path, &change.to_string()).await;
    assert_eq!(patched["Status"], "3");
    assert_eq!(patched["Description"], "broken");
    // A list is replaced as a whole.
    assert_eq!(patched["Tags"], json!([{"Key": "a", "Value": ""}]));
    assert_eq!(patched["Name"], "m-3");
    let patched = world
        .ok("PATCH", &path, r#"{"Description": null, "Status": null}"#)
        .await;
    assert_eq!(patched.get("Description"), None);
    assert_eq!(patched["Status"], "1");
    assert_eq!(world.ok("PATCH", &path, "{}").await, patched);
    assert_eq!(world.listed("default").await, ["m-1", "m-2", "m-3"]);
}

#[tokio::test]
async fn filters_see_what_a_patch_changed() {
    let world = World::shared().await;
    let patch = json!({
        "Name": "found", "InstanceId": "i-1", "InShareUser": true,
        "Tags": [{"Key": "team", "Value": "web"}],
    });
    world
        .ok("PATCH", &format!("{PATH}/m-2"), &patch.to_string())
        .await;
    for filter in [
        "ImageNames=found",
        "InstanceId=i-1",
        "Share=true",
        "Tag.1.Key=team&Tag.1.Value=web",
    ] {
        assert_eq!(world.list(filter).await.ids(), ["m-2"], "{filter}");
    }
    let by_the_old_name = world.list("ImageNames=m-2").await;
    assert_eq!(by_the_old_name.field("TotalCount"), "0");
}

#[rstest]
#[case(r#"{"Status": "7"}"#, "`Status`: invalid value: string \"7\"")]
#[case(
    r#"{"Status": 1}"#,
    "`Status`: invalid type: integer `1`, expected a string"
)]
#[case(r#"{"ImageId": "m-9"}"#, "`ImageId` cannot change")]
#[case(r#"{"ImageId": null}"#, "`ImageId` cannot change")]
#[case(r#"{"Name": null}"#, "missing field `Name`")]
#[case(r#"{"Statsu": "1"}"#, "unknown field `Statsu`, did you mean `Status`?")]
#[case(r#"{"x-note": "1"}"#, "unknown field `x-note`")]
#[case(r#"{"RegionId": "mars"}"#, "mars")]
#[tokio::test]
async fn a_patch_that_breaks_a_rule_changes_nothing(#[case] patch: &str, #[case] rule: &str) {
    let world = World::shared().await;
    let before = world.export("default").await;
    let path = format!("{PATH}/m-1");
    let reply = world
        .refused(("PATCH", &path, patch), 400, "InvalidImages")
        .await;
    let message = reply.error("message");
    assert!(message.contains(rule), "{message}");
    assert_eq!(world.export("default").await, before);
}

#[tokio::test]
async fn an_image_that_is_not_there_is_404() {
    let world = World::shared().await;
    for id in ["m-9", "M-1", "m-1%00", "m-1%20", "%2e%2e", "m%2F1"] {
        let path = format!("{PATH}/{id}");
        for (method, body) in [("GET", ""), ("PATCH", r#"{"Status": "1"}"#), ("DELETE", "")] {
            let reply = world.control_raw(method, &path, body);
            reply.assert_refused(404, "UnknownImage");
        }
    }
    assert_eq!(world.ids("default").await.len(), 4);
}

#[rstest]
#[case("m/1")]
#[case("..")]
#[case("a b?c#d%")]
#[case("镜像-1")]
#[case("m-ex***2wj3ik")]
#[tokio::test]
async fn an_id_of_any_characters_is_reached_percent_encoded(#[case] id: &str) {
    let world = World::shared().await;
    let path = format!("{PATH}/{}", encode(id));
    let body = image(id, json!({})).to_string();
    assert_eq!(world.control_raw("PUT", &path, &body).status, 201);
    let read = world.control_raw("GET", &path, "");
    assert_eq!(read.json()["ImageId"], id);
    let patched = world.control_raw("PATCH", &path, r#"{"Status": "2"}"#);
    assert_eq!(patched.json()["Status"], "2");
    assert_eq!(world.control_raw("DELETE", &path, "").status, 200);
    assert_eq!(world.ids("default").await.len(), 4);
}

#[tokio::test]
async fn an_image_without_a_creation_time_gets_the_sandboxs() {
    let start = swas_emulator::internals::Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let world = World::start(Emulator::builder().clock(start)).await;
    world
        .ok("PUT", "/_emulator/clock", r#"{"advance": "90s"}"#)
        .await;
    let body = image("m-9", json!({})).to_string();
    let put = world.ok("PUT", &format!("{PATH}/m-9"), &body).await;
    assert_eq!(put["CreationTime"], "2026-01-01T00:01:30Z");
}

#[tokio::test]
async fn a_region_that_was_added_is_known_to_the_control_api() {
    let world = World::start(Emulator::builder().region("cn-private-1")).await;
    let body = image("m-9", json!({"RegionId": "cn-private-1"})).to_string();
    world.ok("PUT", &format!("{PATH}/m-9"), &body).await;
    let health = world.ok("GET", "/_emulator/health", "").await;
    assert_eq!(health["images"]["byRegion"]["cn-private-1"], 1);
}
