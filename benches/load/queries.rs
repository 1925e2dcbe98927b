//! Each query at one size, in alternating rounds of the bare handler and the emulators.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::args::Args;
use crate::cache::Cache;
use crate::client::{Answer, Client};
use crate::generator::{Check, Waiting};
use crate::images::{Expected, Images};
use crate::request::Requests;
use crate::rounds::{Driver, Series};
use crate::server::{Server, Source};
use crate::shapes::{Kind, Shape, State};

/// Answers of each query that are compared image by image before it is measured.
const N_COMPARED: u64 = 8;

/// One query in one state at one size, measured.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) n_images: u64,
    pub(crate) shape: Shape,
    pub(crate) kind: Kind,
    pub(crate) state: State,
    pub(crate) bare: Series,
    /// This emulator's, and the other one's if there is one.
    pub(crate) emulators: Vec<Series>,
    pub(crate) ratio_max: Option<f64>,
}

/// All queries at one size.
#[derive(Debug)]
pub(crate) struct Queries {
    pub(crate) cells: Vec<Cell>,
    /// The emulator's memory after all queries with its default flags.
    pub(crate) rss_bytes: u64,
}

/// Measures every wanted query on some images.
pub(crate) fn measure(args: &Args, cache: &Cache, images: &Images) -> Result<Queries> {
    let mut cells = Vec::new();
    let mut rss_bytes = 0;
    for state in State::ALL {
        let is_asked = |(shape, kind): &(Shape, Kind)| {
            args.wants(*shape) && shape.is_asked(*kind, state, images)
        };
        let kinds = [Kind::Repeated, Kind::Distinct];
        let asked = kinds.map(|kind| Shape::ALL.map(|shape| (shape, kind)));
        let asked: Vec<_> = asked.into_iter().flatten().filter(is_asked).collect();
        if asked.is_empty() {
            continue;
        }
        let mut emulators = Vec::new();
        for binary in args.binaries() {
            emulators.push(start(cache, binary, images, state)?);
        }
        let mut measurement = Measurement {
            n_rounds: args.rounds,
            driver: Driver::new(args, args.connections, Waiting::Awake)?,
            emulators: &emulators,
            requests: Requests::new(images),
        };
        for (shape, kind) in asked {
            let cell = measurement.cell(shape, kind, state);
            cells.push(cell.with_context(|| format!("{shape}, {kind} {state}"))?);
        }
        if state == State::Seeded {
            rss_bytes = emulators[0].1.rss_bytes()?;
        }
        for (_, emulator) in emulators {
            emulator.stop()?;
        }
    }
    Ok(Queries { cells, rss_bytes })
}

/// Starts an emulator and brings it into the state.
fn start(cache: &Cache, binary: &Path, images: &Images, state: State) -> Result<(Source, Server)> {
    let source = cache.source(binary, images)?;
    let flags: &[&str] = match state {
        State::Uncached => &["--cache-bytes", "0"],
        State::Seeded | State::Changed | State::Timeline => &[],
    };
    let mut emulator = Server::emulator(binary, &source, flags)?;
    let first = Requests::new(images).request(&Shape::Page1.query(images, 0));
    emulator.ready(first.as_bytes())?;
    let change = match state {
        State::Seeded | State::Uncached => None,
        State::Changed => Some(r#"{"Description":"Changed"}"#),
        State::Timeline => {
            Some(r#"{"x-timeline":[{"after":"24h","set":{"Description":"Changed"}}]}"#)
        }
    };
    if let Some(change) = change {
        let path = format!("images/{}", images.image_of_region(0).image_id);
        Client::connect(emulator.address)?.control("PATCH", &path, change)?;
    }
    Ok((source, emulator))
}

/// What the cells of one state have in common.
struct Measurement<'a> {
    n_rounds: usize,
    driver: Driver,
    emulators: &'a [(Source, Server)],
    requests: Requests<'a>,
}

impl Measurement<'_> {
    fn cell(&mut self, shape: Shape, kind: Kind, state: State) -> Result<Cell> {
        let images = self.requests.images;
        let (answer, check) = self.compare(shape, kind)?;
        let bare_check = Check::Length(answer.body.len());
        let bare_server = Server::bare(&answer)?;
        let mut next = N_COMPARED;
        let mut batch = Arc::default();
        let mut n_each = Vec::new();
        for (source, emulator) in self.emulators {
            source.warm()?;
            n_each.push(self.driver.calibrate(emulator, check, |n| {
                batch = Arc::new(self.requests.batch(shape, kind, next, n));
                next += batch.len() as u64;
                Arc::clone(&batch)
            })?);
        }
        let again = |_| Arc::clone(&batch);
        let n_bare = self.driver.calibrate(&bare_server, bare_check, again)?;

        let n_max = n_each.iter().copied().max().unwrap_or(0);
        let mut bare = Series::default();
        let mut emulators: Vec<Series> = n_each.iter().map(|_| Series::default()).collect();
        for _ in 0..self.n_rounds {
            let batch = Arc::new(self.requests.batch(shape, kind, next, n_max));
            next += batch.len() as u64;
            for (source, _) in self.emulators {
                source.warm()?;
            }
            self.driver
                .round(&bare_server, &batch, n_bare, bare_check, &mut bare)?;
            for (idx, (_, emulator)) in self.emulators.iter().enumerate() {
                let n = n_each[idx].min(batch.len());
                self.driver
                    .round(emulator, &batch, n, check, &mut emulators[idx])?;
            }
        }
        let cell = Cell {
            n_images: images.n_images(),
            shape,
            kind,
            state,
            ratio_max: shape.ratio_max(kind, state, images.n_images()),
            bare,
            emulators,
        };
        cell.print();
        Ok(cell)
    }

    /// Holds the first answers to the model, and returns the check for the measured ones.
    ///
    /// Returns the first answer too, for the bare handler to give.
    fn compare(&mut self, shape: Shape, kind: Kind) -> Result<(Answer, Check)> {
        let images = self.requests.images;
        let n_compared = if kind == Kind::Repeated {
            1
        } else {
            N_COMPARED
        };
        let mut total_count = 0;
        let mut first = None;
        for nth in 0..n_compared {
            let query = shape.query(images, nth);
            let expected = images.expected(&query)?;
            let is_empty = expected.total_count == 0;
            ensure!(
                !is_empty || images.n_images() == 0,
                "a query without an image"
            );
            for (_, emulator) in self.emulators {
                let mut client = Client::connect(emulator.address)?;
                // The second time, the answer may be a kept one.
                for _ in 0..2 {
                    let request = self.requests.request(&query);
                    let answer = client.send(request.as_bytes())?;
                    compare(&answer, &expected).context(query.clone())?;
                    first.get_or_insert(answer);
                }
            }
            total_count = expected.total_count;
        }
        let check = match (kind, shape.total_count(images)) {
            (Kind::Repeated, _) => Check::Total(total_count),
            (Kind::Distinct, Some(total_count)) => Check::Total(total_count),
            (Kind::Distinct, None) => Check::SomeImages,
        };
        Ok((first.context("no answer")?, check))
    }
}

/// Compares an answer with the right one, image by image.
fn compare(answer: &Answer, expected: &Expected) -> Result<()> {
    let text = answer.text();
    ensure!(answer.status == 200, "status {}: {text}", answer.status);
    let body: Value = serde_json::from_str(&text)?;
    let images = body["CustomImages"].as_array().context("CustomImages")?;
    let id = |image: &Value| Some(image["ImageId"].as_str()?.to_owned());
    let image_ids: Option<Vec<String>> = images.iter().map(id).collect();
    let total_count = body["TotalCount"].as_str().context("TotalCount")?;
    let found = Expected {
        total_count: total_count.parse()?,
        image_ids: image_ids.context("ImageId")?,
    };
    ensure!(
        found == *expected,
        "a wrong answer; --fresh makes the images anew.\nanswered: {found:?}\nright:    {expected:?}",
    );
    Ok(())
}

impl Cell {
    /// Whether the target is met; `None` when there is none.
    pub(crate) fn is_met(&self) -> Option<bool> {
        let ratio = self.emulators[0].cpu_ratio(&self.bare);
        self.ratio_max.map(|max| ratio.median <= max)
    }

    /// Prints the figures on standard error, as they come.
    fn print(&self) {
        let [own, ..] = &self.emulators[..] else {
            return;
        };
        let name = format!("{}, {} {}", self.shape, self.kind, self.state);
        let (cpu, ratio) = (own.cpu_us().median, own.cpu_ratio(&self.bare));
        let (p50, p99) = (own.p50_us().median, own.p99_us().median);
        let other = self.emulators.get(1).map_or(String::new(), |other| {
            format!(", {:.2} times the other's", own.cpu_ratio(other))
        });
        eprintln!(
            "{:>9} images  {name:<42} {cpu:>7.1} us, {ratio:.2} times bare{other}; \
             p50 {p50:.0} us, p99 {p99:.0} us",
            self.n_images
        );
    }
}
