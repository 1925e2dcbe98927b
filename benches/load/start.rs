//! Cold start, memory at rest, the binary's size, and how long images take to get in.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::cache::{Cache, Seeding, seeding_of, write_fixture};
use crate::client::{Answer, Client};
use crate::data::DataSet;
use crate::request::Requests;
use crate::server::{EMULATOR, Server, Source};
use crate::shapes::Shape;
use crate::statistics::Spread;

/// Starts of each server.
const N_STARTS: usize = 20;

/// The size of the account whose start and memory are told.
const N_SMALL: u64 = 100;

/// The size of the database whose start is told.
pub(crate) const N_LARGE: u64 = 1_000_000;

/// Images that go in by one request of the control API.
pub(crate) const N_CONTROL: u64 = 10_000;

/// What was measured of starts and sizes.
#[derive(Debug)]
pub(crate) struct Starts {
    /// From before the process was made to the first 200, in milliseconds.
    pub(crate) bare_ms: Spread,
    pub(crate) small_ms: Spread,
    /// With the database of [`N_LARGE`] images, if there is one.
    pub(crate) large_ms: Option<Spread>,
    pub(crate) bare_rss_bytes: u64,
    pub(crate) idle_rss_bytes: u64,
    pub(crate) binary_bytes: u64,
    /// One request with [`N_CONTROL`] images, in seconds.
    pub(crate) control_s: Spread,
    pub(crate) seeding: Option<Seeding>,
}

/// Measures them; `Large::Yes` with the large database.
pub(crate) fn measure(cache: &Cache, sizes: &[u64]) -> Result<Starts> {
    let small = DataSet::new(N_SMALL);
    let small_source = cache.source(&small)?;
    let mut large = None;
    if sizes.contains(&N_LARGE) {
        let data = DataSet::new(N_LARGE);
        large = Some((data, cache.source(&data)?));
    }
    let seeding = match &large {
        Some((_, Source::Database(path))) => seeding_of(path),
        _ => None,
    };
    let (answer, idle_rss_bytes) = at_rest(cache, &small, &small_source)?;
    let (mut bare_ms, mut small_ms, mut large_ms) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..N_STARTS {
        bare_ms.push(cold_start(&small, || Server::bare(&answer))?);
        let start = |source| Server::emulator(source, &[], &cache.log());
        small_ms.push(cold_start(&small, || start(&small_source))?);
        if let Some((data, source)) = &large {
            large_ms.push(cold_start(data, || start(source))?);
        }
    }
    let bare = Server::bare(&answer)?;
    let mut control_s = Vec::new();
    for _ in 0..3 {
        control_s.push(put(cache, &small, &small_source)?);
    }
    Ok(Starts {
        bare_ms: Spread::of(bare_ms),
        small_ms: Spread::of(small_ms),
        large_ms: large.map(|_| Spread::of(large_ms)),
        bare_rss_bytes: bare.rss_bytes()?,
        idle_rss_bytes,
        binary_bytes: fs::metadata(EMULATOR).context(EMULATOR)?.len(),
        control_s: Spread::of(control_s),
        seeding,
    })
}

/// From before the process is made to its first 200, in milliseconds.
fn cold_start(data: &DataSet, start: impl FnOnce() -> Result<Server>) -> Result<f64> {
    let request = Requests::new(*data).request(&Shape::Page1.question(data, 0));
    let before = Instant::now();
    let mut server = start()?;
    server.ready(request.as_bytes())?;
    let took = before.elapsed();
    server.stop()?;
    Ok(took.as_secs_f64() * 1e3)
}

/// The first answer, and the memory a moment after it.
fn at_rest(cache: &Cache, data: &DataSet, source: &Source) -> Result<(Answer, u64)> {
    let request = Requests::new(*data).request(&Shape::Page1.question(data, 0));
    let mut server = Server::emulator(source, &[], &cache.log())?;
    let answer = server.ready(request.as_bytes())?;
    thread::sleep(Duration::from_millis(500));
    let rss_bytes = server.rss_bytes()?;
    server.stop()?;
    Ok((answer, rss_bytes))
}

/// How long one request takes that puts [`N_CONTROL`] images into a new emulator, in seconds.
fn put(cache: &Cache, data: &DataSet, source: &Source) -> Result<f64> {
    let mut body = Vec::new();
    write_fixture(&DataSet::new(N_CONTROL), &mut body)?;
    let request = Requests::new(*data).request(&Shape::Page1.question(data, 0));
    let mut server = Server::emulator(source, &[], &cache.log())?;
    server.ready(request.as_bytes())?;
    let mut client = Client::connect(server.address)?;
    let before = Instant::now();
    let answer = client.control("PUT", "/_emulator/images", &body)?;
    let took = before.elapsed();
    server.stop()?;
    let counts: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    ensure!(
        count("added") + count("replaced") == N_CONTROL,
        "images were put, but the answer is {counts}"
    );
    Ok(took.as_secs_f64())
}
