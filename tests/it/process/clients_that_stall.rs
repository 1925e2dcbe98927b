//! Clients that hold a connection and do not go on: each is dropped in time, and no other client notices.

use std::time::{Duration, Instant};

use crate::support::{LIST, World, begun, get, images};

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

/// Real time: this takes 40 seconds. All limits are shown at once, so that it is no longer.
#[tokio::test]
async fn half_a_header_is_closed_after_10_s_and_half_a_body_is_answered_after_30_s() {
    let world = World::of(&images(1)).await;
    let start = Instant::now();
    let (mut silent, mut half_header) = (world.raw(), world.raw());
    half_header.send(format!("GET /?{LIST} HTTP/1.1\r\nHost: swas"));
    let (mut json, mut xml) = (world.raw(), world.raw());
    json.send(begun("Accept: application/json\r\n"));
    xml.send(begun("Accept: text/xml\r\n"));
    let (mut control, mut slow) = (world.raw(), world.raw());
    control.send(put(1_000));
    // This one goes on, too slowly for a limit of the whole body.
    slow.send(put(50));
    // The limit holds for every header, not for the first alone; between two there is none.
    let (mut second, mut idle) = (world.raw(), world.raw());
    assert_eq!(idle.get(LIST).ids(), ["m-000"]);
    assert_eq!(second.get(LIST).ids(), ["m-000"]);
    second.send("GET /");

    // Meanwhile, and after each limit, another client is served.
    assert_eq!(one_more(&world), ["m-000"]);
    for stalled in [&mut silent, &mut half_header, &mut second] {
        assert!(!stalled.rest().contains("200 OK"));
        assert_about(start.elapsed(), Duration::from_secs(10));
    }
    assert_eq!(one_more(&world), ["m-000"]);
    slow.send("\"CustomImages\":");

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
    let answer = control.answer();
    assert_about(start.elapsed(), Duration::from_secs(30));
    answer.assert_documented("PUT", "/_emulator/images");
    answer.assert_refused(408, "BodyTimeout");
    assert_eq!(one_more(&world), ["m-000"]);
    assert_eq!(idle.get(LIST).ids(), ["m-000"]);
    slow.assert_silent_for(Duration::from_secs(35).saturating_sub(start.elapsed()));
    slow.send(format!("{:>34}", "[]}"));
    assert_eq!(slow.answer().status, 200);
}

/// A put whose body of this length is only begun, with a `{`.
fn put(n_bytes: usize) -> String {
    format!(
        "PUT /_emulator/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {n_bytes}\r\n\r\n{{"
    )
}

/// More answers than the buffers of two sockets hold: 20 MB.
fn many_requests() -> String {
    get(&format!("{LIST}&PageSize=100")).repeat(700)
}

/// Real time: this takes 35 seconds.
#[tokio::test]
async fn an_answer_that_nobody_reads_ends_its_connection_after_30_s() {
    let world = World::of(&images(100)).await;
    let (mut unread, mut slow) = (world.raw(), world.raw());
    unread.send(many_requests());
    slow.send(many_requests());
    let start = Instant::now();
    let (mut n_read, mut lasted) = (0, None);
    while start.elapsed() < Duration::from_secs(36) {
        if n_read < 6 && start.elapsed() > Duration::from_secs(6 * n_read) {
            // Some megabytes, so that the other side sees that there is room again.
            for _ in 0..50 {
                assert_eq!(slow.answer().ids().len(), 100);
            }
            n_read += 1;
        }
        if lasted.is_none() && unread.try_send("G").is_err() {
            lasted = Some(start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_about(lasted.expect("it is still open"), Duration::from_secs(30));
    assert_eq!(slow.answer().ids().len(), 100);
}

/// Real time: 5 and a half minutes.
#[tokio::test]
#[ignore = "takes 5.5 minutes"]
async fn an_idle_connection_is_closed_after_330_s() {
    let world = World::of(&images(1)).await;
    let mut idle = world.raw();
    assert_eq!(idle.get(LIST).ids(), ["m-000"]);
    let start = Instant::now();
    idle.assert_silent_for(Duration::from_secs(325));
    assert_eq!(idle.rest(), "");
    assert_about(start.elapsed(), Duration::from_secs(330));
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
