//! Each sandbox's own time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Emulator;
use swas_emulator::internals::Timestamp;

use crate::support::{World, isolated};

const PATH: &str = "/_emulator/clock";

async fn clock(world: &World, change: &str) -> Value {
    world.ok("PUT", PATH, change).await
}

fn unix_s(clock: &Value) -> i64 {
    Timestamp::parse(clock["now"].as_str().unwrap())
        .unwrap()
        .unix_s()
}

fn system_unix_s() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "compared with what the emulator's clock says"
    )]
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_secs()).unwrap()
}

#[tokio::test]
async fn a_clock_runs_with_the_systems_until_it_is_changed() {
    let world = World::shared().await;
    let answer = world.ok("GET", PATH, "").await;
    assert_eq!(
        (&answer["mode"], &answer["offset"]),
        (&json!("running"), &json!("0s"))
    );
    assert!((unix_s(&answer) - system_unix_s()).abs() < 60, "{answer}");
}

#[tokio::test]
async fn a_frozen_clock_stands_until_it_is_advanced() {
    let world = World::shared().await;
    let frozen = clock(&world, r#"{"freeze": "2024-02-29T23:59:58Z"}"#).await;
    assert_eq!(
        frozen,
        json!({"now": "2024-02-29T23:59:58Z", "mode": "frozen"})
    );
    assert_eq!(world.ok("GET", PATH, "").await, frozen);
    let advanced = clock(&world, r#"{"advance": "1h 2s"}"#).await;
    assert_eq!(
        advanced,
        json!({"now": "2024-03-01T01:00:00Z", "mode": "frozen"})
    );
    // Parts of a second add up, though they do not show.
    for shown in ["2024-03-01T01:00:00Z", "2024-03-01T01:00:01Z"] {
        assert_eq!(clock(&world, r#"{"advance": "750ms"}"#).await["now"], shown);
    }
    assert_eq!(
        clock(&world, r#"{"advance": "0s"}"#).await["now"],
        "2024-03-01T01:00:01Z"
    );
}

#[rstest]
#[case("1h", 3_600, "1h")]
#[case("-5m", -300, "5m ago")]
#[case("5m ago", -300, "5m ago")]
#[case("PT90S", 90, "1m 30s")]
#[case("0s", 0, "0s")]
#[tokio::test]
async fn an_offset_moves_a_running_clock(
    #[case] offset: &str,
    #[case] seconds: i64,
    #[case] shown: &str,
) {
    let world = World::shared().await;
    let answer = clock(&world, &json!({"offset": offset}).to_string()).await;
    assert_eq!(
        (&answer["mode"], &answer["offset"]),
        (&json!("running"), &json!(shown))
    );
    assert!(
        (unix_s(&answer) - system_unix_s() - seconds).abs() < 60,
        "{answer}"
    );
    // Advancing a running clock adds to its offset.
    let answer = clock(&world, r#"{"advance": "10m"}"#).await;
    assert!(
        (unix_s(&answer) - system_unix_s() - seconds - 600).abs() < 60,
        "{answer}"
    );
}

#[tokio::test]
async fn a_clock_can_be_set_back_by_freezing_it() {
    let world = World::shared().await;
    clock(&world, r#"{"freeze": "2026-01-02T00:00:00Z"}"#).await;
    let back = clock(&world, r#"{"freeze": "2026-01-01T00:00:00Z"}"#).await;
    assert_eq!(back["now"], "2026-01-01T00:00:00Z");
    let running = clock(&world, r#"{"offset": "0s"}"#).await;
    assert_eq!(running["mode"], "running");
}

#[tokio::test]
async fn deleting_the_clock_restores_the_one_of_the_start() {
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let world = World::start(Emulator::builder().clock(start)).await;
    let at_start = json!({"now": "2026-01-01T00:00:00Z", "mode": "frozen"});
    assert_eq!(world.ok("GET", PATH, "").await, at_start);
    clock(&world, r#"{"offset": "1h"}"#).await;
    assert_eq!(world.ok("DELETE", PATH, "").await, at_start);

    let world = World::shared().await;
    clock(&world, r#"{"freeze": "2026-01-01T00:00:00Z"}"#).await;
    let answer = world.ok("DELETE", PATH, "").await;
    assert_eq!(
        (&answer["mode"], &answer["offset"]),
        (&json!("running"), &json!("0s"))
    );
}

#[tokio::test]
async fn each_sandbox_has_a_clock_of_its_own() {
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let world = World::start(isolated().clock(start)).await;
    world
        .ok("PUT", &format!("{PATH}?sandbox=a"), r#"{"advance": "1h"}"#)
        .await;
    for (name, now) in [
        ("a", "2026-01-01T01:00:00Z"),
        ("b", "2026-01-01T00:00:00Z"),
        ("default", "2026-01-01T00:00:00Z"),
    ] {
        let answer = world.ok("GET", &format!("{PATH}?sandbox={name}"), "").await;
        assert_eq!(answer["now"], now, "{name}");
    }
}

#[rstest]
#[case(r#"{"freeze": "0000-01-01T00:00:00Z"}"#, true)]
#[case(r#"{"freeze": "9999-12-30T22:00:00Z"}"#, true)]
#[case(r#"{"freeze": "9999-12-31T23:59:59Z"}"#, false)]
#[case(r#"{"offset": "-800000h"}"#, true)]
#[case(r#"{"offset": "-879000h"}"#, false)]
#[tokio::test]
async fn a_clock_stays_within_its_years(#[case] change: &str, #[case] fits: bool) {
    let world = World::shared().await;
    let reply = world.control("PUT", PATH, change).await;
    assert_eq!(reply.status, if fits { 200 } else { 400 }, "{reply:?}");
}

#[tokio::test]
async fn advancing_past_the_last_year_is_refused_and_the_clock_stays() {
    let world = World::shared().await;
    clock(&world, r#"{"freeze": "9999-12-30T00:00:00Z"}"#).await;
    let far = ("PUT", PATH, r#"{"advance": "25h"}"#);
    world.refused(far, 400, "ClockOutOfRange").await;
    assert_eq!(
        world.ok("GET", PATH, "").await["now"],
        "9999-12-30T00:00:00Z"
    );
}

#[rstest]
#[case("{}", "one way at a time")]
#[case(
    r#"{"freeze": "2026-01-01T00:00:00Z", "advance": "1s"}"#,
    "one way at a time"
)]
#[case(r#"{"freeze": null}"#, "one way at a time")]
#[case(r#"{"freeze": "2026-01-01"}"#, "2026-01-01")]
#[case(r#"{"freeze": "2026-02-30T00:00:00Z"}"#, "a real date")]
#[case(r#"{"freeze": 5}"#, "string")]
#[case(r#"{"offset": "soon"}"#, "soon")]
#[case(r#"{"advance": "3"}"#, "`advance` must be a time")]
#[case(r#"{"advance": "-3s"}"#, "forwards only")]
#[case(r#"{"advance": 3}"#, "string")]
#[case(r#"{"frezee": "2026-01-01T00:00:00Z"}"#, "frezee")]
#[case(r#"{"advance": "1s", "advance": "1s"}"#, "advance")]
#[case(r#"["2026-01-01T00:00:00Z", null, null]"#, "a JSON object")]
#[tokio::test]
async fn a_change_that_says_nothing_or_too_much_is_refused(
    #[case] change: &str,
    #[case] part: &str,
) {
    let world = World::shared().await;
    clock(&world, r#"{"freeze": "2026-05-01T00:00:00Z"}"#).await;
    let reply = world
        .refused(("PUT", PATH, change), 400, "BadRequest")
        .await;
    assert!(reply.error("message").contains(part), "{reply:?}");
    assert!(reply.error("hint").contains("freeze"), "{reply:?}");
    assert_eq!(
        world.ok("GET", PATH, "").await["now"],
        "2026-05-01T00:00:00Z"
    );
}

#[tokio::test]
async fn a_time_without_a_positive_counterpart_is_refused_as_any_too_long_one() {
    let world = World::shared().await;
    for (way, time) in [
        ("offset", "-9223372036854775808ms"),
        ("advance", "-9223372036854775808ms"),
        ("offset", "-9223372036854775807ms"),
        ("advance", "9223372036854775807ms"),
    ] {
        let body = json!({way: time}).to_string();
        let refused = ("PUT", "/_emulator/clock", body.as_str());
        world.refused(refused, 400, "BadRequest").await;
        let fault = json!({"effect": {"delay": time}}).to_string();
        let refused = ("POST", "/_emulator/faults", fault.as_str());
        world.refused(refused, 400, "InvalidFault").await;
    }
}
