//! Each query at one size, in alternating rounds of the bare handler and the emulators.

use std::ops::RangeInclusive;

use anyhow::{Context as _, Result, ensure};

use crate::args::Args;
use crate::bare;
use crate::client::{Answer, Client, control};
use crate::emulator::{Emulator, IN_MEMORY_MAX};
use crate::generator::{Generator, Waiting};
use crate::images::{Images, Listed};
use crate::report::{self, Report};
use crate::request::{Requests, request};
use crate::rounds::Contest;
use crate::server::Server;
use crate::shapes::{Kind, SHAPES, Shape};

const N_CONNECTIONS: usize = 16;

/// Distinct queries whose answers are compared image by image before a row is measured.
const N_COMPARED: u64 = 8;

/// Fewest images with enough different queries to miss the cache.
const N_IMAGES_MIN: u64 = 1_000;

/// The state of the emulator that is asked.
#[derive(Debug, PartialEq, Eq)]
struct State {
    name: &'static str,
    flags: &'static [&'static str],
    /// How one image is changed before the queries.
    patch: Option<&'static str>,
}

const SEEDED: State = State {
    name: "",
    flags: &[],
    patch: None,
};

const STATES: [State; 4] = [
    SEEDED,
    // For queries of which there are too few to miss the cache.
    State {
        name: ", no cache",
        flags: &["--cache-bytes", "0"],
        patch: None,
    },
    // The sandbox has its own copy of the seed.
    State {
        name: ", changed",
        patch: Some(r#"{"Description":"Changed"}"#),
        ..SEEDED
    },
    // One image has a timeline with a step to come.
    State {
        name: ", timeline",
        patch: Some(r#"{"x-timeline":[{"after":"24h","set":{"Description":"Changed"}}]}"#),
        ..SEEDED
    },
];

impl State {
    /// Whether a query is measured in this state, with so many images.
    fn has(&self, shape: &Shape, kind: Kind, images: &Images) -> bool {
        let n_images = images.n_images();
        if n_images == 0 {
            return *self == SEEDED && shape.name == "page 1" && kind == Kind::Repeated;
        }
        if self.patch.is_some() {
            let is_size = (N_IMAGES_MIN..=IN_MEMORY_MAX).contains(&n_images);
            return is_size && shape.of_changed == Some(kind);
        }
        let has_few = shape.has_few || n_images < N_IMAGES_MIN;
        let is_uncached = *self != SEEDED;
        is_uncached == (has_few && kind == Kind::Distinct)
    }
}

/// Measures every query on some images.
///
/// Returns the memory that each emulator with default flags has after all of them, in bytes.
pub(crate) fn measure(
    args: &Args,
    images: &Images,
    emulators: &[Emulator],
    report: &mut Report,
) -> Result<Vec<u64>> {
    let columns = ["query", "asked", "bare µs", "µs", "times bare", "wanted"];
    let title = format!("CPU of a request, {} images", images.n_images());
    report::table(&title, &args.columns(&columns, "new/old"));
    let generator = Generator::new(N_CONNECTIONS, Waiting::Awake)?;
    let mut rss_bytes = Vec::new();
    for state in &STATES {
        let kinds = [Kind::Repeated, Kind::Distinct];
        let asked = kinds.map(|kind| SHAPES.iter().map(move |shape| (shape, kind)));
        let mut asked = asked.into_iter().flatten().collect::<Vec<_>>();
        asked.retain(|(shape, kind)| state.has(shape, *kind, images));
        if asked.is_empty() {
            continue;
        }
        let mut servers = Vec::new();
        for emulator in emulators {
            let server = emulator.start(state.flags)?;
            if let Some(patch) = state.patch {
                let path = format!("images/{}", images.image(0).image_id);
                Client::connect(server.address)?.ask(&control("PATCH", &path, patch))?;
            }
            servers.push(server);
        }
        for (shape, kind) in asked {
            let mut requests = Requests::new(images, shape, kind);
            let name = format!("{}{}", kind.name(), state.name);
            let cpu_us = contest(args, &generator, &servers, &mut requests)
                .with_context(|| format!("{}, {name}", shape.name))?;
            let ratio_max = shape.ratio_max(kind, images.n_images());
            let ratio_max = ratio_max.filter(|_| state.patch.is_none());
            report.compared([shape.name.to_owned(), name], &cpu_us, ratio_max);
        }
        if *state == SEEDED {
            let bytes = servers.iter().map(Server::rss_bytes);
            rss_bytes = bytes.collect::<Result<_>>()?;
        }
        servers.into_iter().try_for_each(Server::stop)?;
    }
    Ok(rss_bytes)
}

/// Measures the CPU of one query for each server in each round, the bare handler first.
fn contest(
    args: &Args,
    generator: &Generator,
    emulators: &[Server],
    requests: &mut Requests<'_>,
) -> Result<Vec<Vec<f64>>> {
    let (answer, total_count) = compare(emulators, requests)?;
    let bare = bare::start(&answer)?;
    let servers = [&bare].into_iter().chain(emulators).collect();
    let mut contest = Contest::new(args, generator, servers, requests, total_count)?;
    for _ in 0..args.rounds {
        contest.prepare(requests)?;
        for idx in 0..=emulators.len() {
            contest.measure(idx)?;
        }
    }
    Ok(contest.cpu_us)
}

/// Compares the first answers with the reference model.
///
/// Returns the first of them, for the bare handler, and what later ones must have as `TotalCount`.
fn compare(
    emulators: &[Server],
    requests: &mut Requests<'_>,
) -> Result<(Answer, RangeInclusive<u64>)> {
    let n_compared = match requests.kind {
        Kind::Repeated => 1,
        Kind::Distinct => N_COMPARED,
    };
    let mut first = None;
    let mut total_count = 1..=u64::MAX;
    for _ in 0..n_compared {
        let query = requests.query();
        let expected = requests.images.expected(&query)?;
        for server in emulators {
            let mut client = Client::connect(server.address)?;
            // The second answer may come from the cache.
            for _ in 0..2 {
                let answer = client.ask(&request(&query))?;
                let found = Listed::parse(&answer.body)?;
                ensure!(
                    found == expected,
                    "a wrong answer to {query}\nfound:    {found:?}\nexpected: {expected:?}"
                );
                first.get_or_insert(answer);
            }
        }
        if requests.kind == Kind::Repeated {
            total_count = expected.total_count..=expected.total_count;
        }
    }
    Ok((first.context("no answer")?, total_count))
}
