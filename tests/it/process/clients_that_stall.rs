//! Clients that hold a connection and do not go on: each is dropped in time, and no other client notices.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::{LIST, Raw, World, begun, get, images};

/// A listing on a connection of its own.
fn one_more(world: &World) -> Vec<String> {
    let mut raw = world.raw();
    raw.send(get(LIST));
    raw.answer().ids()
}

/// Asserts a duration that the emulator limits: not before the limit, and not long after.
fn assert_about(took: Duration, limit: Duration) {
    let early = Duration::from_millis(500);
    assert!(took + early >= limit, "after {took:?}");
    assert!(took < limit + Duration::from_secs(5), "after {took:?}");
}

/// Real time: this takes 30 seconds. Both limits are shown at once, so that it is no longer.
#[tokio::test]
async fn half_a_header_is_closed_after_10_s_and_half_a_body_is_answered_after_30_s() {
    let world = World::of(&images(1)).await;
    let start = Instant::now();
    let (mut silent, mut half_header) = (world.raw(), world.raw());
    half_header.send(format!("GET /?{LIST} HTTP/1.1\r\nHost: swas"));
    let (mut json, mut xml) = (world.raw(), world.raw());
    json.send(begun("Accept: application/json\r\n"));
    xml.send(begun("Accept: text/xml\r\n"));
    // World after an answer too: the limit holds for every header, not for the first alone.
    let mut second = world.raw();
    second.send(get(LIST));
    assert_eq!(second.answer().ids(), ["m-000"]);
    second.send("GET /");

    // Meanwhile, and after each limit, another client is world.
    assert_eq!(one_more(&world), ["m-000"]);
    for stalled in [&mut silent, &mut half_header, &mut second] {
        assert!(!stalled.rest().contains("200 OK"));
        assert_about(start.elapsed(), Duration::from_secs(10));
    }
    assert_eq!(one_more(&world), ["m-000"]);

    for (mut stalled, is_xml) in [(json, false), (xml, true)] {
        let answer = stalled.answer();
        assert_about(start.elapsed(), Duration::from_secs(30));
        answer.assert_invariants("swas.test");
        assert_eq!(answer.is_xml(), is_xml);
        // Source: the vendor's table of public gateway error codes; read 2026-11-24.
        answer.assert_refused(503, "ServiceUnavailable");
        assert_eq!(
            answer.field("Message"),
            "The request has failed due to a temporary failure of the server."
        );
    }
    assert_eq!(one_more(&world), ["m-000"]);
}

/// A body over the limit whose rest does not come: it is waited for, but 2 seconds at most.
#[tokio::test]
async fn the_rest_of_a_body_over_the_limit_is_waited_for_2_s() {
    let world = World::empty().await;
    let start = Instant::now();
    let mut raw = world.raw();
    let sent = "a".repeat((1 << 20) + 1);
    raw.send(format!(
        "POST / HTTP/1.1\r\nHost: swas.test\r\nContent-Length: 2000000\r\n\r\n{sent}"
    ));
    let answer = raw.answer();
    answer.assert_invariants("swas.test");
    assert_eq!(answer.code(), "RequestTooLarge");
    assert_about(start.elapsed(), Duration::from_secs(2));
}

/// Two sockets for each connection, and some for the tests that run beside this one.
const FILES_NEEDED: u64 = 2_300;

fn assert_enough_files() {
    // Only Linux shows the limit there; elsewhere a limit that is too low fails the connections.
    let Ok(limits) = fs::read_to_string("/proc/self/limits") else {
        return;
    };
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.unwrap().split_whitespace().nth(3).unwrap();
    let enough = soft == "unlimited" || soft.parse::<u64>().unwrap() >= FILES_NEEDED;
    assert!(
        enough,
        "this test needs {FILES_NEEDED} open files, the limit is {soft}: run `ulimit -n 4096` first"
    );
}

#[tokio::test]
async fn a_thousand_connections_are_served_at_once_and_the_next_waits_for_one_to_close() {
    assert_enough_files();
    let world = World::of(&images(3)).await;
    let mut held: Vec<Raw> = (0..1_000)
        .map(|_| {
            let mut raw = world.raw();
            raw.send(begun(""));
            raw
        })
        .collect();
    let mut next = world.raw();
    next.send(get(LIST));
    next.assert_silent_for(Duration::from_millis(300));

    // The thousandth is served while all others are open, and then makes place.
    let mut thousandth = held.pop().unwrap();
    thousandth.send("ize=1");
    assert_eq!(thousandth.answer().ids(), ["m-000"]);
    next.assert_silent_for(Duration::from_millis(100));
    drop(thousandth);
    assert_eq!(next.answer().ids().len(), 3);
    for mut raw in held.drain(..10) {
        raw.send("ize=1");
        assert_eq!(raw.answer().ids(), ["m-000"]);
    }
}
