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
use crate::data::DataSet;
use crate::document;
use crate::generator::{Check, Waiting};
use crate::request::Requests;
use crate::rounds::{Driver, Series};
use crate::server::{Server, Source};
use crate::shapes::{Kind, Shape};
use crate::statistics::Spread;

/// Connections that ask for page 1.
pub(crate) const N_CONNECTIONS: usize = 64;

/// Images that the writer changes in a second.
pub(crate) const N_CHANGES_PER_S: u64 = 100;

/// The most that the slow answers may take, as a multiple of the bare handler's.
pub(crate) const RATIO_MAX: f64 = 3.0;

/// What goes on beside the measured query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside {
    pub(crate) name: &'static str,
    asks_five_tags: bool,
    writes: bool,
}

const BESIDE: [Beside; 4] = [
    Beside {
        name: "alone",
        asks_five_tags: false,
        writes: false,
    },
    Beside {
        name: "beside five-tag queries",
        asks_five_tags: true,
        writes: false,
    },
    Beside {
        name: "beside a writer",
        asks_five_tags: false,
        writes: true,
    },
    Beside {
        name: "beside both",
        asks_five_tags: true,
        writes: true,
    },
];

/// One row of the tail.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) beside: Beside,
    pub(crate) bare: Series,
    pub(crate) emulator: Series,
    pub(crate) ratio: Spread,
    /// Five-tag queries answered and images changed beside, in a second.
    pub(crate) queries_per_s: Option<f64>,
    pub(crate) changes_per_s: Option<f64>,
}

/// The rows, and how many images they were measured with.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) n_images: u64,
    pub(crate) rows: Vec<Row>,
}

/// Measures the tail on the largest of the sizes.
pub(crate) fn measure(args: &Args, cache: &Cache, data: DataSet) -> Result<Tail> {
    let source = cache.source(&data)?;
    let mut emulator = Server::emulator(&source, &[], &cache.log())?;
    let mut requests = Requests::new(data);
    let question = Shape::Page1.question(&data, 0);
    let answer = emulator.ready(requests.request(&question).as_bytes())?;
    let bare = Server::bare(&answer)?;
    let rows = BESIDE
        .into_iter()
        .map(|beside| row(args, &mut requests, &source, [&bare, &emulator], beside))
        .collect::<Result<_>>()?;
    emulator.stop()?;
    Ok(Tail {
        n_images: data.n_images,
        rows,
    })
}

fn row(
    args: &Args,
    requests: &mut Requests,
    source: &Source,
    [bare_server, emulator_server]: [&Server; 2],
    beside: Beside,
) -> Result<Row> {
    let driver = Driver::new(args, N_CONNECTIONS, Waiting::Asleep)?;
    let data = requests.data;
    let check = Check::Total(data.n_in_region());
    let mut batch = |n| Arc::new(requests.batch(Shape::Page1, Kind::Repeated, 0, n));
    let n_bare = driver.calibrate(bare_server, check, &mut batch)?;
    let n_emulator = driver.calibrate(emulator_server, check, &mut batch)?;
    let (mut bare, mut emulator) = (Series::default(), Series::default());
    let (mut n_queries, mut n_changes, mut elapsed) = (0, 0, Duration::ZERO);
    for round in 0..args.rounds {
        let requests = batch(n_emulator.max(n_bare));
        source.warm()?;
        driver.round(bare_server, &requests, n_bare, check, &mut bare)?;
        let started = Instant::now();
        let work = Work {
            address: emulator_server.address,
            data,
            round: round as u64,
            is_over: AtomicBool::new(false),
        };
        thread::scope(|scope| {
            let asking = beside.asks_five_tags.then(|| scope.spawn(|| work.ask()));
            let writing = beside.writes.then(|| scope.spawn(|| work.write()));
            let outcome =
                driver.round(emulator_server, &requests, n_emulator, check, &mut emulator);
            work.is_over.store(true, Ordering::Relaxed);
            for (thread, count) in [(asking, &mut n_queries), (writing, &mut n_changes)] {
                let Some(thread) = thread else { continue };
                *count += thread.join().map_err(|_| anyhow!("a thread panicked"))??;
            }
            outcome
        })?;
        elapsed += started.elapsed();
    }
    let row = Row {
        beside,
        ratio: emulator.p99_ratio(&bare),
        bare,
        emulator,
        queries_per_s: beside
            .asks_five_tags
            .then(|| f64::from(n_queries) / elapsed.as_secs_f64()),
        changes_per_s: beside
            .writes
            .then(|| f64::from(n_changes) / elapsed.as_secs_f64()),
    };
    eprintln!(
        "{:>9} images  p99 {:<24}  {:.0} us, {:.2} times {:.0} us",
        data.n_images,
        beside.name,
        row.emulator.p99_us().median,
        row.ratio.median,
        row.bare.p99_us().median,
    );
    Ok(row)
}

/// The work beside, until the round is over.
struct Work {
    address: SocketAddr,
    data: DataSet,
    round: u64,
    is_over: AtomicBool,
}

impl Work {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    /// Asks for five tags, each time others, and counts the answers.
    fn ask(&self) -> Result<u32> {
        let mut client = Client::connect(self.address)?;
        let mut requests = Requests::new(self.data);
        let mut n_asked = 0;
        while self.goes_on() {
            let nth = self.round * 100_000 + u64::from(n_asked);
            let question = Shape::FiveTags.question(&self.data, nth);
            let answer = client.send(requests.request(&question).as_bytes())?;
            let status = answer.status;
            ensure!(status == 200, "a five-tag query has status {status}");
            n_asked += 1;
        }
        Ok(n_asked)
    }

    /// Changes the description of one image after another, in even steps, and counts them.
    fn write(&self) -> Result<u32> {
        let mut client = Client::connect(self.address)?;
        let step = Duration::from_millis(1_000 / N_CHANGES_PER_S);
        let mut due = Instant::now();
        let mut n_changed = 0;
        while self.goes_on() {
            let image = self.data.drawn(self.round * 100_000 + u64::from(n_changed));
            let path = format!("/_emulator/images/{}", document::image_id(image.idx));
            let body = format!(r#"{{"Description":"Changed in round {}"}}"#, self.round);
            client.control("PATCH", &path, body.as_bytes())?;
            n_changed += 1;
            due += step;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        Ok(n_changed)
    }
}
