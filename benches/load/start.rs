//! Cold start, memory, the binary's size, sandboxes, and how long it takes to store images.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::args::Args;
use crate::bare;
use crate::client::{Client, control};
use crate::emulator::Emulator;
use crate::images::{Images, write_fixture};
use crate::report::{self, Report};
use crate::request::request;
use crate::rounds::Spread;
use crate::server::Server;
use crate::shapes::PAGE_1;

/// Starts of each server, and changes and resets of sandboxes.
const N_TIMES: usize = 20;

/// The number of images of the database whose start is measured.
pub(crate) const N_LARGE: u64 = 1_000_000;

/// A row of the table: its name and unit, what was measured, and the target.
type Figure = (&'static str, Spread, f64);

/// Measures each emulator; `large` has those with a large database, if that is one of the sizes.
///
/// `large_rss_bytes` is the memory of each one after all queries of the large database.
pub(crate) fn measure(
    args: &Args,
    folder: &Path,
    large: &[Emulator],
    large_rss_bytes: &[u64],
    report: &mut Report,
) -> Result<()> {
    let columns = ["", "median (min–max)", "wanted"];
    let columns = args.columns(&columns, "old");
    report::table("Start, memory, size, sandboxes, seeding", &columns);
    let small = Emulator::prepare(args, folder, 100)?;
    let sandbox = Emulator::prepare(args, folder, 1_000)?;
    print_bare(&small[0])?;
    let mut figures = Vec::new();
    for idx in 0..small.len() {
        let bytes = large_rss_bytes.get(idx).copied();
        let mut found = of_small(&small[idx], bytes)?;
        found.extend(of_sandbox(&sandbox[idx])?);
        if let Some(large) = large.get(idx) {
            found.extend(of_large(large)?);
        }
        figures.push(found);
    }
    for (idx, (name, found, max)) in figures[0].iter().enumerate() {
        let mut cells = vec![(*name).to_owned()];
        cells.extend(report.judged(*found, Some(*max)));
        cells.extend(figures[1..].iter().map(|other| other[idx].1.to_string()));
        report::row(&cells);
    }
    Ok(())
}

fn print_bare(emulator: &Emulator) -> Result<()> {
    let server = emulator.start(&[])?;
    let answer = Client::connect(server.address)?.ask(&request(PAGE_1))?;
    let start_ms = cold_start_ms(|| bare::start(&answer))?;
    let rss_mb = mb(bare::start(&answer)?.rss_bytes()?);
    report::row(&[
        "cold start, bare handler, ms".to_owned(),
        start_ms.to_string(),
    ]);
    report::row(&["RSS, bare handler, MB".to_owned(), rss_mb.to_string()]);
    server.stop()
}

fn of_small(emulator: &Emulator, large_rss_bytes: Option<u64>) -> Result<Vec<Figure>> {
    let server = emulator.start(&[])?;
    thread::sleep(Duration::from_millis(500));
    let rest_bytes = server.rss_bytes()?;
    server.stop()?;
    let n_bytes = fs::metadata(&emulator.binary)?.len();
    let start_ms = cold_start_ms(|| emulator.start(&[]))?;
    let mut figures = vec![
        ("cold start, 100 images, ms", start_ms, 10.0),
        ("RSS at rest, 100 images, MB", mb(rest_bytes), 10.0),
        ("binary, MB", mb(n_bytes), 6.0),
        ("a request with 10,000 images, s", put_s(emulator)?, 1.0),
    ];
    if let Some(n_bytes) = large_rss_bytes {
        let name = "RSS more than that after all queries of the file, MB";
        figures.push((name, mb(n_bytes.saturating_sub(rest_bytes)), 30.0));
    }
    Ok(figures)
}

fn of_large(emulator: &Emulator) -> Result<[Figure; 2]> {
    let start_ms = cold_start_ms(|| emulator.start(&[]))?;
    let seeding_s = Spread::of(emulator.seeding_s);
    Ok([
        ("cold start, a file of 1,000,000 images, ms", start_ms, 10.0),
        ("1,000,000 images into a new file, s", seeding_s, 60.0),
    ])
}

/// Measures first changes, which give a sandbox its own copy of the seed, and resets.
fn of_sandbox(emulator: &Emulator) -> Result<[Figure; 2]> {
    let images = Images::new(1_000)?;
    let path = format!("images/{}", images.image(0).image_id);
    let server = emulator.start(&["--isolate"])?;
    let mut client = Client::connect(server.address)?;
    let (mut change_ms, mut reset_ms) = (Vec::new(), Vec::new());
    for n in 0..N_TIMES {
        let path = format!("{path}?sandbox=ci-{n}");
        let change = control("PATCH", &path, r#"{"Status":"3"}"#);
        change_ms.push(took_s(|| client.ask(&change))?.0 * 1e3);
        let reset = control("POST", &format!("reset?sandbox=ci-{n}"), "");
        reset_ms.push(took_s(|| client.ask(&reset))?.0 * 1e3);
    }
    server.stop()?;
    Ok([
        ("first change in a sandbox, ms", Spread::of(change_ms), 2.0),
        ("reset after it, ms", Spread::of(reset_ms), 1.0),
    ])
}

fn mb(n_bytes: u64) -> Spread {
    Spread::of([n_bytes as f64 / 1e6])
}

/// Does something; returns the seconds that it took, and its result.
fn took_s<T>(work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let before = Instant::now();
    let done = work()?;
    Ok((before.elapsed().as_secs_f64(), done))
}

/// From before the process is made to its first 200.
fn cold_start_ms(start: impl Fn() -> Result<Server>) -> Result<Spread> {
    let mut start_ms = Vec::new();
    for _ in 0..N_TIMES {
        let (seconds, server) = took_s(&start)?;
        start_ms.push(seconds * 1e3);
        server.stop()?;
    }
    Ok(Spread::of(start_ms))
}

/// How long a request takes that stores 10,000 images in an emulator.
fn put_s(emulator: &Emulator) -> Result<Spread> {
    let mut body = Vec::new();
    write_fixture(10_000, &mut body)?;
    let put = control("PUT", "images", &String::from_utf8(body)?);
    let server = emulator.start(&[])?;
    let mut client = Client::connect(server.address)?;
    let seconds = took_s(|| client.ask(&put))?.0;
    server.stop()?;
    Ok(Spread::of([seconds]))
}
