//! Explanations: why a list came back empty.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};
use swas_emulator::{Emulator, Fixture};

use crate::api::errors::REFUSALS;
use crate::support::{ACTION, Answer, World};

const IMAGES: &str = r#"[
    {"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web", "InShareUser": true,
     "Tags": [{"Key": "env", "Value": "staging"}]},
    {"ImageId": "m-2", "RegionId": "cn-hangzhou", "Name": "Api", "InstanceId": "i-1",
     "Tags": [{"Key": "env", "Value": "prod"}]},
    {"ImageId": "m-3", "RegionId": "cn-shanghai", "Name": "web"}
]"#;

async fn world() -> World {
    let fixture = Fixture::from_json("three", IMAGES);
    World::start(Emulator::builder().fixture(fixture)).await
}

/// The explanation of a `ListCustomImages` with these parameters.
async fn explained(world: &World, parameters: &str) -> Value {
    world
        .ok(
            "GET",
            &format!("/_emulator/explain?{ACTION}&{parameters}"),
            "",
        )
        .await
}

fn nearest(explanation: &Value) -> (&str, &str, &str) {
    let miss = &explanation["nearMisses"][0];
    let text = |name: &str| miss[name].as_str().unwrap_or_default();
    (text("imageId"), text("filter"), text("how"))
}

#[tokio::test]
async fn the_funnel_shows_what_each_filter_left() {
    let world = world().await;
    let explanation = explained(
        &world,
        "RegionId=cn-hangzhou&ImageIds=m-1&Tag.1.Key=env&Tag.1.Value=prod",
    )
    .await;
    assert_eq!(
        explanation["funnel"],
        json!([
            {"filter": "RegionId", "value": "cn-hangzhou", "count": 2},
            {"filter": "ImageIds", "value": "m-1", "count": 1},
            {"filter": "Tag", "value": "env=prod", "count": 0},
        ])
    );
    assert_eq!(
        explanation["sandbox"],
        json!({"name": "default", "count": 3})
    );
    assert_eq!(nearest(&explanation), ("m-1", "Tag", "has Tag env=staging"));
}

#[tokio::test]
async fn near_misses_are_shown_with_how_near_they_came() {
    let world = world().await;
    let explanation = explained(&world, "RegionId=cn-beijing&ImageIds=m-3").await;
    assert_eq!(
        nearest(&explanation),
        ("m-3", "RegionId", "exists, but in cn-shanghai")
    );
    let explanation = explained(&world, "RegionId=cn-hangzhou&ImageNames=api").await;
    assert_eq!(
        nearest(&explanation),
        ("m-2", "ImageNames", "differs in case")
    );
    let explanation = explained(&world, "RegionId=cn-hangzhou&ImageNames=wep").await;
    assert_eq!(
        nearest(&explanation),
        ("m-1", "ImageNames", "1 character away")
    );
    // The other image of that name is in another region too, so it comes second.
    let explanation = explained(&world, "RegionId=cn-hangzhou&ImageNames=WEB").await;
    assert_eq!(
        nearest(&explanation),
        ("m-1", "ImageNames", "differs in case")
    );
    assert_eq!(explanation["nearMisses"][1]["imageId"], "m-3");
    let explanation = explained(&world, "RegionId=cn-hangzhou&InstanceId=i-1&Share=true").await;
    assert_eq!(nearest(&explanation), ("m-2", "Share", "is not shared"));
    let explanation = explained(&world, "RegionId=cn-hangzhou&PageNumber=3&PageSize=1").await;
    assert_eq!(explanation["page"], "page 3 of 2");
}

#[tokio::test]
async fn a_refused_query_is_explained_too_and_in_text() {
    let world = world().await;
    let explanation = explained(&world, "RegionId=cn-hangzhou&PageSize=0&imageIds=m-1").await;
    assert_eq!(explanation["refused"]["code"], "InvalidPageSize");
    let readings = explanation["parameters"].to_string();
    assert!(readings.contains("did you mean `ImageIds`?"), "{readings}");
    assert!(
        readings.contains("refused: `PageSize` must be in 1..=100, got 0"),
        "{readings}"
    );
    let request = world
        .request(
            "GET",
            &format!("/_emulator/explain?{ACTION}&RegionId=cn-hangzhou&ImageIds=m-9"),
        )
        .header("accept", "text/plain");
    let text = Answer::to(request).await.body;
    assert!(
        text.starts_with("sandbox 3 → RegionId cn-hangzhou 2 → ImageIds 0\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_secret_is_not_shown_by_an_explanation() {
    let world = world().await;
    let secrets = "Signature=sig1&SecurityToken=tok2&BearerToken=bea3";
    let explanation = explained(&world, &format!("RegionId=cn-hangzhou&{secrets}"))
        .await
        .to_string();
    for secret in ["sig1", "tok2", "bea3"] {
        assert!(!explanation.contains(secret), "{explanation}");
    }
}

#[tokio::test]
async fn an_empty_answer_explains_itself_in_a_header() {
    let world = world().await;
    let empty = world.list("ImageIds=m-9").await;
    assert_eq!(
        empty.header("x-emulator-explain"),
        Some("sandbox 3 %E2%86%92 RegionId cn-hangzhou 2 %E2%86%92 ImageIds 0")
    );
    let id = empty.field("RequestId");
    let explanation = world
        .ok("GET", &format!("/_emulator/requests/{id}/explain"), "")
        .await;
    assert_eq!(explanation["funnel"][1]["count"], 0);
    let past = world.list("PageNumber=2").await;
    assert_eq!(past.header("x-emulator-explain"), Some("page 2 of 1"));
    let odd = world.list("Colour=1&imageIds=2").await;
    assert_eq!(odd.header("x-emulator-unread"), Some("Colour; imageIds"));
    let some = world.list("").await;
    assert_eq!(some.header("x-emulator-unread"), None);
    assert_eq!(some.header("x-emulator-explain"), None);
}

#[tokio::test]
async fn a_magic_key_names_its_sandbox() {
    let world = World::isolated().await;
    let explanation = explained(
        &world,
        "RegionId=cn-hangzhou&AccessKeyId=ci-7%2BThrottling.User",
    )
    .await;
    assert_eq!(explanation["sandbox"]["name"], "ci-7");
}

/// What the API and the two explanations say of a refusal.
fn refusal(explanation: &Value) -> [&Value; 3] {
    ["code", "message", "reason"].map(|name| &explanation["refused"][name])
}

#[tokio::test]
async fn the_api_and_explain_agree_on_every_refusal() {
    let world = World::isolated().await;
    for refusal_sent in &REFUSALS {
        let answer = world.sent(refusal_sent.bytes("application/json"));
        let (code, message) = (answer.code(), answer.field("Message"));
        let said = json!([code, message]);
        let id = answer.field("RequestId");
        let recorded = world
            .ok("GET", &format!("/_emulator/requests/{id}/explain"), "")
            .await;
        let [code, message, reason] = refusal(&recorded);
        assert_eq!(json!([code, message]), said, "{}", refusal_sent.target);
        assert!(reason.is_string(), "{recorded}");
        // The control API refuses a query that it cannot decode itself.
        let Some(query) = refusal_sent
            .query()
            .filter(|_| said[0] != "InvalidEncoding")
        else {
            continue;
        };
        let asked = world
            .ok("GET", &format!("/_emulator/explain?{query}"), "")
            .await;
        assert_eq!(refusal(&asked), refusal(&recorded), "{query}");
    }
}

#[tokio::test]
async fn the_api_and_explain_agree_on_credentials_in_the_order_of_the_checks() {
    let world = World::isolated().await;
    for (query, code) in [
        ("AccessKeyId=a%20b&", "InvalidAccessKeyId"),
        ("AccessKeyId=ci7%2BThrottled&", "InvalidAccessKeyId"),
        ("AccessKeyId=a%2Fb&", "InvalidAccessKeyId"),
        ("AccessKeyId=a%2Fb&Format=YAML&", "InvalidParameter.Format"),
        ("AccessKeyId=a%2Fb&Version=1&", "InvalidVersion"),
        ("AccessKeyId=a%2Fb&PageSize=0&", "InvalidAccessKeyId"),
    ] {
        let query = format!("{query}{ACTION}&RegionId=cn-hangzhou");
        let answer = world.get(&query).await;
        assert_eq!(answer.code(), code, "{query}");
        let explanation = world
            .ok("GET", &format!("/_emulator/explain?{query}"), "")
            .await;
        assert_eq!(explanation["refused"]["code"], code, "{query}");
        assert_eq!(explanation["refused"]["message"], answer.field("Message"));
    }
}

#[tokio::test]
async fn a_request_by_headers_is_explained_as_it_was_answered() {
    let world = world().await;
    let version = |version| {
        [
            ("x-acs-action", "ListCustomImages"),
            ("x-acs-version", version),
        ]
    };
    for (version, refused) in [
        (version("2020-06-01"), Value::Null),
        (version("2014-05-26"), json!("InvalidVersion")),
    ] {
        let answer = world.get_with("RegionId=cn-hangzhou", &version).await;
        let id = answer.field("RequestId");
        let explanation = world
            .ok("GET", &format!("/_emulator/requests/{id}/explain"), "")
            .await;
        assert_eq!(explanation["refused"]["code"], refused, "{explanation}");
    }
}

#[tokio::test]
async fn a_request_that_a_fault_struck_is_explained_as_if_it_had_not() {
    let world = world().await;
    let rule = json!({"effect": {"error": "Throttling.User"}, "times": 1}).to_string();
    world.ok("POST", "/_emulator/faults", &rule).await;
    let answer = world.list("ImageIds=m-1").await;
    assert_eq!(answer.code(), "Throttling.User");
    let id = answer.field("RequestId");
    let explanation = world
        .ok("GET", &format!("/_emulator/requests/{id}/explain"), "")
        .await;
    assert_eq!(explanation["refused"], Value::Null);
    assert_eq!(explanation["funnel"][1]["count"], 1);
}

#[tokio::test]
async fn a_request_by_headers_that_a_fault_struck_is_explained_by_its_own_headers() {
    let world = world().await;
    let rule = json!({"effect": {"error": "Throttling.User"}}).to_string();
    world.ok("POST", "/_emulator/faults", &rule).await;
    let headers = |version| {
        [
            ("x-acs-action", "ListCustomImages"),
            ("x-acs-version", version),
        ]
    };
    for (headers, refused) in [
        (headers("2020-06-01"), Value::Null),
        (headers("2014-05-26"), json!("InvalidVersion")),
    ] {
        let answer = world.get_with("RegionId=cn-hangzhou", &headers).await;
        assert_eq!(answer.code(), "Throttling.User");
        let id = answer.field("RequestId");
        let told = world
            .ok("GET", &format!("/_emulator/requests/{id}/explain"), "")
            .await;
        assert_eq!(told["refused"]["code"], refused, "{told}");
    }
}

#[tokio::test]
async fn in_a_large_sandbox_the_header_names_the_explain_address() {
    let world = World::isolated().await;
    // With the four of the seed, as many as are looked through at once.
    let wish = json!({"count": 9_996, "rngSeed": 1}).to_string();
    world
        .ok("POST", "/_emulator/generate?sandbox=ci-7", &wish)
        .await;
    let empty = world.list("ImageIds=m-9&AccessKeyId=ci-7").await;
    let explain = empty.header("x-emulator-explain").unwrap();
    assert!(explain.starts_with("sandbox 10000 "), "{explain}");
    let one_more = r#"{"count": 1, "rngSeed": 2}"#;
    world
        .ok("POST", "/_emulator/generate?sandbox=ci-7", one_more)
        .await;
    let empty = world.list("ImageIds=m-9&AccessKeyId=ci-7").await;
    let explain = empty.header("x-emulator-explain").unwrap();
    let address = explain.split(' ').next().unwrap();
    let explanation = world.ok("GET", address, "").await;
    assert_eq!(explanation["funnel"][1]["count"], 0);
}

#[tokio::test]
async fn the_nearest_twenty_are_shown() {
    let world = World::empty().await;
    for (n_images, n_shown) in [(20, 20), (21, 20)] {
        let images: Vec<Value> = (0..n_images)
            .map(|n| json!({"ImageId": format!("m-{n:02}"), "RegionId": "cn-beijing", "Name": "x"}))
            .collect();
        let images = json!(images).to_string();
        world.ok("PUT", "/_emulator/images", &images).await;
        let explanation = explained(&world, "RegionId=cn-hangzhou").await;
        let shown = explanation["nearMisses"].as_array().unwrap();
        assert_eq!(shown.len(), n_shown);
        assert_eq!(shown[19]["imageId"], "m-19");
    }
}

fn query() -> impl Strategy<Value = String> {
    let part = select(vec![
        "ImageIds=m-1,m-3",
        "ImageIds=[]",
        "ImageNames=[\"web\"]",
        "ImageNames=Api,x",
        "InstanceId=i-1",
        "ResourceGroupId=rg-1",
        "Tag.1.Key=env",
        "Tag.2.Key=env&Tag.2.Value=prod",
        "Share=true",
        "Share=False",
        "PageSize=1",
        "PageNumber=2",
        "Colour=1",
    ]);
    let region = select(vec!["cn-hangzhou", "cn-shanghai", "cn-beijing"]);
    (region, prop::collection::vec(part, 0..5))
        .prop_map(|(region, parts)| format!("RegionId={region}&{}", parts.join("&")))
}

#[tokio::test]
async fn the_funnels_last_count_is_the_answers_total() {
    let world = world().await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..150 {
        let query = query().new_tree(&mut runner).unwrap().current();
        let explanation = explained(&world, &query).await;
        let answer = world.get(&format!("{ACTION}&{query}")).await;
        let funnel = explanation["funnel"].as_array().unwrap();
        let count = funnel.last().unwrap()["count"].to_string();
        assert_eq!(answer.field("TotalCount"), count, "{query}");
    }
}
