//! The emulator inside another process: what a Rust test that embeds it relies on.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use swas_emulator::{Emulator, Fixture, FixtureError, StartError, StoreError, check_fixtures};

use crate::support::{ACTION, LIST, Raw, begun, fixture, get, image, images, request};

fn one(id: &str) -> Fixture {
    Fixture::from_json("one.json", fixture(&[image(id, json!({}))]))
}

fn assert_refused(address: SocketAddr) {
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn the_endpoint_is_where_it_listens_on_this_machine_alone() {
    let emulator = Emulator::builder()
        .fixture(one("m-1"))
        .start()
        .await
        .unwrap();
    let address = emulator.address();
    assert!(address.ip().is_loopback());
    assert_ne!(address.port(), 0);
    assert_ne!(address.port(), 8808);
    assert_eq!(emulator.endpoint(), format!("http://{address}"));
    assert_eq!(Raw::connect(address).get(LIST).ids(), ["m-1"]);
}

#[tokio::test]
async fn several_in_one_process_share_nothing() {
    let start = |id| Emulator::builder().fixture(one(id)).start();
    let (first, second) = (start("m-1").await.unwrap(), start("m-2").await.unwrap());
    let mut to_first = Raw::connect(first.address());
    let mut to_second = Raw::connect(second.address());
    assert_eq!(to_first.get(LIST).ids(), ["m-1"]);
    assert_eq!(to_second.get(LIST).ids(), ["m-2"]);
    // Not the client tokens either.
    let with_token = |size| format!("{LIST}&ClientToken=t&PageSize={size}");
    assert_eq!(to_first.get(&with_token(1)).warning(), "");
    assert_eq!(to_second.get(&with_token(2)).warning(), "");
    assert_ne!(to_first.get(&with_token(2)).warning(), "");

    let added = Emulator::builder().fixture(one("m-3")).region("test-1");
    let third = added.start().await.unwrap();
    let query = format!("{ACTION}&RegionId=test-1");
    assert_eq!(Raw::connect(third.address()).get(&query).status, 200);
    assert_eq!(to_first.get(&query).code(), "InvalidRegionId");

    drop(first);
    assert_eq!(to_second.get(LIST).ids(), ["m-2"]);
}

#[tokio::test]
async fn a_dropped_one_is_stopped_at_once() {
    let emulator = Emulator::builder()
        .fixture(one("m-1"))
        .start()
        .await
        .unwrap();
    let address = emulator.address();
    let mut idle = Raw::connect(address);
    assert_eq!(idle.get(LIST).status, 200);
    let mut in_flight = Raw::connect(address);
    in_flight.send(begun(""));
    assert_eq!(Raw::connect(address).get(LIST).status, 200);
    drop(emulator);
    assert_refused(address);
    assert_eq!(idle.rest(), "");
    in_flight.assert_ended();
    // The port can be taken again.
    let again = Emulator::builder().fixture(one("m-2")).listen(address);
    let again = again.start().await.unwrap();
    assert_eq!(Raw::connect(again.address()).get(LIST).ids(), ["m-2"]);
}

/// Many times, since it must not matter how far the server has read when the stop comes.
#[tokio::test]
async fn a_graceful_stop_answers_what_is_in_flight() {
    for _ in 0..50 {
        let builder = Emulator::builder().fixture(one("m-1"));
        let emulator = builder.start().await.unwrap();
        let address = emulator.address();
        let mut in_flight = Raw::connect(address);
        in_flight.send(begun(""));
        // Connections are accepted in their order, so this answer shows that the first is.
        let mut idle = Raw::connect(address);
        assert_eq!(idle.get(LIST).status, 200);
        let stopping = tokio::spawn(emulator.shutdown());
        let answered = tokio::task::spawn_blocking(move || {
            // That the idle one is closed shows that the stop has begun.
            assert_eq!(idle.rest(), "");
            in_flight.send("ize=1");
            let answer = in_flight.answer();
            assert_eq!(in_flight.rest(), "");
            answer
        });
        assert_eq!(answered.await.unwrap().ids(), ["m-1"]);
        stopping.await.unwrap();
        assert_refused(address);
    }
}

/// `Raw` blocks the only thread of this test's runtime, as a client without `async` does.
#[tokio::test(flavor = "current_thread")]
async fn a_client_that_blocks_the_runtime_of_the_test_is_answered() {
    let fixture = Fixture::from_json("images.json", images(30));
    let emulator = Emulator::builder().fixture(fixture).start().await.unwrap();
    let mut raw = Raw::connect(emulator.address());
    for number in 1..=3 {
        let page = format!("{LIST}&PageNumber={number}");
        assert_eq!(raw.get(&page).ids().len(), 10);
    }
    emulator.shutdown().await;
}

#[test]
fn it_outlives_the_runtime_that_started_it() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let start = Emulator::builder().fixture(one("m-1")).start();
    let emulator = runtime.block_on(start).unwrap();
    drop(runtime);
    assert_eq!(Raw::connect(emulator.address()).get(LIST).ids(), ["m-1"]);
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(4)]
#[tokio::test]
async fn any_number_of_threads_serves(#[case] n_threads: usize) {
    let builder = Emulator::builder().worker_threads(n_threads);
    let emulator = builder.fixture(one("m-1")).start().await.unwrap();
    assert_eq!(Raw::connect(emulator.address()).get(LIST).ids(), ["m-1"]);
}

#[tokio::test]
async fn a_bound_emulator_has_its_address_and_serves_once_it_is_started() {
    let bound = Emulator::builder().fixture(one("m-1")).bind().unwrap();
    let address = bound.address().unwrap();
    // Connections wait until it serves.
    let mut early = Raw::connect(address);
    early.send(get(LIST));
    let emulator = bound.start().await.unwrap();
    assert_eq!(emulator.address(), address);
    let answer = early.answer();
    assert!([200, 503].contains(&answer.status), "{answer:?}");
    assert_eq!(early.get(LIST).ids(), ["m-1"]);
}

#[tokio::test]
async fn a_fixture_that_breaks_a_rule_is_told_with_its_place() {
    let text = "[\n{\"ImageId\": \"m-1\", \"RegionId\": \"nowhere\", \"Name\": \"x\"}]";
    let fixture = Fixture::from_json("mine", text);
    let error = Emulator::builder()
        .fixture(fixture.clone())
        .start()
        .await
        .unwrap_err();
    let StartError::Fixture(FixtureError::Invalid(invalid)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(invalid.fixture, "mine");
    assert_eq!(invalid.line, 2);
    let place = invalid.entry.unwrap();
    assert_eq!((place.position, place.id.as_deref()), (1, Some("m-1")));
    assert!(invalid.rule.contains("`nowhere`"), "{}", invalid.rule);

    let checked = check_fixtures(std::slice::from_ref(&fixture), &[]).unwrap_err();
    assert!(matches!(
        checked,
        StartError::Fixture(FixtureError::Invalid(_))
    ));
    assert_eq!(
        check_fixtures(&[fixture], &["nowhere".to_owned()]).unwrap(),
        1
    );
}

#[tokio::test]
async fn a_fixture_file_that_does_not_exist_is_an_error() {
    let error = Fixture::from_path("nowhere/none.json").unwrap_err();
    assert!(matches!(error, FixtureError::Read { .. }), "{error:?}");
}

#[tokio::test]
async fn an_address_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Emulator::builder()
        .listen(address)
        .start()
        .await
        .unwrap_err();
    let StartError::AddressInUse { address: told } = error else {
        panic!("{error:?}");
    };
    assert_eq!(told, address);
}

#[tokio::test]
async fn an_address_of_another_machine_is_an_error() {
    // An address for documentation, which no machine has.
    let address = SocketAddr::from(([192, 0, 2, 1], 0));
    let error = Emulator::builder()
        .listen(address)
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error:?}");
}

#[tokio::test]
async fn an_invalid_region_is_an_error() {
    let error = Emulator::builder()
        .region("no region")
        .start()
        .await
        .unwrap_err();
    let StartError::Region { text } = error else {
        panic!("{error:?}");
    };
    assert_eq!(text, "no region");
}

#[tokio::test]
async fn a_clock_that_starts_at_no_moment_is_an_error_of_the_start() {
    let builder = Emulator::builder().clock("today");
    let error = builder.clone().start().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a clock starts at a real date as `yyyy-MM-ddTHH:mm:ssZ`, got \"today\""
    );
    // The last call counts.
    let emulator = builder.clock("2026-01-01T00:00:00Z").start().await.unwrap();
    let now = emulator.sandbox("default").clock().now().unwrap();
    assert_eq!(now, "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_or_is_in_use_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let on_file = |id| Emulator::builder().database(&file).fixture(one(id));
    let first = on_file("m-1").start().await.unwrap();
    let error = on_file("m-2").start().await.unwrap_err();
    assert!(
        matches!(error, StartError::Store(StoreError::InUse { .. })),
        "{error:?}"
    );
    assert_eq!(Raw::connect(first.address()).get(LIST).ids(), ["m-1"]);
    drop(first);

    let kept = on_file("m-2").start().await.unwrap();
    assert_eq!(Raw::connect(kept.address()).get(LIST).ids(), ["m-1"]);
    drop(kept);
    let anew = on_file("m-2").reseed().start().await.unwrap();
    assert_eq!(Raw::connect(anew.address()).get(LIST).ids(), ["m-2"]);

    let builder = Emulator::builder().database(folder.path().join("none").join("images.db"));
    let error = builder.start().await.unwrap_err();
    assert!(
        matches!(error, StartError::Store(StoreError::Open { .. })),
        "{error:?}"
    );
}

/// A change of a million images cannot be interrupted, and takes minutes.
async fn with_a_long_change() -> (Emulator, Raw) {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut raw = Raw::connect(emulator.address());
    let line = "POST /_emulator/generate";
    raw.send(request(
        line,
        "Host: localhost\r\n",
        r#"{"count": 1000000}"#,
    ));
    raw.assert_silent_for(Duration::from_millis(300));
    (emulator, raw)
}

#[tokio::test]
async fn dropping_waits_for_no_long_change() {
    let (emulator, raw) = with_a_long_change().await;
    let start = Instant::now();
    drop(emulator);
    assert!(start.elapsed() < Duration::from_secs(1));
    drop(raw);
}

#[tokio::test]
async fn a_shutdown_is_over_in_5_s_whatever_runs() {
    let (emulator, raw) = with_a_long_change().await;
    let start = Instant::now();
    emulator.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(raw);
}
