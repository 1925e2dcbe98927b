//! The whole server under load, beside a bare HTTP handler that answers the same bytes.
//!
//! `cargo bench --bench load -- --help` has the options, `docs/performance.md` the results and what
//! they mean. Any answer that is not the right one ends the run with exit code 1.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark speaks to whoever runs it"
)]
#![allow(
    clippy::cast_precision_loss,
    reason = "counts and sizes are far below 2^52"
)]

mod args;
mod bare;
mod cache;
mod client;
mod generator;
mod images;
mod machine;
mod queries;
mod report;
mod request;
mod rounds;
mod server;
mod shapes;
mod start;
mod statistics;
mod tail;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::args::{Args, Part};
use crate::cache::Cache;
use crate::images::Images;
use crate::report::Section;
use crate::shapes::IN_MEMORY_MAX;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(bare::FLAG) {
        bare::serve(arguments.next().context("a content type")?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let args = Args::parse();
    let sections = measure(&args)?;
    for section in &sections {
        println!("\n{}", section.text);
    }
    let n_missed: usize = sections.iter().map(|section| section.n_missed).sum();
    println!("targets missed: {n_missed}");
    if args.write {
        report::write(&sections)?;
    }
    let failed = args.check && n_missed > 0;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Measures the wanted parts, each as a table.
fn measure(args: &Args) -> Result<Vec<Section>> {
    let cache = Cache::open(args)?;
    let mut sections = Vec::new();
    let (mut cells, mut tails) = (Vec::new(), Vec::new());
    let mut serving = None;
    let largest = args.sizes.iter().max().copied();
    let in_memory = args.sizes.iter().filter(|n| **n <= IN_MEMORY_MAX).max();
    for size in &args.sizes {
        let images = Images::new(*size)?;
        if args.only.contains(&Part::Queries) {
            let queries = queries::measure(args, &cache, &images)
                .with_context(|| format!("{size} images"))?;
            cells.extend(queries.cells);
            if *size == start::N_LARGE {
                serving = Some(queries.rss_bytes);
            }
        }
        let is_largest = Some(*size) == largest;
        let is_tail = is_largest || Some(size) == in_memory;
        if args.only.contains(&Part::Tail) && is_tail && *size > 0 {
            tails.extend(tail::measure(args, &cache, &images, is_largest).context("the tail")?);
        }
    }
    if !cells.is_empty() {
        sections.push(report::queries(&args.sizes, &cells));
    }
    if args.only.contains(&Part::Start) {
        let mut rows = Vec::new();
        for (idx, binary) in args.binaries().into_iter().enumerate() {
            let serving = serving.filter(|_| idx == 0);
            rows.push(start::measure(args, &cache, binary, serving).context("starts and sizes")?);
        }
        let other = rows.get(1).map_or(&[][..], Vec::as_slice);
        sections.push(report::starts(&rows[0], other));
    }
    if !tails.is_empty() {
        sections.push(report::tail(&tails));
    }
    Ok(sections)
}
