//! Stopping: what is in flight is finished, and the exit code is 0.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::support::{LIST, Process, begun};

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

/// Real time: this takes 5 seconds.
#[test]
fn a_request_in_flight_that_does_not_end_is_dropped_after_5_s() {
    let mut process = Process::serve(&[]);
    let mut in_flight = process.raw();
    in_flight.send(begun(""));
    assert_eq!(process.get(LIST).status, 200);
    process.signal("TERM");
    let (status, took) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took > Duration::from_millis(4_500), "{took:?}");
    assert!(took < Duration::from_secs(8), "{took:?}");
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
