//! A thousand clients that stall and one that does not: it is served at once.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
#[cfg(unix)]
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::support::without_variables;
use crate::support::{LIST, Process, Raw, World, begun, folder, get, images};

/// Connections that are served at once.
const N_PLACES: usize = 1_000;

/// Two sockets for each connection of one test, one for each of another, and some for the rest.
const FILES_NEEDED: u64 = 3_800;

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

/// Sends a listing that is only begun.
fn begin(world: &World) -> Raw {
    let mut raw = world.raw();
    raw.send(begun(""));
    raw
}

/// Sends a listing on a new connection; gives the time that its answer takes.
fn time_of_a_new_one(world: &World) -> Duration {
    let start = Instant::now();
    assert_eq!(world.raw().get(LIST).ids().len(), 3);
    start.elapsed()
}

#[tokio::test]
async fn a_new_client_takes_the_place_of_the_one_that_did_nothing_for_longest() {
    assert_enough_files();
    let world = World::of(&images(3)).await;
    let mut longest = begin(&world);
    longest.assert_silent_for(Duration::from_millis(100));
    let mut stalled: Vec<Raw> = (2..N_PLACES).map(|_| begin(&world)).collect();
    let mut idle = world.raw();
    assert_eq!(idle.get(LIST).ids().len(), 3);
    idle.assert_silent_for(Duration::from_millis(600));

    // An idle connection goes first, although every other one stalls for longer.
    let took = time_of_a_new_one(&world);
    assert!(took < Duration::from_secs(1), "{took:?}");
    idle.assert_ended();

    // One that has just been used stays; the one that stalls longest goes.
    let mut used = world.raw();
    assert_eq!(used.get(LIST).ids().len(), 3);
    let took = time_of_a_new_one(&world);
    assert!(took < Duration::from_secs(1), "{took:?}");
    longest.assert_ended();
    assert_eq!(used.get(LIST).ids().len(), 3);

    // Every other one goes on where it was.
    for raw in stalled.iter_mut().step_by(97) {
        raw.send("ize=1");
        assert_eq!(raw.answer().ids(), ["m-000"]);
    }
}

/// They wait for the server, so none of them has to go.
#[tokio::test]
async fn a_thousand_connections_that_wait_for_their_answers_keep_their_places() {
    assert_enough_files();
    let world = World::of(&images(3)).await;
    let fault = r#"[{"effect": {"delay": "4s"}, "times": 1000}]"#;
    world.ok("PUT", "/_emulator/faults", fault).await;
    let start = Instant::now();
    let ask = |_| {
        let mut raw = world.raw();
        raw.send(get(LIST));
        raw
    };
    let mut waiting: Vec<Raw> = (0..N_PLACES).map(ask).collect();
    assert_eq!(world.raw().get(LIST).ids().len(), 3);
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(4), "{took:?}");
    for raw in &mut waiting {
        assert_eq!(raw.answer().ids().len(), 3);
    }
}

/// How the clients of a crowd stall.
#[derive(Debug, Clone, Copy)]
enum Stall {
    NoHeader,
    HalfAHeader,
    HalfABody,
    ControlBody,
    UnreadAnswer,
    IdleKeepAlive,
}

const STALLS: [Stall; 6] = [
    Stall::NoHeader,
    Stall::HalfAHeader,
    Stall::HalfABody,
    Stall::ControlBody,
    Stall::UnreadAnswer,
    Stall::IdleKeepAlive,
];

impl Stall {
    /// Begins to stall. The connection may end at any time.
    fn begin(self, address: SocketAddr, n: usize) -> Raw {
        let mut raw = Raw::connect(address);
        let page = get(&format!("{LIST}&PageSize=100"));
        let sent = match self {
            Self::NoHeader => String::new(),
            Self::HalfAHeader => format!("GET /?{LIST} HTTP/1.1\r\nHost: swas"),
            Self::HalfABody => begun(""),
            Self::ControlBody => "PUT /_emulator/images HTTP/1.1\r\nHost: localhost\r\n\
                Content-Length: 1000\r\n\r\n{"
                .to_owned(),
            // A few of them take more than the buffers of a socket; more would fill the machine's.
            Self::UnreadAnswer if n.is_multiple_of(100) => page.repeat(400),
            Self::UnreadAnswer | Self::IdleKeepAlive => page,
        };
        raw.try_send(sent).ok();
        if matches!(self, Self::IdleKeepAlive) {
            raw.try_answer().ok();
        }
        raw
    }
}

/// What a client sees that asks again and again for some time, on a kept connection and on new ones.
fn times_beside(address: SocketAddr, time: Duration) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut kept = Raw::connect(address);
    let start = Instant::now();
    while start.elapsed() < time {
        let lap = Instant::now();
        assert_eq!(kept.get(LIST).status, 200);
        times.push(lap.elapsed());
        let lap = Instant::now();
        assert_eq!(Raw::connect(address).get(LIST).status, 200);
        times.push(lap.elapsed());
        thread::sleep(Duration::from_millis(2));
    }
    times.sort();
    times
}

/// Runs a crowd of 1,000 that is joined by one more every 5 ms, and a client beside it.
fn times_beside_a_crowd(address: SocketAddr, stall: Stall, time: Duration) -> Vec<Duration> {
    let mut crowd: VecDeque<Raw> = (0..N_PLACES).map(|n| stall.begin(address, n)).collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = N_PLACES;
            while !is_over.load(Ordering::Relaxed) {
                crowd.push_back(stall.begin(address, n));
                // Those have lost their places long ago.
                crowd.drain(..crowd.len().saturating_sub(N_PLACES + 100));
                n += 1;
                thread::sleep(Duration::from_millis(5));
            }
        });
        let times = times_beside(address, time);
        is_over.store(true, Ordering::Relaxed);
        times
    })
}

/// Runs all crowds; gives for each the time in which 99 of 100 requests are answered, and the longest.
#[expect(clippy::print_stdout, reason = "the figures are for the note")]
fn crowds(time: Duration) -> Vec<(Stall, Duration, Duration)> {
    assert_enough_files();
    let folder = folder(&[("images.json", &images(100))]);
    let fixture = folder.path().join("images.json");
    let process = Process::serve(&["--log", "warn", "--fixture", fixture.to_str().unwrap()]);
    let run = |stall| {
        let times = times_beside_a_crowd(process.address(), stall, time);
        let p99 = times[times.len() * 99 / 100];
        let max = times[times.len() - 1];
        println!(
            "{stall:?}: {} requests, p99 {p99:?}, max {max:?}",
            times.len()
        );
        (stall, p99, max)
    };
    STALLS.map(run).to_vec()
}

#[test]
fn beside_a_crowd_that_stalls_no_client_waits_longer_than_a_second() {
    for (stall, _, max) in crowds(Duration::from_secs(1)) {
        assert!(max < Duration::from_secs(1), "{stall:?}: {max:?}");
    }
}

/// Real times: longer than each of the limits that end a connection.
#[test]
#[ignore = "takes 4 minutes and needs the machine for itself"]
fn beside_a_crowd_that_stalls_99_of_100_requests_are_answered_within_50_ms() {
    for (stall, p99, max) in crowds(Duration::from_secs(40)) {
        assert!(p99 <= Duration::from_millis(50), "{stall:?}: {p99:?}");
        assert!(max < Duration::from_secs(1), "{stall:?}: {max:?}");
    }
}

/// A process that may have fewer files open than the emulator takes connections.
#[cfg(unix)]
#[test]
fn a_new_client_is_served_when_the_process_has_no_file_left() {
    let mut command = Command::new("sh");
    let binary = env!("CARGO_BIN_EXE_swas-emulator");
    let script = format!("ulimit -n 64; exec {binary} --listen 127.0.0.1:0");
    command.args(["-c", &script]);
    let mut process = Process::ready(without_variables(command));
    let address = process.address();
    let stalled: Vec<Raw> = (0..100)
        .map(|n| Stall::HalfABody.begin(address, n))
        .collect();
    process.log_line(&["WARN", "could not be accepted"]);
    // Those that wait before it have to be accepted first.
    let times = times_beside(address, Duration::from_secs(4));
    assert!(times.len() > 100, "{times:?}");
    drop(stalled);
}
