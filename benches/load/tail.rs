//! The slowest answers to page 1, alone and beside other work.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use crate::args::Args;
use crate::bare;
use crate::client::{Client, control};
use crate::emulator::{Emulator, IN_MEMORY_MAX};
use crate::generator::{Generator, Waiting};
use crate::images::Images;
use crate::report::{self, Report};
use crate::request::{Requests, request};
use crate::rounds::Contest;
use crate::server::Server;
use crate::shapes::{Kind, PAGE_1, SHAPES, five_tags};

/// Connections that ask for page 1.
const N_CONNECTIONS: usize = 64;

/// Changes or control calls in a second, evenly spread.
const N_CALLS_PER_S: u32 = 100;

/// The target beside queries and changes, with the largest of the sizes.
const RATIO_MAX: f64 = 3.0;

/// Work beside the measured query, on a connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Distinct five-tag queries, one after the other.
    Queries,
    /// One image after another is changed.
    Changes,
    /// Change, checkpoint, reset to it, export, in turns.
    Control,
}

/// The rows of the table.
const ROWS: [(&str, &[Work]); 5] = [
    ("alone", &[]),
    ("beside five-tag queries", &[Work::Queries]),
    ("beside a writer", &[Work::Changes]),
    ("beside both", &[Work::Queries, Work::Changes]),
    ("beside control calls", &[Work::Control]),
];

/// Measures the tail: all rows with the largest of the sizes, else only control calls.
///
/// Control calls are made in memory only: an export of a million images is a gigabyte.
pub(crate) fn measure(
    args: &Args,
    images: &Images,
    emulators: &[Emulator],
    report: &mut Report,
) -> Result<()> {
    let n_images = images.n_images();
    let columns = [
        "page 1",
        "work/s",
        "bare p99 µs",
        "p99 µs",
        "times bare",
        "wanted",
    ];
    let title = format!("The slowest answers, {n_images} images");
    report::table(&title, &args.columns(&columns, "new/old"));
    let servers = emulators.iter().map(|emulator| emulator.start(&[]));
    let servers: Vec<Server> = servers.collect::<Result<_>>()?;
    for (name, work) in ROWS {
        let is_control = work.contains(&Work::Control);
        let is_largest = args.sizes.iter().max() == Some(&n_images);
        if (is_control && n_images > IN_MEMORY_MAX) || (!is_control && !is_largest) {
            continue;
        }
        let (p99_us, work_per_s) = contest(args, images, &servers, work).context(name)?;
        let names = [name.to_owned(), format!("{work_per_s:.0}")];
        report.compared(names, &p99_us, (!is_control).then_some(RATIO_MAX));
    }
    servers.into_iter().try_for_each(Server::stop)
}

/// Measures the 99th percentile for each server in each round; the bare handler is always alone.
///
/// Returns also how many requests of the work beside this emulator answered in a second.
fn contest(
    args: &Args,
    images: &Images,
    emulators: &[Server],
    work: &[Work],
) -> Result<(Vec<Vec<f64>>, f64)> {
    let generator = Generator::new(N_CONNECTIONS, Waiting::Asleep)?;
    let mut requests = Requests::new(images, &SHAPES[0], Kind::Repeated);
    let first = Client::connect(emulators[0].address)?.ask(&request(PAGE_1))?;
    let bare = bare::start(&first)?;
    let servers = [&bare].into_iter().chain(emulators).collect();
    let n_in_region = images.n_in_region();
    let total_count = n_in_region..=n_in_region;
    let mut contest = Contest::new(args, &generator, servers, &mut requests, total_count)?;
    let (mut n_done, mut elapsed) = (0, Duration::ZERO);
    for round in 0..args.rounds {
        contest.prepare(&mut requests)?;
        contest.measure(0)?;
        for (idx, server) in emulators.iter().enumerate() {
            let beside = Beside {
                address: server.address,
                images,
                first: round * 100_000,
                is_over: AtomicBool::new(false),
            };
            let started = Instant::now();
            let n_answered = beside.measure(work, || contest.measure(idx + 1))?;
            if idx == 0 {
                n_done += n_answered;
                elapsed += started.elapsed();
            }
        }
    }
    Ok((contest.p99_us, n_done as f64 / elapsed.as_secs_f64()))
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
    /// Works while `round` runs, and returns how many requests were answered.
    fn measure(&self, work: &[Work], round: impl FnOnce() -> Result<()>) -> Result<u64> {
        thread::scope(|scope| {
            let start = |work: &Work| {
                let work = *work;
                scope.spawn(move || self.work(work))
            };
            let threads: Vec<_> = work.iter().map(start).collect();
            let outcome = round();
            self.is_over.store(true, Ordering::Relaxed);
            let mut n_answered = 0;
            for thread in threads {
                n_answered += thread.join().map_err(|_| anyhow!("a thread panicked"))??;
            }
            outcome.map(|()| n_answered)
        })
    }

    fn work(&self, work: Work) -> Result<u64> {
        let mut client = Client::connect(self.address)?;
        // Version 0.1.0 has checkpoints under another name.
        let is_new = client.send(&control("GET", "checkpoints", ""))?.status == 200;
        let checkpoints = if is_new { "checkpoints" } else { "snapshots" };
        let mut due = Instant::now();
        let mut n_done = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            let nth = self.first + n_done;
            let request = match (work, n_done % 4) {
                (Work::Queries, _) => request(&five_tags(self.images, nth)),
                (Work::Control, 1) => control("POST", &format!("{checkpoints}/load"), ""),
                (Work::Control, 2) => control("POST", "reset?to=load", ""),
                (Work::Control, 3) => control("GET", "export", ""),
                (Work::Changes | Work::Control, _) => {
                    let path = format!("images/{}", self.images.image(nth).image_id);
                    control("PATCH", &path, r#"{"Description":"Changed"}"#)
                }
            };
            client.ask(&request)?;
            n_done += 1;
            if work != Work::Queries {
                due += Duration::from_secs(1) / N_CALLS_PER_S;
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }
        Ok(n_done)
    }
}
