//! Recorded requests: what they hold, how they are found and streamed, which are retries.

use std::sync::Arc;

use serde_json::{Value, json};
use swas_emulator::Emulator;

use super::world;
use crate::support::World;

#[tokio::test]
async fn a_request_is_recorded_without_its_secrets() {
    let world = world().await;
    let parameters =
        "SecurityToken=tok&Signature=sig&AccessKeyId=ak&SignatureNonce=n&Colour=1&PageNumber=2";
    let headers = [(
        "user-agent",
        "AlibabaCloud (Linux) Python/3.11.7 Core/0.4.3 TeaDSL/2",
    )];
    world.list_with(parameters, &headers).await;
    let all = world.ok("GET", "/_emulator/requests", "").await;
    let request = &all["requests"][0];
    assert_eq!(request["action"], "ListCustomImages");
    assert_eq!(request["client"], "Python SDK");
    assert_eq!(request["signatureVersion"], "V1");
    assert_eq!(request["accessKeyId"], "ak");
    assert_eq!(request["status"], 200);
    assert_eq!(request["totalCount"], 24);
    assert_eq!(request["parameters"]["Signature"], "***");
    assert_eq!(request["parameters"]["SecurityToken"], "***");
    assert_eq!(request["parameters"]["SignatureNonce"], "n");
    assert_eq!(request["unread"], json!(["Colour"]));
    let text = all.to_string();
    assert!(
        !text.contains("\"sig\"") && !text.contains("\"tok\""),
        "{text}"
    );
    let id = request["requestId"].as_str().unwrap();
    assert_eq!(
        &world
            .ok("GET", &format!("/_emulator/requests/{id}"), "")
            .await,
        request
    );
}

#[tokio::test]
async fn requests_are_found_by_action_status_code_parameter_and_since() {
    let world = world().await;
    world.list("").await;
    world.list("PageNumber=0").await;
    world.get("Action=ListDisks&Version=2020-06-01").await;
    let count = |query: &'static str| {
        let world = &world;
        async move {
            let found = world
                .ok("GET", &format!("/_emulator/requests?{query}"), "")
                .await;
            found["totalCount"].as_u64().unwrap()
        }
    };
    assert_eq!(count("").await, 3);
    assert_eq!(count("action=ListDisks").await, 1);
    assert_eq!(count("status=400").await, 2);
    assert_eq!(count("code=InvalidPageNumber").await, 1);
    assert_eq!(count("parameter=PageNumber").await, 1);
    assert_eq!(count("parameter=PageNumber=0").await, 1);
    assert_eq!(count("since=2000-01-01T00:00:00Z").await, 3);
    assert_eq!(count("since=9999-01-01T00:00:00Z").await, 0);
    let all = world.ok("GET", "/_emulator/requests", "").await;
    let first = all["requests"][0]["requestId"].as_str().unwrap();
    let newer = world
        .ok("GET", &format!("/_emulator/requests?since={first}"), "")
        .await;
    assert_eq!(newer["totalCount"], 2);
    assert_eq!(newer["requests"][0], all["requests"][1]);
    let like = json!({"action": "ListCustomImages", "status": 200}).to_string();
    let counted = world.ok("POST", "/_emulator/requests/count", &like).await;
    assert_eq!(counted["count"], 1);
    assert_eq!(
        world.ok("DELETE", "/_emulator/requests", "").await["deleted"],
        3
    );
    assert_eq!(count("").await, 0);
}

#[tokio::test]
async fn the_oldest_requests_make_room_by_number_and_by_bytes() {
    for builder in [
        Emulator::builder().journal_entries(3),
        Emulator::builder().journal_bytes(4_000),
    ] {
        let world = World::start(builder).await;
        for _ in 0..20 {
            world.list("PageNumber=1000").await;
        }
        let all = world.ok("GET", "/_emulator/requests", "").await;
        let kept = all["totalCount"].as_u64().unwrap();
        assert!((1..=4).contains(&kept), "{kept}");
        assert_eq!(all["forgotten"], 20 - kept);
    }
}

#[tokio::test]
async fn a_journal_that_is_off_records_nothing() {
    let world = World::start(Emulator::builder().journal_entries(0)).await;
    world.list("").await;
    assert_eq!(
        world.ok("GET", "/_emulator/requests", "").await["totalCount"],
        0
    );
}

#[tokio::test]
async fn retries_are_grouped_with_their_gaps_and_their_winner() {
    let world = world().await;
    let rules = json!([
        {"effect": {"error": "Throttling.User"}, "times": 1},
        {"effect": {"reset": true}, "times": 1},
    ])
    .to_string();
    world.ok("PUT", "/_emulator/faults", &rules).await;
    for nonce in ["1", "2", "3", "4"] {
        let fresh = format!("SignatureNonce={nonce}&Timestamp={nonce}&Signature={nonce}");
        // The second attempt's connection is reset.
        world.try_to_list(&fresh).await;
    }
    let told = world.ok("GET", "/_emulator/retries", "").await;
    let groups = told["retries"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{told}");
    assert_eq!(groups[0]["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(groups[0]["wonBy"], 3);
    assert_eq!(groups[0]["attempts"][1]["status"], Value::Null);
    assert_eq!(groups[0]["gapsMs"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn parameters_are_counted_as_served_ignored_and_refused() {
    let world = world().await;
    world
        .list_with("Colour=1", &[("user-agent", "curl/8")])
        .await;
    world
        .list_with("PageNumber=0", &[("user-agent", "curl/8")])
        .await;
    let told = world.ok("GET", "/_emulator/parameters", "").await;
    let caller = &told["callers"][0];
    assert_eq!(caller["client"], "curl");
    let of = |name: &str| {
        let all = caller["parameters"].as_array().unwrap();
        let one = all.iter().find(|one| one["name"] == name).unwrap();
        (
            one["served"].clone(),
            one["ignored"].clone(),
            one["refused"].clone(),
        )
    };
    assert_eq!(of("RegionId"), (json!(2), json!(0), json!(0)));
    assert_eq!(of("Colour"), (json!(0), json!(1), json!(0)));
    assert_eq!(of("PageNumber"), (json!(0), json!(0), json!(1)));
}

#[tokio::test]
async fn a_stream_sends_each_request_and_has_at_most_32_listeners() {
    let world = world().await;
    let mut streams = Vec::new();
    for _ in 0..32 {
        let stream = world.open("/_emulator/requests/stream").await;
        assert_eq!(stream.status().as_u16(), 200);
        streams.push(stream);
    }
    let refused = world.open("/_emulator/requests/stream").await;
    assert_eq!(refused.status().as_u16(), 429);
    world.list("PageNumber=7").await;
    let chunk = streams[31].chunk().await.unwrap().unwrap();
    let text = String::from_utf8(chunk.to_vec()).unwrap();
    assert!(text.starts_with("event: request\n"), "{text}");
    assert!(text.contains("\"PageNumber\":\"7\""), "{text}");
    drop(streams);
    // A place is free again once the server has seen that a listener left.
    while world
        .open("/_emulator/requests/stream")
        .await
        .status()
        .as_u16()
        == 429
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_listener_that_does_not_read_is_dropped_and_no_other() {
    const STREAM: &str = "/_emulator/requests/stream";
    const N_REQUESTS: usize = 2_000;
    let world = world().await;
    let mut slow = world.raw();
    slow.send(format!("GET {STREAM} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_eq!(slow.answer_without_body().status, 200);
    let mut stream = world.open(STREAM).await;
    let reading = tokio::spawn(async move { while let Ok(Some(_)) = stream.chunk().await {} });
    // Long records, so that what waits and the buffers of the socket are full soon.
    let agent = "x".repeat(16_000);
    for _ in 0..N_REQUESTS {
        world
            .list_with("PageSize=1", &[("user-agent", &agent)])
            .await;
    }
    // The stream of a listener that is not dropped has no end, so this would fail after a minute.
    let text = slow.rest();
    assert!(text.matches("event: request").count() < N_REQUESTS);
    assert!(
        !text.ends_with("0\r\n\r\n"),
        "it was cut, not brought to its end"
    );
    assert!(!reading.is_finished());
}

#[tokio::test]
async fn a_listener_that_reads_survives_a_burst() {
    let world = Arc::new(World::start(Emulator::builder()).await);
    let mut stream = world.open("/_emulator/requests/stream").await;
    let asking: Vec<_> = (0..300)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.list("").await.status })
        })
        .collect();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), 200);
    }
    let mut text = String::new();
    while text.matches("event: request").count() < 300 {
        let chunk = stream
            .chunk()
            .await
            .unwrap()
            .expect("the listener was dropped");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}
