//! Each query at one size, in alternating rounds of the bare handler and the emulator.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::args::Args;
use crate::cache::Cache;
use crate::client::{Answer, Client};
use crate::data::DataSet;
use crate::generator::{Check, Waiting};
use crate::question::{Expected, Question};
use crate::request::Requests;
use crate::rounds::{Driver, Series};
use crate::server::{Server, Source, has_flag};
use crate::shapes::{AnswerCache, Kind, Shape};
use crate::statistics::Spread;

/// Answers of each query that are compared image by image before it is measured.
const N_COMPARED: u64 = 8;

/// One query of one kind at one size, measured.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) shape: Shape,
    pub(crate) kind: Kind,
    pub(crate) answer_cache: AnswerCache,
    pub(crate) n_different: u64,
    pub(crate) bare: Series,
    pub(crate) emulator: Series,
    pub(crate) ratio: Spread,
    pub(crate) ratio_max: Option<f64>,
    pub(crate) rss_bytes: u64,
}

impl Cell {
    /// Whether the target is met; `None` when there is none.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.ratio_max.map(|max| self.ratio.median <= max)
    }
}

/// All queries at one size.
#[derive(Debug)]
pub(crate) struct Queries {
    pub(crate) data: DataSet,
    pub(crate) source: Source,
    pub(crate) cells: Vec<Cell>,
    /// The emulator's memory after all queries with its default flags.
    pub(crate) rss_bytes: u64,
    /// Whether this emulator has the flag that switches its answer cache off.
    pub(crate) has_cache_flag: bool,
}

/// Measures every wanted query on a data set.
pub(crate) fn measure(args: &Args, cache: &Cache, data: DataSet) -> Result<Queries> {
    let source = cache.source(&data)?;
    let has_cache_flag = has_flag("--cache-bytes")?;
    let mut cells = Vec::new();
    let mut rss_bytes = 0;
    for answer_cache in [AnswerCache::Default, AnswerCache::Off] {
        let flags: &[&str] = match answer_cache {
            AnswerCache::Off if has_cache_flag => &["--cache-bytes", "0"],
            AnswerCache::Off | AnswerCache::Default => &[],
        };
        let mut emulator = Server::emulator(&source, flags, &cache.log())?;
        let mut requests = Requests::new(data);
        let first = requests.request(&Shape::Page1.question(&data, 0));
        emulator.ready(first.as_bytes())?;
        let mut measurement = Measurement {
            n_rounds: args.rounds,
            driver: Driver::new(args, args.connections, Waiting::Awake)?,
            source: &source,
            emulator: &emulator,
            requests,
        };
        for shape in Shape::ALL.into_iter().filter(|shape| args.wants(*shape)) {
            for kind in [Kind::Repeated, Kind::Distinct] {
                if shape.answer_cache(kind, &data) == answer_cache {
                    let cell = measurement.cell(shape, kind);
                    cells.push(cell.with_context(|| format!("{shape}, {kind}"))?);
                }
            }
        }
        if answer_cache == AnswerCache::Default {
            rss_bytes = emulator.rss_bytes()?;
        }
        emulator.stop()?;
    }
    let place = |cell: &Cell| Shape::ALL.iter().position(|shape| *shape == cell.shape);
    cells.sort_by_key(|cell| (cell.kind == Kind::Distinct, place(cell)));
    Ok(Queries {
        data,
        source,
        cells,
        rss_bytes,
        has_cache_flag,
    })
}

/// What the cells of one emulator have in common.
struct Measurement<'a> {
    n_rounds: usize,
    driver: Driver,
    source: &'a Source,
    emulator: &'a Server,
    requests: Requests,
}

impl Measurement<'_> {
    fn cell(&mut self, shape: Shape, kind: Kind) -> Result<Cell> {
        let data = self.requests.data;
        let (answer, check) = self.compare(shape, kind)?;
        let bare_check = Check::Length(answer.body.len());
        let bare_server = Server::bare(&answer)?;
        self.source.warm()?;
        let mut next = N_COMPARED;
        let mut batch = Arc::default();
        let n_emulator = self.driver.calibrate(self.emulator, check, |n| {
            batch = Arc::new(self.requests.batch(shape, kind, next, n));
            next += batch.len() as u64;
            Arc::clone(&batch)
        })?;
        let again = |_| Arc::clone(&batch);
        let n_bare = self.driver.calibrate(&bare_server, bare_check, again)?;

        let (mut bare, mut emulator) = (Series::default(), Series::default());
        for _ in 0..self.n_rounds {
            let batch = self.requests.batch(shape, kind, next, n_emulator);
            next += batch.len() as u64;
            let (n, batch) = (batch.len(), Arc::new(batch));
            self.source.warm()?;
            self.driver
                .round(&bare_server, &batch, n_bare, bare_check, &mut bare)?;
            self.driver
                .round(self.emulator, &batch, n, check, &mut emulator)?;
        }
        let cell = Cell {
            shape,
            kind,
            answer_cache: shape.answer_cache(kind, &data),
            n_different: shape.n_different(&data),
            ratio: emulator.cpu_ratio(&bare),
            ratio_max: shape.ratio_max(kind, data.n_images),
            rss_bytes: self.emulator.rss_bytes()?,
            bare,
            emulator,
        };
        eprintln!(
            "{:>9} images  {shape:<22}  {kind}  {:>8.1} us, {:.2} times {:.1} us",
            data.n_images,
            cell.emulator.cpu_us().median,
            cell.ratio.median,
            cell.bare.cpu_us().median,
        );
        Ok(cell)
    }

    /// Holds the first answers to the model, and tells what to hold the measured ones to.
    ///
    /// Returns the first answer too, for the bare handler to give.
    fn compare(&mut self, shape: Shape, kind: Kind) -> Result<(Answer, Check)> {
        let data = self.requests.data;
        let mut client = Client::connect(self.emulator.address)?;
        let first = shape.question(&data, 0);
        let expected = first.expected(&data);
        let answer = self.answer(&mut client, &first, &expected)?;
        if kind == Kind::Repeated {
            // The second time, the answer may be a kept one.
            self.answer(&mut client, &first, &expected)?;
            return Ok((answer, Check::Total(expected.total_count)));
        }
        for nth in 1..N_COMPARED {
            let question = shape.question(&data, nth);
            self.answer(&mut client, &question, &question.expected(&data))?;
        }
        let check = shape.total_count(&data);
        Ok((answer, check.map_or(Check::SomeImages, Check::Total)))
    }

    /// Asks once and compares the answer image by image.
    fn answer(
        &mut self,
        client: &mut Client,
        question: &Question,
        expected: &Expected,
    ) -> Result<Answer> {
        let request = self.requests.request(question);
        let answer = client.send(request.as_bytes())?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "status {}: {text}", answer.status);
        let found = read(&text).with_context(|| format!("not a listing: {text}"))?;
        ensure!(
            found == *expected,
            "a wrong answer; --fresh makes the data anew.\nasked:    {}\nanswered: {found:?}\nright:    {expected:?}",
            request.lines().next().unwrap_or_default(),
        );
        ensure!(expected.total_count > 0, "a query without an image");
        Ok(answer)
    }
}

/// The count and the ids of an answer.
fn read(body: &str) -> Result<Expected> {
    let body: Value = serde_json::from_str(body)?;
    let images = body["CustomImages"].as_array().context("CustomImages")?;
    let id = |image: &Value| Some(image["ImageId"].as_str()?.to_owned());
    let image_ids: Option<Vec<String>> = images.iter().map(id).collect();
    let total_count = body["TotalCount"].as_str().context("TotalCount")?;
    Ok(Expected {
        total_count: total_count.parse()?,
        image_ids: image_ids.context("ImageId")?,
    })
}
