//! The whole server under load, beside a bare HTTP handler that returns the same bytes.
//!
//! `docs/performance.md` says what is measured and how to run it. A wrong answer ends the run with
//! exit code 1.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its results"
)]
#![allow(
    clippy::cast_precision_loss,
    reason = "counts and sizes are far below 2^52"
)]

mod args;
mod bare;
mod client;
mod emulator;
mod generator;
mod images;
mod queries;
mod report;
mod request;
mod rounds;
mod server;
mod shapes;
mod stalls;
mod start;
mod tail;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::args::{Args, Part};
use crate::emulator::Emulator;
use crate::images::Images;
use crate::report::Report;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(bare::FLAG) {
        bare::serve(arguments.next().context("a content type")?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let args = Args::parse();
    // Holds fixtures, databases and logs. A run that was interrupted leaves it behind.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder)?;
    let mut report = Report::default();
    measure(&args, &folder, &mut report)?;
    fs::remove_dir_all(&folder)?;
    report.end();
    let failed = args.check && report.n_missed > 0;
    Ok(ExitCode::from(u8::from(failed)))
}

/// Measures the wanted parts and prints each as a table.
fn measure(args: &Args, folder: &Path, report: &mut Report) -> Result<()> {
    if args.only.contains(&Part::Stalls) {
        stalls::measure_all(args, folder)?;
    }
    if args.only == [Part::Stalls] {
        return Ok(());
    }
    let mut large = Vec::new();
    let mut large_rss_bytes = Vec::new();
    for size in &args.sizes {
        let images = Images::new(*size)?;
        let emulators = Emulator::prepare(args, folder, *size)?;
        if args.only.contains(&Part::Queries) {
            let rss_bytes = queries::measure(args, &images, &emulators, report)
                .with_context(|| format!("{size} images"))?;
            if *size == start::N_LARGE {
                large_rss_bytes = rss_bytes;
            }
        }
        if args.only.contains(&Part::Tail) && *size > 0 {
            tail::measure(args, &images, &emulators, report).context("the slowest answers")?;
        }
        if *size == start::N_LARGE {
            large = emulators;
        }
    }
    if args.only.contains(&Part::Start) {
        start::measure(args, folder, &large, &large_rss_bytes, report).context("the start")?;
    }
    Ok(())
}
