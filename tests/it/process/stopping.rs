//! Stopping: what is in flight is finished or dropped in time, and the exit code says how.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::support::{LIST, Process, Raw, begun, binary, fixture, folder, get, request};

/// Longest time from a signal to the end, whatever runs.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);

#[rstest]
#[case("TERM")]
#[case("INT")]
fn a_signal_stops_an_idle_emulator_with_code_0(#[case] signal: &str) {
    let mut process = Process::serve(&[]);
    let mut idle = process.raw();
    assert_eq!(idle.get(LIST).status, 200);
    let silent = process.raw();
    process.signal(signal);
    let (status, _) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert_eq!(process.rest_of_stdout(), "");
    assert_eq!(idle.rest(), "");
    drop(silent);
}

/// The fastest of some, so that a busy machine does not decide.
#[rstest]
#[case::without_connections(0)]
#[case::with_idle_ones(20)]
fn an_idle_emulator_stops_within_100_ms(#[case] n_idle: usize) {
    let stop = || {
        let mut process = Process::serve(&[]);
        let mut idle: Vec<_> = (0..n_idle).map(|_| process.raw()).collect();
        for raw in &mut idle {
            assert_eq!(raw.get(LIST).status, 200);
        }
        process.signal("TERM");
        let (status, took) = process.wait();
        assert_eq!(status.code(), Some(0));
        took
    };
    let fastest = (0..5).map(|_| stop()).min().unwrap();
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
}

#[test]
fn a_request_in_flight_is_answered_and_no_other_is_accepted() {
    let mut process = Process::serve(&[]);
    let mut in_flight = process.raw();
    in_flight.send(begun(""));
    // A second connection's answer shows that the first has been accepted: they queue in order.
    assert_eq!(process.get(LIST).status, 200);
    process.signal("TERM");
    process.log_line(&["stopping"]);

    let deadline = Instant::now() + Duration::from_secs(4);
    while TcpStream::connect(process.address()).is_ok() {
        assert!(Instant::now() < deadline, "connections are still accepted");
    }
    in_flight.send("ize=1");
    let answer = in_flight.answer();
    answer.assert_invariants("swas.test");
    assert_eq!(answer.ids().len(), 1);
    assert_eq!(in_flight.rest(), "");
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(3), "{took:?}");
}

/// Real time: this takes 4 seconds.
#[test]
fn a_request_in_flight_that_does_not_end_is_dropped_after_4_s() {
    let mut process = Process::serve(&[]);
    let mut in_flight = process.raw();
    in_flight.send(begun(""));
    assert_eq!(process.get(LIST).status, 200);
    process.signal("TERM");
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took > Duration::from_millis(3_500), "{took:?}");
    assert!(took < STOP_TIME_MAX, "{took:?}");
    assert_eq!(in_flight.rest(), "");
    process.log_line(&["WARN", "took too long"]);
}

#[test]
fn a_keep_alive_connection_is_closed_after_the_answer_that_was_in_flight() {
    let mut process = Process::serve(&[]);
    let mut in_flight = process.raw();
    in_flight.send(begun(""));
    assert_eq!(process.get(LIST).status, 200);
    process.signal("INT");
    process.log_line(&["stopping"]);
    in_flight.send("ize=2");
    assert_eq!(in_flight.answer().ids().len(), 2);
    assert_eq!(in_flight.rest(), "");
    let (status, _) = process.wait();
    assert_eq!(status.code(), Some(0));
}

/// Asks for a million images, which takes minutes, and waits until the change has begun.
fn begin_long_change(process: &Process) -> Raw {
    let mut raw = process.raw();
    let body = r#"{"count": 1000000}"#;
    raw.send(request(
        "POST /_emulator/generate",
        "Host: localhost\r\n",
        body,
    ));
    raw.assert_silent_for(Duration::from_millis(500));
    raw
}

#[rstest]
#[case::in_memory(false)]
#[case::in_a_file(true)]
fn a_long_change_is_dropped_in_time_and_nothing_of_it_stays(#[case] in_file: bool) {
    let folder = folder(&[]);
    let path = folder.path().join("swas.db");
    let mut arguments = Vec::new();
    if in_file {
        arguments.extend(["--database", path.to_str().unwrap()]);
    }
    let mut process = Process::serve(&arguments);
    let before = process.export();
    let change = begin_long_change(&process);
    process.signal("TERM");
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < STOP_TIME_MAX, "{took:?}");
    drop(change);
    // The port is free at once, though connections to it were open.
    drop(TcpListener::bind(process.address()).unwrap());
    if in_file {
        assert_eq!(Process::serve(&arguments).export(), before);
    }
}

#[rstest]
#[case("TERM", "TERM", 143)]
#[case("TERM", "INT", 130)]
#[case("INT", "TERM", 143)]
fn a_second_signal_ends_it_at_once(#[case] first: &str, #[case] second: &str, #[case] code: i32) {
    let mut process = Process::serve(&[]);
    let change = begin_long_change(&process);
    process.signal(first);
    process.log_line(&["stopping"]);
    process.signal(second);
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(code));
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(change);
}

#[test]
fn open_streams_and_delayed_answers_do_not_hold_up_a_stop() {
    let mut process = Process::serve(&[]);
    let rule = r#"{"match": {"action": "ListCustomImages"}, "effect": {"delay": "5m"}}"#;
    process.ok("POST", "/_emulator/faults", rule);
    let mut stream = process.raw();
    stream.send("GET /_emulator/requests/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(stream.answer_without_body().status, 200);
    let mut delayed = process.raw();
    delayed.send(get(LIST));
    // It is in the journal before its delay.
    while process.ok("GET", "/_emulator/requests", "")["totalCount"] == 0 {}
    process.signal("TERM");
    assert_eq!(delayed.answer().status, 200);
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// Writes a fixture whose seed takes long enough to be stopped in the middle.
fn long_fixture(folder: &Path) -> String {
    let path = folder.join("long.json");
    let path = path.to_str().unwrap();
    let arguments = ["generate-fixture", "--count", "50000", "--output", path];
    assert!(binary().args(arguments).status().unwrap().success());
    path.to_owned()
}

#[rstest]
#[case("TERM")]
#[case("INT")]
fn a_seed_is_stopped_with_code_0_and_leaves_nothing(#[case] signal: &str) {
    let folder = folder(&[("empty.json", &fixture(&[]))]);
    let long = long_fixture(folder.path());
    let database = folder.path().join("swas.db");
    let database = database.to_str().unwrap();
    let mut command = binary();
    command.args(["--listen", "127.0.0.1:0", "--database", database]);
    command.args(["--fixture", &long]);
    let mut process = Process::listening(command);
    process.signal(signal);
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < STOP_TIME_MAX, "{took:?}");
    // The file holds no seed, so that the next start gives it one.
    let empty = folder.path().join("empty.json");
    let arguments = ["--database", database, "--fixture", empty.to_str().unwrap()];
    let process = Process::serve(&arguments);
    let health = process.ok("GET", "/_emulator/health", "");
    assert_eq!(health["images"]["total"], 0);
}
