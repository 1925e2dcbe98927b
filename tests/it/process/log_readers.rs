//! Readers of the log that are slow, gone, or never read: they cost lines, never an answer.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;

use crate::support::{
    Answer, FORM, LIST, Process, Raw, binary, post, send_signal, without_variables,
};

/// A serving process whose standard streams are the test's own affair. Dropped, it is killed.
struct Bare {
    child: Child,
    address: SocketAddr,
}

impl Bare {
    /// Starts the binary on a free port and waits until it accepts.
    fn start(mut command: Command) -> Self {
        // Another process could take the port meanwhile; then the binary does not start, and the
        // test says so.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = command.env("SWAS_EMULATOR_LISTEN", address.to_string());
        let mut bare = Self {
            child: child.spawn().unwrap(),
            address,
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).is_err() {
            assert_eq!(bare.child.try_wait().unwrap(), None, "it ended");
            assert!(Instant::now() < deadline, "it does not listen");
            sleep(Duration::from_millis(5));
        }
        while bare.ask("/readyz").status != 200 {
            assert!(Instant::now() < deadline, "it does not become ready");
        }
        bare
    }

    fn ask(&self, path: &str) -> Answer {
        Raw::connect(self.address).own(path)
    }

    /// Lines that the log has lost so far.
    fn n_lost(&self) -> u64 {
        let health = self.ask("/_emulator/health").json();
        health["logLinesLost"].as_u64().unwrap()
    }

    /// Sends requests with a line of about 2 KiB each; every one of them is answered.
    fn talk(&self, n_requests: usize) {
        let query = format!("{LIST}&PageSize={}", "x".repeat(2_000));
        let mut raw = Raw::connect(self.address);
        for _ in 0..n_requests {
            assert_eq!(raw.get(&query).status, 400);
        }
    }

    /// Stops it by a signal, and asserts that it ends well and in time.
    fn stop(&mut self) {
        let start = Instant::now();
        assert!(send_signal(self.child.id(), "TERM"));
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

fn with_streams(stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Command {
    let mut command = binary();
    command.stdout(stdout).stderr(stderr);
    command
}

/// The lines about requests, and the number of lines that the log says are lost.
fn seen_and_told(stderr: ChildStderr) -> (usize, u64) {
    let (mut n_seen, mut n_told) = (0, 0);
    for line in BufReader::new(stderr).lines() {
        let line = line.unwrap();
        if line.contains("answered") {
            n_seen += 1;
        } else if line.contains("lines of the log were lost") {
            let (_, n_lines) = line.split_once("n_lines=").unwrap();
            n_told += n_lines.parse::<u64>().unwrap();
        }
    }
    (n_seen, n_told)
}

/// As with `subprocess.PIPE` in Python, when nobody reads it.
#[test]
fn a_log_that_nobody_reads_stops_nothing_and_its_lost_lines_are_told_once_somebody_does() {
    const N_REQUESTS: usize = 1_500;
    let mut bare = Bare::start(with_streams(Stdio::piped(), Stdio::piped()));
    bare.talk(N_REQUESTS);
    let n_lost = bare.n_lost();
    // A pipe holds 64 KiB and the queue 1 MiB: most of the 3 MB found no room.
    assert!((500..1_400).contains(&n_lost), "{n_lost}");

    // Now it is read, so that the next lines find room again.
    let stderr = bare.child.stderr.take().unwrap();
    let reader = std::thread::spawn(|| seen_and_told(stderr));
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut n_more = 0;
    loop {
        let n_before = bare.n_lost();
        bare.talk(10);
        n_more += 10;
        if bare.n_lost() == n_before {
            break;
        }
        assert!(Instant::now() < deadline, "the queue stays full");
    }
    let n_lost = bare.n_lost();
    bare.stop();
    let (n_seen, n_told) = reader.join().unwrap();
    assert_eq!(n_told, n_lost);
    assert_eq!(n_seen as u64 + n_lost, (N_REQUESTS + n_more) as u64);
}

#[test]
fn a_process_whose_output_nobody_reads_still_stops_in_time() {
    let mut bare = Bare::start(with_streams(Stdio::piped(), Stdio::piped()));
    bare.talk(1_000);
    assert!(bare.n_lost() > 0);
    bare.stop();
}

#[test]
fn a_reader_that_is_gone_costs_lines_and_no_answer() {
    let mut bare = Bare::start(with_streams(Stdio::piped(), Stdio::piped()));
    drop((bare.child.stdout.take(), bare.child.stderr.take()));
    bare.talk(100);
    // The line of the last request is lost when its turn comes.
    let deadline = Instant::now() + Duration::from_secs(30);
    while bare.n_lost() < 100 {
        assert!(Instant::now() < deadline, "{}", bare.n_lost());
    }
    bare.stop();
}

#[test]
fn a_full_disk_behind_the_log_and_the_output_costs_lines_and_no_answer() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let mut bare = Bare::start(with_streams(full(), full()));
    bare.talk(100);
    let deadline = Instant::now() + Duration::from_secs(30);
    while bare.n_lost() < 100 {
        assert!(Instant::now() < deadline, "{}", bare.n_lost());
    }
    bare.stop();
}

#[rstest]
#[case("2>&-")]
#[case(">&-")]
#[case(">&- 2>&- <&-")]
fn closed_streams_change_no_answer(#[case] closed: &str) {
    let mut command = Command::new("sh");
    let script = format!("exec \"$0\" {closed}");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_swas-emulator")]);
    let mut command = without_variables(command);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut bare = Bare::start(command);
    bare.talk(100);
    bare.stop();
}

/// As with a pipe of Node, whose other end does not wait, and so does this one.
#[test]
fn a_stream_that_refuses_to_wait_is_written_when_it_has_room() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let stderr = Stdio::from(OwnedFd::from(theirs));
    let mut bare = Bare::start(with_streams(Stdio::null(), stderr));
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let mut ours = ours;
        sleep(Duration::from_millis(300));
        ours.read_to_string(&mut text).unwrap();
        text
    });
    bare.talk(400);
    bare.stop();
    let n_lines = reader.join().unwrap().matches("answered").count();
    assert_eq!(n_lines, 400);
}

#[test]
fn a_line_is_there_as_soon_as_somebody_reads_it() {
    let mut process = Process::serve(&[]);
    let mut raw = process.raw();
    let mut delay = || {
        let id = raw.get(LIST).field("RequestId");
        let start = Instant::now();
        process.log_line(&["answered", &id]);
        start.elapsed()
    };
    let mut delays: Vec<Duration> = (0..50).map(|_| delay()).collect();
    delays.sort();
    assert!(delays[25] < Duration::from_millis(20), "{delays:?}");
}

#[test]
fn the_last_lines_are_written_before_the_process_ends() {
    let mut process = Process::serve(&[]);
    let mut raw = process.raw();
    for _ in 0..300 {
        raw.get(LIST);
    }
    process.signal("TERM");
    process.wait();
    let log = process.whole_log();
    let n_lines = log.iter().filter(|line| line.contains("answered")).count();
    assert_eq!(n_lines, 300);
    assert!(log.last().unwrap().contains("stopping"), "{log:?}");
}

#[rstest]
#[case("text")]
#[case("json")]
fn a_line_has_at_most_8_kib_whatever_a_client_sends(#[case] format: &str) {
    let arguments = ["--log", "trace", "--log-format", format];
    let mut process = Process::serve(&arguments);
    let (long, odd) = ("x".repeat(400_000), "%E2%80%AE%0A%22".repeat(4_000));
    for query in [
        format!("{LIST}&InstanceId={long}&Share={long}"),
        format!("{LIST}&{odd}=1&Share={odd}"),
        format!("Action={odd}&Version=2020-06-01"),
        format!("AccessKeyId=a%2B{odd}"),
    ] {
        let mut raw = process.raw();
        raw.send(post("", FORM, &query));
        raw.answer();
        // The path stands in a line of its own at the level `debug`.
        raw.own(&format!("/_emulator/{}", &query[..20_000]));
    }
    let last = process.get(LIST).field("RequestId");
    process.log_line(&["answered", &last]);
    let log = process.whole_log();
    assert!(log.iter().any(|line| line.contains("(cut)")), "{log:#?}");
    for line in log {
        assert!(line.len() < 8 << 10, "{} bytes: {line}", line.len());
        if format == "json" {
            let line: Value = serde_json::from_str(&line).unwrap();
            assert!(line["level"].is_string(), "{line}");
        }
    }
}

#[test]
fn a_text_of_a_client_has_at_most_1_kib_in_the_log() {
    let mut process = Process::serve(&[]);
    let id = process.get(&format!("{LIST}&PageSize={}", "x".repeat(5_000)));
    let line = process.log_line(&["answered", &id.field("RequestId")]);
    let n_bytes = line.matches('x').count();
    assert!((900..=1_024).contains(&n_bytes), "{n_bytes}");
    assert!(line.contains("bytes in all)"), "{line}");
}
