//! When a sandbox is removed: too many of them, too many bytes, too long unused.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use swas_emulator::internals::SandboxSettings;
use swas_emulator::{Emulator, EmulatorBuilder};

use crate::support::{World, seed};

fn built(settings: SandboxSettings) -> EmulatorBuilder {
    let builder = Emulator::builder()
        .fixture(seed())
        .isolate()
        .sandboxes_max(settings.n_max)
        .sandboxes_bytes(settings.n_bytes_max);
    match settings.ttl {
        Some(ttl) => builder.sandbox_ttl(ttl),
        None => builder,
    }
}

async fn change(world: &World, name: &str) {
    let path = format!("/_emulator/images/m-1?sandbox={name}");
    world.ok("DELETE", &path, "").await;
}

async fn names(world: &World) -> Vec<String> {
    let all = world.ok("GET", "/_emulator/sandboxes", "").await;
    let all = all["sandboxes"].as_array().unwrap().iter();
    let names = all.map(|summary| summary["accessKeyId"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn past_the_largest_number_the_least_recently_used_sandbox_is_removed() {
    let settings = SandboxSettings {
        n_max: 3,
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    for name in ["a", "b", "c"] {
        change(&world, name).await;
    }
    assert_eq!(names(&world).await, ["default", "a", "b", "c"]);
    // A listing of the vendor's API is a use too.
    world.listed("a").await;
    change(&world, "d").await;
    assert_eq!(names(&world).await, ["default", "a", "c", "d"]);
    world.ok("GET", "/_emulator/clock?sandbox=c", "").await;
    world.listed("e").await;
    assert_eq!(names(&world).await, ["default", "c", "d", "e"]);
    // The one that went starts anew from the seed.
    assert_eq!(world.listed("b").await, ["m-1", "m-2", "m-3"]);
}

#[tokio::test]
async fn the_default_sandbox_is_never_removed_and_does_not_count() {
    let settings = SandboxSettings {
        n_max: 1,
        n_bytes_max: 0,
        ttl: Some(Duration::ZERO),
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    change(&world, "default").await;
    change(&world, "a").await;
    change(&world, "b").await;
    assert_eq!(world.listed("default").await, ["m-2", "m-3"]);
}

#[tokio::test]
async fn past_the_largest_size_the_least_recently_used_sandbox_is_removed() {
    let world = World::isolated().await;
    change(&world, "a").await;
    let n_bytes = world.bytes("a").await;
    let settings = SandboxSettings {
        n_bytes_max: 2 * n_bytes + n_bytes / 2,
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    for name in ["a", "b"] {
        change(&world, name).await;
    }
    // Copies count, sandboxes that still read the seed do not.
    for name in ["c", "d", "e"] {
        world.listed(name).await;
    }
    assert_eq!(names(&world).await, ["default", "a", "b", "c", "d", "e"]);
    change(&world, "c").await;
    assert_eq!(names(&world).await, ["default", "b", "c", "d", "e"]);
    // A checkpoint keeps the state before the next change, so it counts as well.
    world
        .ok("POST", "/_emulator/checkpoints/s?sandbox=c", "")
        .await;
    world
        .ok("DELETE", "/_emulator/images/m-2?sandbox=c", "")
        .await;
    assert_eq!(names(&world).await, ["default", "c", "d", "e"]);
}

#[rstest]
#[case::client_tokens("AccessKeyId=a&ClientToken=t-NUMBER")]
#[case::magic_keys("AccessKeyId=a%2BThrottling:NUMBER")]
#[tokio::test]
async fn what_a_sandbox_remembers_of_its_clients_counts(#[case] parameters: &str) {
    let world = World::isolated().await;
    change(&world, "b").await;
    let settings = SandboxSettings {
        n_bytes_max: world.bytes("b").await + 60_000,
        ..SandboxSettings::default()
    };
    // Without its journal, a sandbox that reads the seed weighs nothing else.
    let world = World::start(built(settings).journal_entries(0)).await;
    for n_requests in [100, 1_000] {
        for number in 1..=n_requests {
            world
                .list(&parameters.replace("NUMBER", &number.to_string()))
                .await;
        }
        change(&world, "b").await;
        let is_small = n_requests == 100;
        assert_eq!(names(&world).await.contains(&"a".to_owned()), is_small);
        world.ok("DELETE", "/_emulator/sandboxes/b", "").await;
    }
}

#[tokio::test]
async fn the_fault_rules_of_a_sandbox_count() {
    let settings = SandboxSettings {
        n_bytes_max: 500_000,
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    let message = "x".repeat(200_000);
    let error = json!({"code": "X", "status": 503, "message": message});
    let rule = json!({"effect": {"error": error}}).to_string();
    for (name, left) in [("a", "a"), ("b", "b")] {
        let path = format!("/_emulator/faults?sandbox={name}");
        world.ok("POST", &path, &rule).await;
        assert_eq!(names(&world).await, ["default", left]);
    }
}

#[tokio::test]
async fn the_one_that_is_being_changed_stays_even_if_it_alone_is_too_large() {
    let settings = SandboxSettings {
        n_bytes_max: 1,
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    change(&world, "a").await;
    assert_eq!(world.listed("a").await, ["m-2", "m-3"]);
    change(&world, "b").await;
    assert_eq!(names(&world).await, ["default", "b"]);
}

#[tokio::test]
async fn a_sandbox_of_a_fixture_counts_its_seed() {
    let world = World::isolated().await;
    let body = json!({"accessKeyId": "own", "fixture": {"CustomImages": []}}).to_string();
    world.ok("POST", "/_emulator/sandboxes", &body).await;
    assert!(world.bytes("own").await > 0);
}

#[rstest]
#[case(Some(Duration::ZERO), false)]
#[case(Some(Duration::from_hours(1)), true)]
#[case(None, true)]
#[tokio::test]
async fn a_sandbox_is_removed_when_unused_for_its_time_to_live(
    #[case] ttl: Option<Duration>,
    #[case] stays: bool,
) {
    let settings = SandboxSettings {
        ttl,
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    change(&world, "a").await;
    assert_eq!(world.listed("a").await.len(), if stays { 2 } else { 3 });
    let summary = world.summary("a").await;
    assert_eq!(summary.is_some(), stays);
    let expires_at = summary.map(|summary| summary["expiresAt"].clone());
    assert_eq!(
        expires_at.is_some_and(|at| at.is_string()),
        stays && ttl.is_some()
    );
}

#[tokio::test]
async fn each_use_postpones_the_removal_of_a_sandbox() {
    const TTL: Duration = Duration::from_secs(1);
    let settings = SandboxSettings {
        ttl: Some(TTL),
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    // A machine that stands still for too long proves nothing; then it starts over.
    'anew: loop {
        change(&world, "a").await;
        let start = Instant::now();
        let mut used = start;
        while start.elapsed() < TTL * 3 / 2 {
            let n_images = world.listed("a").await.len();
            if used.elapsed() > TTL / 2 {
                world.ok("POST", "/_emulator/reset?sandbox=a", "").await;
                continue 'anew;
            }
            assert_eq!(n_images, 2);
            used = Instant::now();
        }
        return;
    }
}

#[tokio::test]
async fn expires_at_is_the_time_to_live_ahead_by_the_clock_of_the_system() {
    let settings = SandboxSettings {
        ttl: Some(Duration::from_mins(30)),
        ..SandboxSettings::default()
    };
    let world = World::start(built(settings)).await;
    world
        .ok("PUT", "/_emulator/clock?sandbox=a", r#"{"offset": "30m"}"#)
        .await;
    let now = world.ok("GET", "/_emulator/clock?sandbox=a", "").await["now"].clone();
    let at = world.summary("a").await.unwrap()["expiresAt"].clone();
    let seconds = |text: &serde_json::Value| {
        let text = text.as_str().unwrap();
        swas_emulator::internals::Timestamp::parse(text)
            .unwrap()
            .unix_s()
    };
    // The clock shows the time in 30 minutes, which is when the sandbox is removed.
    let difference = seconds(&at) - seconds(&now);
    assert!((-60..=60).contains(&difference), "{difference}");
}
