//! The memory that bodies of requests in flight take together.

use std::time::Duration;

use swas_emulator::Emulator;

use crate::support::{Answer, FORM, LIST, Raw, World, post};

/// Four of the largest bodies of the API.
const BUDGET: usize = 4 << 20;

/// Sends the header of a body and this much of it.
fn begin(world: &World, line: &str, n_bytes: usize, n_sent: usize) -> Raw {
    let mut raw = world.raw();
    raw.send(format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\n{FORM}Content-Length: {n_bytes}\r\n\r\n{}",
        "a".repeat(n_sent)
    ));
    raw
}

async fn world() -> World {
    World::start(Emulator::builder().bodies_bytes(BUDGET)).await
}

/// Waits until the bodies that were begun have been read as far as they came, then sends this one.
fn until_refused(world: &World, send: impl Fn() -> Raw) -> Answer {
    for _ in 0..200 {
        let answer = send().answer();
        if answer.status >= 500 {
            return answer;
        }
        assert_eq!(world.raw().get(LIST).status, 200);
    }
    panic!("it is never refused");
}

#[tokio::test]
async fn bodies_past_the_budget_are_refused_by_both_apis_until_others_are_answered() {
    let world = world().await;
    // A length that is only announced takes nothing.
    let announced: Vec<Raw> = (0..10)
        .map(|_| begin(&world, "PUT /_emulator/images", 30 << 20, 10))
        .collect();
    let form = format!("Signature={}", "a".repeat(300_000));
    let listing = || {
        let mut raw = world.raw();
        raw.send(post(LIST, FORM, &form));
        raw
    };
    assert_eq!(listing().answer().status, 200);

    let mut held: Vec<Raw> = (0..4)
        .map(|_| begin(&world, "POST /", 1_000_000, 999_999))
        .collect();
    // They are read now, and nothing of them is refused.
    for raw in &mut held {
        raw.assert_silent_for(Duration::from_millis(100));
    }
    let refused = until_refused(&world, listing);
    refused.assert_invariants("swas.test");
    refused.assert_refused(503, "ServiceUnavailable");
    assert!(
        refused.reason().contains("4194304 bytes together"),
        "{refused:?}"
    );

    let refused = until_refused(&world, || {
        begin(&world, "PUT /_emulator/images", 300_000, 300_000)
    });
    refused.assert_documented("PUT", "/_emulator/images");
    refused.assert_refused(503, "TooManyBodies");

    // Requests without a body take nothing, and the budget is given back.
    assert_eq!(world.raw().get(LIST).status, 200);
    for mut raw in held {
        raw.send("a");
        assert_ne!(raw.answer().status, 503);
    }
    assert_eq!(listing().answer().status, 200);
    drop(announced);
}

#[tokio::test]
async fn a_body_that_is_refused_or_broken_off_gives_its_share_back() {
    let world = world().await;
    let form = format!("Signature={}", "a".repeat(600_000));
    for _ in 0..20 {
        // Larger than the API's limit; broken off; read whole.
        assert_eq!(
            begin(&world, "POST /", 1_048_577, 1_048_577)
                .answer()
                .status,
            413
        );
        drop(begin(&world, "POST /", 600_000, 500_000));
        let mut raw = world.raw();
        let status = loop {
            raw.send(post(LIST, FORM, &form));
            let answer = raw.answer();
            if answer.status != 503 {
                break answer.status;
            }
            // The one that was broken off is not gone yet.
            raw = world.raw();
        };
        assert_eq!(status, 200);
    }
}
