//! Faults: each effect as a client's socket sees it, when rules strike, and magic credentials.

use std::io::{Error, ErrorKind};
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Emulator;

use crate::support::{LIST, World, get};

const PATH: &str = "/_emulator/faults";

async fn struck(effect: Value) -> World {
    let world = World::start(Emulator::builder()).await;
    let rules = json!([{ "effect": effect }]).to_string();
    world.ok("PUT", PATH, &rules).await;
    world
}

/// Sends a listing on a connection of its own to an emulator whose rule has this effect.
///
/// Gives what came, and how the connection ended.
async fn came(effect: Value) -> (String, Result<(), Error>) {
    let world = struck(effect).await;
    let mut raw = world.raw();
    raw.send(get(LIST).replace("Host:", "Connection: close\r\nHost:"));
    raw.read_to_end()
}

/// The length in the header, and the body that came.
fn length_and_body(answer: &str) -> (usize, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    (length.unwrap().parse().unwrap(), body)
}

#[tokio::test]
async fn reset_is_a_reset_and_not_an_end_of_file() {
    let (answer, end) = came(json!({"reset": true})).await;
    assert_eq!(answer, "");
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn empty_is_an_end_of_file_without_a_byte() {
    let (answer, end) = came(json!({"empty": true})).await;
    assert_eq!(answer, "");
    end.unwrap();
}

#[tokio::test]
async fn truncate_sends_the_header_and_half_the_body() {
    let (answer, _) = came(json!({"truncate": true})).await;
    let (length, body) = length_and_body(&answer);
    assert!(answer.starts_with("HTTP/1.1 200 "));
    // A character in the middle may make it one or two bytes less.
    assert_eq!(body.len(), length / 2);
}

#[tokio::test]
async fn dribble_sends_the_whole_body_over_the_time() {
    let start = Instant::now();
    let (answer, end) = came(json!({"dribble": "400ms"})).await;
    end.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(400));
    let (length, body) = length_and_body(&answer);
    assert_eq!(body.len(), length);
    serde_json::from_str::<Value>(body).unwrap();
}

#[tokio::test]
async fn malformed_is_no_json_under_an_honest_header() {
    let (answer, end) = came(json!({"malformed": true})).await;
    end.unwrap();
    let (length, body) = length_and_body(&answer);
    assert_eq!(body.len(), length);
    assert!(serde_json::from_str::<Value>(body).is_err());
}

#[tokio::test]
async fn html502_is_a_proxys_page() {
    let (answer, _) = came(json!({"html502": true})).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(answer.contains("content-type: text/html\r\n"), "{answer}");
    assert!(answer.contains("502 Bad Gateway</h1>"), "{answer}");
}

#[tokio::test]
async fn wrong_type_makes_the_total_a_number_and_nothing_else() {
    let world = struck(json!({"wrongType": true})).await;
    // Not held to the invariants, which it breaks.
    let answer = world.exchange(get(LIST));
    assert_eq!(answer.status, 200);
    assert!(answer.json()["TotalCount"].is_u64());
    assert!(answer.json()["PageSize"].is_string());
}

#[rstest]
#[case("Throttling", 400, "Request was denied due to request throttling.")]
#[case("Throttling.User", 400, "Request was denied due to user flow control.")]
#[case("Throttling.Api", 400, "Request was denied due to api flow control.")]
#[case(
    "InternalError",
    500,
    "An error occurred while processing your request."
)]
#[case(
    "ServiceUnavailable",
    503,
    "The request has failed due to a temporary failure of the server."
)]
#[case("InvalidPageSize", 400, "Specified parameter PageSize is not valid.")]
#[case("MissingRegionId", 400, "RegionId is mandatory for this action.")]
#[case(
    "CustomImageQuotaLimit",
    400,
    "The maximum number of custom image in this region is exceeded."
)]
#[tokio::test]
async fn a_code_gives_its_exact_status_and_text(
    #[case] code: &str,
    #[case] status: u16,
    #[case] message: &str,
) {
    let world = struck(json!({"error": code})).await;
    for format in ["JSON", "XML"] {
        let answer = world.list(&format!("Format={format}")).await;
        assert_eq!(answer.is_xml(), format == "XML");
        answer.assert_refused(status, code);
        assert_eq!(answer.field("Message"), message);
    }
}

#[tokio::test]
async fn an_own_error_and_a_retry_after_are_answered_as_given() {
    let error = json!({"status": 429, "code": "X", "message": "y", "x-acs-retry-after": 1500});
    let (answer, _) = came(json!({"error": error})).await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.contains("x-acs-retry-after: 1500\r\n"), "{answer}");
    assert!(answer.contains(r#""Code":"X","Message":"y""#), "{answer}");
}

#[tokio::test]
async fn times_strikes_exactly_so_often_under_64_connections() {
    let world = std::sync::Arc::new(World::start(Emulator::builder()).await);
    let rule = json!({"effect": {"error": "Throttling.User"}, "times": 2}).to_string();
    let made = world.control("POST", PATH, &rule).await;
    assert_eq!(made.status, 201);
    let asking: Vec<_> = (0..64)
        .map(|_| {
            let world = std::sync::Arc::clone(&world);
            tokio::spawn(async move { world.list("").await.status })
        })
        .collect();
    let mut n_struck = 0;
    for asked in asking {
        n_struck += usize::from(asked.await.unwrap() == 400);
    }
    assert_eq!(n_struck, 2);
    let rules = world.ok("GET", PATH, "").await;
    assert_eq!(rules["faults"][0]["hits"], 2);
    assert_eq!(rules["faults"][0]["left"], 0);
}

#[tokio::test]
async fn the_first_matching_live_rule_wins() {
    let world = World::start(Emulator::builder()).await;
    let rules = json!([
        {"match": {"parameters": {"PageNumber": "2"}}, "effect": {"error": "Throttling.Api"}},
        {"match": {"action": "ListRegions"}, "effect": {"error": "Throttling"}},
        {"effect": {"error": "InternalError"}, "after": 1, "times": 1},
    ]);
    world.ok("PUT", PATH, &rules.to_string()).await;
    assert_eq!(world.list("PageNumber=2").await.status, 400);
    assert_eq!(world.list("").await.status, 200);
    assert_eq!(world.list("").await.status, 500);
    assert_eq!(world.list("").await.status, 200);
}

#[rstest]
#[case(json!({"effect": {"error": "Throttlng"}}), "did you mean `Throttling`?")]
#[case(json!({"effect": {"rset": true}}), "did you mean `reset`?")]
#[case(json!({"effect": {"reset": true, "empty": true}}), "one key")]
#[case(json!({"effect": {"delay": "6m"}}), "at most 5m")]
#[case(json!({"effect": {"paging": "sideways"}}), "insert-before")]
#[case(json!({"effect": {}}), "empty")]
#[case(json!({"effect": {"reset": true}, "times": 0}), "at least 1")]
#[case(json!({"effect": {"reset": true}, "probability": 1.5}), "0..=1")]
#[case(json!({"effect": {"reset": true}, "match": {"action": "ListCustomImage"}}), "did you mean `ListCustomImages`?")]
#[case(json!({"effect": {"reset": true}, "match": {"parameters": {"Colour": "1"}}}), "`Colour`")]
#[case(json!({"effect": {"reset": true}, "tmes": 1}), "tmes")]
#[tokio::test]
async fn an_invalid_rule_is_refused_when_it_is_set(#[case] rule: Value, #[case] part: &str) {
    let world = struck(json!({"error": "Throttling"})).await;
    let before = world.ok("GET", PATH, "").await;
    let refused = world.control("PUT", PATH, &json!([rule]).to_string()).await;
    assert_eq!(refused.status, 400);
    let message = refused.json()["error"]["message"].to_string();
    assert!(message.contains(part), "{message}");
    assert_eq!(world.ok("GET", PATH, "").await, before);
}

#[tokio::test]
async fn a_magic_key_strikes_as_often_as_it_says_and_a_blank_counts_as_its_plus() {
    let world = World::isolated().await;
    for key in ["ci7+Throttling.User:2", "ci7%2BThrottling.User:2"] {
        let answer = world.list(&format!("AccessKeyId={key}")).await;
        answer.assert_refused(400, "Throttling.User");
    }
    let third = world.list("AccessKeyId=ci7+Throttling.User:2").await;
    assert_eq!(third.status, 200);
    assert!(world.summary("ci7").await.is_some());
    let other = world.list("AccessKeyId=ci7+InternalError").await;
    assert_eq!(other.status, 500);
}

#[rstest]
#[case("ci7+Throttling.User:0")]
#[case("ci7+Throttled")]
#[case("ci%0A7+Throttling")]
#[case("+Throttling")]
#[tokio::test]
async fn a_bad_magic_key_is_refused_in_the_vendors_form(#[case] key: &str) {
    let world = World::isolated().await;
    let answer = world.list(&format!("AccessKeyId={key}")).await;
    answer.assert_refused(400, "InvalidAccessKeyId");
    assert_eq!(
        answer.field("Message"),
        "Specified parameter AccessKeyId is not valid."
    );
}

#[tokio::test]
async fn magic_can_be_switched_off() {
    let world = World::start(Emulator::builder().no_magic()).await;
    let answer = world.list("AccessKeyId=ci7+InternalError").await;
    assert_eq!(answer.status, 200);
}

/// The ids of three pages of two, with one change after the first.
async fn walked(change: &str) -> (Vec<String>, Vec<String>) {
    let world = World::start(Emulator::builder()).await;
    let rules = json!([{"effect": {"paging": change}}]).to_string();
    world.ok("PUT", PATH, &rules).await;
    let (mut ids, mut totals) = (Vec::new(), Vec::new());
    for page in 1..=3 {
        let answer = world.list(&format!("PageNumber={page}&PageSize=2")).await;
        ids.extend(answer.ids());
        totals.push(answer.field("TotalCount"));
    }
    (ids, totals)
}

#[tokio::test]
async fn a_listing_seems_to_change_between_two_pages_and_the_store_does_not() {
    let (plain, _) = walked("total-drift").await;
    let (inserted, totals) = walked("insert-before").await;
    assert_eq!(inserted[2], plain[1], "the last image seen comes again");
    assert_eq!(totals, ["24", "25", "25"]);
    let (deleted, totals) = walked("delete-seen").await;
    assert_eq!(deleted[2], plain[3], "one image is left out");
    assert_eq!(totals, ["24", "23", "23"]);
    let (short, totals) = walked("short-page").await;
    assert_eq!(short.len(), 4);
    assert_eq!(totals, ["24", "24", "24"]);
}

#[tokio::test]
async fn a_delayed_request_holds_no_lock_and_ends_with_the_emulator() {
    let world = World::start(Emulator::builder()).await;
    let rules = json!([{"effect": {"delay": "5m"}, "times": 1}]).to_string();
    world.ok("PUT", PATH, &rules).await;
    let mut delayed = world.raw();
    delayed.send(get(LIST));
    while world.ok("GET", PATH, "").await["faults"][0]["hits"] != 1 {
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    assert_eq!(world.list("").await.status, 200);
    world.stop().await;
    assert!(start.elapsed() < Duration::from_secs(4), "{start:?}");
}

#[tokio::test]
async fn a_sandbox_has_at_most_a_thousand_fault_rules() {
    let world = World::shared().await;
    let rule = json!({"match": {"accessKeyId": "nobody"}, "effect": {"reset": true}});
    let many = |n_rules: usize| json!(vec![&rule; n_rules]).to_string();
    let too_many = many(1_001);
    world
        .refused(("PUT", PATH, &too_many), 409, "TooManyFaults")
        .await;
    world.ok("PUT", PATH, &many(1_000)).await;
    let before = world.ok("GET", PATH, "").await;
    assert_eq!(before["faults"].as_array().unwrap().len(), 1_000);
    for (method, body) in [("POST", &*rule.to_string()), ("PUT", &*too_many)] {
        world
            .refused((method, PATH, body), 409, "TooManyFaults")
            .await;
    }
    assert_eq!(world.ok("GET", PATH, "").await, before);
}

#[rstest]
#[case(json!({"effect": {"delay": "5m"}}), true)]
#[case(json!({"effect": {"delay": "300001ms"}}), false)]
#[case(json!({"effect": {"reset": true}, "id": "i".repeat(128)}), true)]
#[case(json!({"effect": {"reset": true}, "id": "i".repeat(129)}), false)]
#[tokio::test]
async fn a_delay_and_an_id_have_a_longest_length(#[case] rule: Value, #[case] is_good: bool) {
    let world = World::shared().await;
    let rule = rule.to_string();
    if is_good {
        world.ok("POST", PATH, &rule).await;
    } else {
        world
            .refused(("POST", PATH, &rule), 400, "InvalidFault")
            .await;
    }
}

#[tokio::test]
async fn a_thousand_rules_are_set_and_one_more_is_refused_before_any_is_compared() {
    let world = World::shared().await;
    let rules = |n: usize| json!(vec![json!({"effect": {"reset": true}}); n]).to_string();
    let set = world.ok("PUT", "/_emulator/faults", &rules(1_000)).await;
    let ids = set["faults"].as_array().unwrap().iter();
    let ids: std::collections::BTreeSet<_> = ids.map(|rule| rule["id"].to_string()).collect();
    assert_eq!(ids.len(), 1_000);
    for (method, body) in [
        ("PUT", rules(1_001)),
        ("PUT", rules(30_000)),
        ("POST", r#"{"effect": {"reset": true}}"#.to_owned()),
    ] {
        let refused = (method, "/_emulator/faults", body.as_str());
        world.refused(refused, 409, "TooManyFaults").await;
    }
    // Two of a thousand with one id.
    let mut twins = vec![json!({"effect": {"reset": true}}); 1_000];
    twins[3]["id"] = "twin".into();
    twins[999]["id"] = "twin".into();
    let body = json!(twins).to_string();
    let refused = ("PUT", "/_emulator/faults", body.as_str());
    world.refused(refused, 409, "FaultExists").await;
}

#[tokio::test]
async fn the_rules_of_a_sandbox_have_at_most_1_mib_together() {
    let world = World::shared().await;
    let rule = |n_bytes: usize| {
        let rule = json!({"effect": {"error": {"code": "Own", "status": 400, "message": ""}}});
        let message = "x".repeat(n_bytes - rule.to_string().len());
        json!({"effect": {"error": {"code": "Own", "status": 400, "message": message}}})
    };
    let add = |n_bytes: usize| {
        let (world, body) = (&world, rule(n_bytes).to_string());
        async move { world.control("POST", "/_emulator/faults", &body).await }
    };
    add((1 << 20) + 1)
        .await
        .assert_refused(409, "TooManyFaults");
    assert_eq!(add(1 << 19).await.status, 201);
    add((1 << 19) + 1)
        .await
        .assert_refused(409, "TooManyFaults");
    assert_eq!(add(1 << 19).await.status, 201);
    add(100).await.assert_refused(409, "TooManyFaults");
    let long = json!([rule(1 << 19), rule((1 << 19) + 1)]).to_string();
    let refused = ("PUT", "/_emulator/faults", long.as_str());
    world.refused(refused, 409, "TooManyFaults").await;
    let set = world.ok("GET", "/_emulator/faults", "").await;
    assert_eq!(set["faults"].as_array().unwrap().len(), 2);
}
