//! Cold start, memory at rest, the binary's size, and how long images take to get in.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::args::Args;
use crate::cache::{Cache, seeding_s};
use crate::client::Client;
use crate::images::{Images, write_fixture};
use crate::report::Row;
use crate::request::Requests;
use crate::server::{Server, Source};
use crate::shapes::Shape;
use crate::statistics::{Spread, mb};

/// Starts of each server.
const N_STARTS: usize = 20;

/// The size of the account whose start and memory are measured.
const N_SMALL: u64 = 100;

/// The size of the database whose start is measured.
pub(crate) const N_LARGE: u64 = 1_000_000;

/// Images that go in by one request of the control API.
const N_CONTROL: u64 = 10_000;

/// Measures one emulator; `serving` is its memory after all queries of the large database.
pub(crate) fn measure(
    args: &Args,
    cache: &Cache,
    binary: &Path,
    serving: Option<u64>,
) -> Result<Vec<Row>> {
    let images = Images::new(N_SMALL)?;
    let request = Requests::new(&images).request(&Shape::Page1.query(&images, 0));
    let small = cache.source(binary, &images)?;
    let mut large = None;
    if args.sizes.contains(&N_LARGE) {
        large = Some(cache.source(binary, &Images::new(N_LARGE)?)?);
    }
    let mut emulator = Server::emulator(binary, &small, &[])?;
    let answer = emulator.ready(request.as_bytes())?;
    thread::sleep(Duration::from_millis(500));
    let idle = mb(emulator.rss_bytes()?);
    emulator.stop()?;
    let bare_rss = mb(Server::bare(&answer)?.rss_bytes()?);

    let (mut bare_ms, mut small_ms, mut large_ms) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..N_STARTS {
        bare_ms.push(cold_start_ms(&request, || Server::bare(&answer))?);
        let start = |source| Server::emulator(binary, source, &[]);
        small_ms.push(cold_start_ms(&request, || start(&small))?);
        if let Some(source) = &large {
            large_ms.push(cold_start_ms(&request, || start(source))?);
        }
    }
    let cold = |of: &str| format!("cold start to the first 200, {of}");
    let ms = |name, values, max| Row::of_spread(name, &Spread::of(values), "ms", max);
    let mut rows = vec![
        ms(cold("bare handler"), bare_ms, None),
        ms(cold("100 images"), small_ms, Some(10.0)),
    ];
    if let Some(source) = &large {
        let name = cold("a file of 1,000,000 images");
        rows.push(ms(name, large_ms, Some(10.0)));
        if let Some((wall, cpu)) = seeding_s(source) {
            let name = format!("1,000,000 images into a new file ({cpu} s of CPU)");
            rows.push(Row::of_value(name, wall, "s", Some(60.0)));
        }
    }
    let size = Row::of_value;
    rows.push(size("RSS, bare handler".to_owned(), bare_rss, "MB", None));
    rows.push(size(
        "RSS at rest, 100 images".to_owned(),
        idle,
        "MB",
        Some(10.0),
    ));
    if let Some(serving) = serving {
        let name = "RSS more than that after all queries of the file";
        rows.push(size(name.to_owned(), mb(serving) - idle, "MB", Some(30.0)));
    }
    let bytes = fs::metadata(binary)?.len();
    rows.push(size("binary".to_owned(), mb(bytes), "MB", Some(6.0)));
    let put = (0..3).map(|_| put_s(binary, &small, &request));
    let put = Spread::of(put.collect::<Result<Vec<_>>>()?);
    let name = "10,000 images by one control request";
    rows.push(Row::of_spread(name.to_owned(), &put, "s", Some(1.0)));
    Ok(rows)
}

/// From before the process is made to its first 200, in milliseconds.
fn cold_start_ms(request: &str, start: impl FnOnce() -> Result<Server>) -> Result<f64> {
    let before = Instant::now();
    let mut server = start()?;
    server.ready(request.as_bytes())?;
    let took = before.elapsed();
    server.stop()?;
    Ok(took.as_secs_f64() * 1e3)
}

/// How long one request takes that puts [`N_CONTROL`] images into a new emulator, in seconds.
fn put_s(binary: &Path, source: &Source, request: &str) -> Result<f64> {
    let mut body = Vec::new();
    write_fixture(N_CONTROL, &mut body)?;
    let body = String::from_utf8(body)?;
    let mut server = Server::emulator(binary, source, &[])?;
    server.ready(request.as_bytes())?;
    let mut client = Client::connect(server.address)?;
    let before = Instant::now();
    let answer = client.control("PUT", "images", &body)?;
    let took = before.elapsed();
    server.stop()?;
    let counts: serde_json::Value = serde_json::from_slice(&answer.body).context("counts")?;
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    ensure!(
        count("added") + count("replaced") == N_CONTROL,
        "images were put, but the answer is {counts}"
    );
    Ok(took.as_secs_f64())
}
