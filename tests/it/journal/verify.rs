//! Verification: which requests were expected, and which came.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::world;
use crate::support::{ACTION, World};

async fn unmet(world: &World, expectations: Value) -> String {
    let reply = world
        .control("POST", "/_emulator/verify", &expectations.to_string())
        .await;
    assert_eq!(reply.status, 409, "{reply:?}");
    reply.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_failed_verification_shows_what_was_expected_what_came_and_the_nearest_request() {
    let world = world().await;
    assert_snapshot!(unmet(&world, json!([{"match": {"action": "ListCustomImages"}}])).await, @r"
    expectation 1 was not met
      expected: at least once, ListCustomImages
      came:     0 of 0 recorded requests
      no request was recorded there
    ");
    world.list("PageSize=10").await;
    world
        .get(&format!("{ACTION}&RegionId=cn-beijing&PageSize=0"))
        .await;
    let good = json!([
        {"match": {"action": "ListCustomImages", "parameters": {"PageSize": "10"}}, "times": 1},
        {"match": {"status": 400}, "atLeast": 1, "atMost": 2},
        {"match": {"code": "InternalError"}, "never": true},
    ]);
    assert_eq!(
        world
            .ok("POST", "/_emulator/verify", &good.to_string())
            .await["met"],
        3
    );
    let wrong = json!([{
        "match": {"action": "ListCustomImages", "parameters": {"PageSize": "3", "RegionId": "cn-hangzhou"}},
        "times": 1,
    }]);
    assert_snapshot!(unmet(&world, wrong).await, @r#"
    expectation 1 was not met
      expected: once, ListCustomImages PageSize=3 RegionId=cn-hangzhou
      came:     0 of 2 recorded requests
      nearest:  ListCustomImages RegionId=cn-hangzhou PageSize=10 answered 200
        PageSize: expected "3", came "10"
    "#);
    assert_snapshot!(unmet(&world, json!([{"match": {"status": 400}, "never": true}])).await, @r"
    expectation 1 was not met
      expected: never, answered 400
      came:     1 of 2 recorded requests
      the first of them: ListCustomImages RegionId=cn-beijing PageSize=0 answered 400 InvalidPageSize
    ");
    let order = json!({"inOrder": true, "expectations": [
        {"match": {"status": 400}}, {"match": {"status": 200}},
    ]});
    assert_snapshot!(unmet(&world, order).await, @r"
    expectation 2 was not met
      expected: at least once, answered 200
      came:     0 of 2 recorded requests, of which 0 came after the expectation before
      no request was recorded there
    ");
}

#[tokio::test]
async fn an_invalid_expectation_is_refused() {
    let world = world().await;
    for bad in [
        json!([]),
        json!([{"times": 1, "never": true}]),
        json!([{"atLeast": 2, "atMost": 1}]),
        json!([{"tmes": 1}]),
        json!({"expectations": []}),
        json!("x"),
    ] {
        let reply = world
            .control("POST", "/_emulator/verify", &bad.to_string())
            .await;
        assert_eq!(reply.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn in_order_an_exact_number_is_exact_up_to_the_next_expectation() {
    let world = world().await;
    for page in ["1", "1", "2", "1"] {
        world.list(&format!("PageNumber={page}")).await;
    }
    let one = |page: &str, times: usize| json!({"match": {"parameters": {"PageNumber": page}}, "times": times});
    let never = |page: &str| json!({"match": {"parameters": {"PageNumber": page}}, "never": true});
    for (expectations, is_met) in [
        (json!([one("1", 2), one("2", 1), one("1", 1)]), true),
        (json!([one("1", 1), one("1", 1), one("2", 1)]), true),
        (json!([one("1", 2), never("3"), one("2", 1)]), true),
        (json!([one("1", 1), one("2", 1)]), false),
        (json!([one("2", 1), one("1", 2)]), false),
        (json!([one("1", 3)]), true),
        (json!([one("1", 2)]), false),
        (json!([one("1", 1), never("1"), one("2", 1)]), false),
    ] {
        let order = json!({"inOrder": true, "expectations": expectations}).to_string();
        let reply = world.control("POST", "/_emulator/verify", &order).await;
        assert_eq!(reply.status == 200, is_met, "{order}: {reply:?}");
    }
}
