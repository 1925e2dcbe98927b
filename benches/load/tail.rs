//! The slowest answers to a plain query, alone and beside other work.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use crate::args::Args;
use crate::cache::Cache;
use crate::client::Client;
use crate::generator::{Check, Waiting};
use crate::images::Images;
use crate::request::Requests;
use crate::rounds::{Driver, Series};
use crate::server::{Server, Source};
use crate::shapes::{IN_MEMORY_MAX, Kind, Shape};

/// Connections that ask for page 1.
const N_CONNECTIONS: usize = 64;

/// Changes or control calls in a second, evenly spread.
const N_CALLS_PER_S: u32 = 100;

/// The target beside queries and changes, with the largest of the sizes.
const RATIO_MAX: f64 = 3.0;

/// Work beside the measured query, on a connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Five-tag queries, each time others, one after the other.
    Queries,
    /// One image after another is changed.
    Changes,
    /// Change, checkpoint, reset to it, export, in turns.
    Control,
}

/// What goes on beside the measured query, and its name.
const BESIDE: [(&str, &[Work]); 5] = [
    ("alone", &[]),
    ("beside five-tag queries", &[Work::Queries]),
    ("beside a writer", &[Work::Changes]),
    ("beside both", &[Work::Queries, Work::Changes]),
    ("beside control calls", &[Work::Control]),
];

/// One row of the tail.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) n_images: u64,
    pub(crate) beside: &'static str,
    pub(crate) bare: Series,
    /// This emulator's, and the other one's if there is one.
    pub(crate) emulators: Vec<Series>,
    /// The most that the slow answers may take, as a multiple of the bare handler's.
    pub(crate) ratio_max: Option<f64>,
    /// Requests of the work beside that this emulator answered in a second.
    pub(crate) work_per_s: f64,
}

/// Measures the tail of some images: all rows of the largest size, else only control calls.
///
/// Control calls are made in memory only: an export of a million images is a gigabyte.
pub(crate) fn measure(
    args: &Args,
    cache: &Cache,
    images: &Images,
    is_largest: bool,
) -> Result<Vec<Tail>> {
    let mut emulators = Vec::new();
    let request = Requests::new(images).request(&Shape::Page1.query(images, 0));
    let mut first = None;
    for binary in args.binaries() {
        let source = cache.source(binary, images)?;
        let mut emulator = Server::emulator(binary, &source, &[])?;
        first = Some(emulator.ready(request.as_bytes())?);
        emulators.push((source, emulator));
    }
    let first = first.ok_or_else(|| anyhow!("no emulator"))?;
    let bare = Server::bare(&first)?;
    let mut tails = Vec::new();
    for (beside, work) in BESIDE {
        let is_control = work.contains(&Work::Control);
        let in_memory = images.n_images() <= IN_MEMORY_MAX;
        if (is_control && in_memory) || (!is_control && is_largest) {
            tails.push(tail(args, images, &bare, &emulators, (beside, work))?);
        }
    }
    for (_, emulator) in emulators {
        emulator.stop()?;
    }
    Ok(tails)
}

fn tail(
    args: &Args,
    images: &Images,
    bare_server: &Server,
    servers: &[(Source, Server)],
    (beside, work): (&'static str, &[Work]),
) -> Result<Tail> {
    let driver = Driver::new(args, N_CONNECTIONS, Waiting::Asleep)?;
    let check = Check::Total(images.n_in_region());
    let mut requests = Requests::new(images);
    let mut batch = |n| Arc::new(requests.batch(Shape::Page1, Kind::Repeated, 0, n));
    let n_bare = driver.calibrate(bare_server, check, &mut batch)?;
    let mut n_each = Vec::new();
    for (_, server) in servers {
        n_each.push(driver.calibrate(server, check, &mut batch)?);
    }
    let requests = batch(n_each.iter().copied().fold(n_bare, usize::max));
    let mut bare = Series::default();
    let mut emulators: Vec<Series> = servers.iter().map(|_| Series::default()).collect();
    let (mut n_done, mut elapsed) = (0, Duration::ZERO);
    for round in 0..args.rounds {
        driver.round(bare_server, &requests, n_bare, check, &mut bare)?;
        for (idx, (source, server)) in servers.iter().enumerate() {
            source.warm()?;
            let beside = Beside {
                address: server.address,
                images,
                first: round as u64 * 100_000,
                is_over: AtomicBool::new(false),
            };
            let started = Instant::now();
            let n_answered = thread::scope(|scope| {
                let threads: Vec<_> = work
                    .iter()
                    .map(|work| scope.spawn(|| beside.work(*work)))
                    .collect();
                let outcome =
                    driver.round(server, &requests, n_each[idx], check, &mut emulators[idx]);
                beside.is_over.store(true, Ordering::Relaxed);
                let mut n_answered = 0;
                for thread in threads {
                    n_answered += thread.join().map_err(|_| anyhow!("a thread panicked"))??;
                }
                outcome.map(|()| n_answered)
            })?;
            if idx == 0 {
                n_done += n_answered;
                elapsed += started.elapsed();
            }
        }
    }
    let p99 = emulators[0].p99_us().median;
    let ratio = emulators[0].p99_ratio(&bare);
    let n_images = images.n_images();
    eprintln!("{n_images:>9} images  p99 {beside:<24} {p99:.0} us, {ratio:.2} times bare");
    Ok(Tail {
        n_images,
        beside,
        bare,
        emulators,
        ratio_max: (!work.contains(&Work::Control)).then_some(RATIO_MAX),
        work_per_s: n_done as f64 / elapsed.as_secs_f64(),
    })
}

/// The work beside one round.
struct Beside<'a> {
    address: SocketAddr,
    images: &'a Images,
    /// The number of the round's first request.
    first: u64,
    is_over: AtomicBool,
}

impl Beside<'_> {
    /// Works until the round is over, and returns how many requests were answered.
    fn work(&self, work: Work) -> Result<u64> {
        let mut client = Client::connect(self.address)?;
        let mut requests = Requests::new(self.images);
        let checkpoints = checkpoints(&mut client)?;
        let mut due = Instant::now();
        let mut n_done = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            let nth = self.first + n_done;
            match (work, n_done % 4) {
                (Work::Queries, _) => {
                    let request = requests.request(&Shape::FiveTags.query(self.images, nth));
                    let status = client.send(request.as_bytes())?.status;
                    ensure!(status == 200, "a five-tag query has status {status}");
                }
                (Work::Control, 1) => {
                    client.control("POST", &format!("{checkpoints}/load"), "")?;
                }
                (Work::Control, 2) => {
                    client.control("POST", "reset?to=load", "")?;
                }
                (Work::Control, 3) => {
                    client.control("GET", "export", "")?;
                }
                (Work::Changes | Work::Control, _) => {
                    let path = format!("images/{}", self.images.image(nth).image_id);
                    let body = format!(r#"{{"Description":"Changed, {nth}"}}"#);
                    client.control("PATCH", &path, &body)?;
                }
            }
            n_done += 1;
            if work != Work::Queries {
                due += Duration::from_secs(1) / N_CALLS_PER_S;
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }
        Ok(n_done)
    }
}

/// The path of checkpoints, which version 0.1.0 has under another name.
fn checkpoints(client: &mut Client) -> Result<&'static str> {
    let is_known = client.try_control("GET", "checkpoints", "")?.status == 200;
    Ok(if is_known { "checkpoints" } else { "snapshots" })
}
