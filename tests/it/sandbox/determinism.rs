//! With a clock and a seed, a sandbox does the same in every run, whatever other sandboxes do.

use serde_json::Value;
use swas_emulator::Emulator;
use swas_emulator::internals::Timestamp;

use crate::support::{World, isolated, request};

const IMAGE: &str = r#"[{"ImageId": "m-9", "RegionId": "cn-hangzhou", "Name": "x"}]"#;

/// What other sandboxes do in the meantime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Quiet,
    Busy,
}

async fn world(rng_seed: u64) -> World {
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    World::start(isolated().clock(start).rng_seed(rng_seed)).await
}

/// Everything that a sandbox answers to some requests, ids and times included.
async fn run(world: &World, name: &str, others: Others) -> Vec<String> {
    let mut answers = Vec::new();
    for round in 0..3 {
        if others == Others::Busy {
            disturb(world, round).await;
        }
        let query = format!("sandbox={name}");
        let key = format!("AccessKeyId={name}");
        answers.push(world.list(&key).await.body);
        let refused = world.list(&format!("{key}&PageSize=0")).await.body;
        // The port is another one each time.
        answers.push(refused.replace(&world.address().to_string(), "HOST"));
        for (method, path, body) in [
            ("PUT", "images", IMAGE),
            ("POST", "generate", r#"{"count": 3}"#),
            ("POST", "checkpoints/s", ""),
            ("GET", "checkpoints", ""),
            ("PUT", "clock", r#"{"advance": "90s"}"#),
            ("GET", "export", ""),
        ] {
            let path = format!("/_emulator/{path}?{query}");
            answers.push(world.control(method, &path, body).await.body);
        }
    }
    answers
}

async fn disturb(world: &World, round: usize) {
    let other = format!("other-{round}");
    world.listed(&other).await;
    for (method, path, body) in [
        ("POST", "/_emulator/sandboxes", ""),
        (
            "POST",
            "/_emulator/generate?sandbox=other",
            r#"{"count": 7}"#,
        ),
        (
            "PUT",
            "/_emulator/clock?sandbox=other",
            r#"{"advance": "5h"}"#,
        ),
        ("PUT", "/_emulator/images?sandbox=other", IMAGE),
        ("DELETE", "/_emulator/sandboxes/other", ""),
    ] {
        world.ok(method, path, body).await;
    }
    // A key that no sandbox can have, and a request that never gets as far as a key.
    assert_eq!(world.list("AccessKeyId=a%2Fb").await.status, 400);
    let put = request("PUT /", "Host: swas.test\r\n", "");
    assert_eq!(world.sent(put).status, 405);
}

#[tokio::test]
async fn a_sandbox_answers_the_same_in_every_run_whatever_others_do() {
    for name in ["default", "ci-7"] {
        let first = run(&world(7).await, name, Others::Quiet).await;
        let second = run(&world(7).await, name, Others::Busy).await;
        for (idx, (first, second)) in first.iter().zip(&second).enumerate() {
            assert!(first == second, "{name}, answer {idx}:\n{first}\n{second}");
        }
        let other_seed = run(&world(8).await, name, Others::Quiet).await;
        assert_ne!(first[0], other_seed[0], "{name}");
    }
}

#[tokio::test]
async fn each_sandbox_has_request_ids_of_its_own() {
    let world = world(7).await;
    let a = world.listing("a").await["RequestId"].clone();
    let b = world.listing("b").await["RequestId"].clone();
    assert_ne!(a, b);
    assert_ne!(world.listing("a").await["RequestId"], a);
}

#[tokio::test]
async fn without_a_seed_no_run_is_like_another() {
    let first = World::isolated().await.listing("a").await["RequestId"].clone();
    let second = World::isolated().await.listing("a").await["RequestId"].clone();
    assert_ne!(first, second);
}

#[tokio::test]
async fn new_sandboxes_get_the_same_names_in_every_run() {
    let made = async || {
        let world = world(7).await;
        let mut made: Vec<Value> = Vec::new();
        for _ in 0..3 {
            // What the default sandbox does in between has no part in it.
            world.listed("default").await;
            let mut one = world.ok("POST", "/_emulator/sandboxes", "").await;
            // The port is another one each time.
            one["endpoint"].take();
            made.push(one);
        }
        made
    };
    let first = made().await;
    assert_eq!(first, made().await);
    assert_ne!(first[0]["accessKeyId"], first[1]["accessKeyId"]);
    assert_ne!(first[0]["accessKeySecret"], first[1]["accessKeySecret"]);
}

#[tokio::test]
async fn the_first_request_id_of_a_seed_stays_what_it_is() {
    let world = World::start(Emulator::builder().rng_seed(7)).await;
    // Pinned: a change of these values changes what users recorded.
    assert_eq!(
        world.listing("any").await["RequestId"],
        "2F20484C-D296-4ECA-BAAB-1B4489A5FC7B"
    );
    let world = World::start(Emulator::builder().isolate().rng_seed(7)).await;
    assert_eq!(
        world.listing("ci-7").await["RequestId"],
        "61076868-54E2-4267-807E-A1A06E78B540"
    );
}
