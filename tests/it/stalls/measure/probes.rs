//! Clients that ask all the time, each on a connection of its own, while another one works.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::client::{Client, list, own};
use super::images;

/// Pause between an answer and the next request.
const PAUSE: Duration = Duration::from_millis(2);

/// Fewest requests of each probe: fewer have no 99th percentile.
const N_REQUESTS_MIN: usize = 100;

/// What a probe asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// `/livez`.
    Livez,
    /// Page 1 of another sandbox.
    Other,
    /// Page 1 of the same sandbox; every second time with a filter that never came before.
    Same,
    /// No emulator: a byte to another thread and back. It shows what the machine itself adds.
    Machine,
}

impl Probe {
    pub(crate) const ALL: [Self; 4] = [Self::Livez, Self::Other, Self::Same, Self::Machine];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Livez => "/livez",
            Self::Other => "other sandbox",
            Self::Same => "same sandbox",
            Self::Machine => "machine",
        }
    }
}

/// What a probe saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    latencies: Vec<Duration>,
    /// The `TotalCount`s of the requests without a filter.
    pub(crate) totals: BTreeSet<u64>,
    /// Answers that were none or not 200.
    pub(crate) wrong: Vec<String>,
}

/// Latencies in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) n_requests: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

/// The number of requests, and the median, the 99th percentile and the maximum of their latencies.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            n_requests,
            p50_ms,
            p99_ms,
            max_ms,
        } = self;
        write!(f, "{p50_ms:.1} {p99_ms:.1} {max_ms:.1} ({n_requests})")
    }
}

impl Seen {
    pub(crate) fn figures(&self) -> Figures {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let idx = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted
                .get(idx)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        Figures {
            n_requests: sorted.len(),
            p50_ms: at(50),
            p99_ms: at(99),
            max_ms: at(100),
        }
    }
}

/// Works while the probes ask; gives what each of [`Probe::ALL`] saw.
pub(crate) fn beside<T>(
    address: SocketAddr,
    n_images: u64,
    work: impl FnOnce() -> T,
) -> (T, Vec<Seen>) {
    let is_over = AtomicBool::new(false);
    let n_running = AtomicUsize::new(0);
    thread::scope(|scope| {
        let start = |probe: Probe| {
            let (is_over, n_running) = (&is_over, &n_running);
            scope.spawn(move || run(probe, address, n_images, is_over, n_running))
        };
        let threads = Probe::ALL.map(start);
        // Each probe has had its first answer before the work begins.
        while n_running.load(Ordering::Relaxed) < threads.len() {
            thread::sleep(PAUSE);
        }
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        let seen = threads.map(|thread| thread.join().unwrap());
        (done, Vec::from(seen))
    })
}

fn run(
    probe: Probe,
    address: SocketAddr,
    n_images: u64,
    is_over: &AtomicBool,
    n_running: &AtomicUsize,
) -> Seen {
    let mut line = Line::connect(probe, address);
    let mut seen = Seen::default();
    while !is_over.load(Ordering::Relaxed) || seen.latencies.len() < N_REQUESTS_MIN {
        let number = seen.latencies.len() as u64;
        let sent = Instant::now();
        let asked = line.ask(probe, number, n_images);
        seen.latencies.push(sent.elapsed());
        match asked {
            Ok(total) => seen.totals.extend(total),
            Err(error) => {
                seen.wrong.push(error.to_string());
                line = Line::connect(probe, address);
            }
        }
        if number == 0 {
            n_running.fetch_add(1, Ordering::Relaxed);
        }
        thread::sleep(PAUSE);
    }
    seen
}

/// A probe's connection.
enum Line {
    Emulator(Client),
    Machine(TcpStream),
}

impl Line {
    fn connect(probe: Probe, address: SocketAddr) -> Self {
        if probe != Probe::Machine {
            return Self::Emulator(Client::connect(address));
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut byte = [0];
            while stream.read_exact(&mut byte).is_ok() && stream.write_all(&byte).is_ok() {}
        });
        Self::Machine(TcpStream::connect(address).unwrap())
    }

    /// Asks once; gives the `TotalCount` if the request had no filter.
    fn ask(&mut self, probe: Probe, number: u64, n_images: u64) -> io::Result<Option<u64>> {
        let client = match self {
            Self::Emulator(client) => client,
            Self::Machine(stream) => {
                stream.write_all(&[0])?;
                return stream.read_exact(&mut [0]).map(|()| None);
            }
        };
        let has_filter = probe == Probe::Same && number % 2 == 1;
        let request = match probe {
            Probe::Other => list("&AccessKeyId=other"),
            Probe::Same if has_filter => list(&filter(number, n_images)),
            Probe::Same => list(""),
            Probe::Livez | Probe::Machine => own("GET", "/livez", b""),
        };
        let response = client.ask(&request)?;
        if response.status != 200 {
            let text = String::from_utf8_lossy(&response.body);
            return Err(io::Error::other(format!("{}: {text}", response.status)));
        }
        if probe == Probe::Livez || has_filter {
            return Ok(None);
        }
        total_count(&response.body).map(Some)
    }
}

/// A filter that finds one image of the seed, another one each time.
fn filter(number: u64, n_images: u64) -> String {
    // A prime step: no image comes twice before every other one has come.
    let wanted = number * 7_919 % n_images;
    if number % 4 == 1 {
        format!("&ImageIds=%5B%22{}%22%5D", images::id(wanted))
    } else {
        format!("&Tag.1.Key=build&Tag.1.Value={}", images::build(wanted))
    }
}

/// The `TotalCount` of an answer.
pub(crate) fn total_count(body: &[u8]) -> io::Result<u64> {
    let body: serde_json::Value = serde_json::from_slice(body)?;
    let total = body["TotalCount"]
        .as_str()
        .and_then(|text| text.parse().ok());
    total.ok_or_else(|| io::Error::other("no TotalCount"))
}
