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
mod data;
mod document;
mod generator;
mod machine;
mod page;
mod peers;
mod permutation;
mod procfs;
mod queries;
mod question;
mod report;
mod request;
mod response;
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
use crate::cache::{Cache, Fresh};
use crate::data::DataSet;
use crate::machine::Machine;
use crate::report::Section;

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
    if args.is_documented() {
        page::write(&sections)?;
        println!("docs/performance.md has the new tables");
    }
    let failed = args.check && n_missed > 0;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Measures the wanted parts, each as a section of the page.
fn measure(args: &Args) -> Result<Vec<Section>> {
    let fresh = if args.fresh { Fresh::Yes } else { Fresh::No };
    let cache = Cache::open(fresh)?;
    let machine = Machine::here();
    let mut sections = vec![report::machine(&machine)];
    let mut serving_rss = None;
    if args.measures(Part::Queries) {
        for size in &args.sizes {
            let queries = queries::measure(args, &cache, DataSet::new(*size))
                .with_context(|| format!("{size} images"))?;
            if *size == start::N_LARGE {
                serving_rss = Some(queries.rss_bytes);
            }
            sections.push(report::queries(&queries, &machine));
        }
    }
    if args.measures(Part::Start) {
        let starts = start::measure(&cache, &args.sizes).context("starts and sizes")?;
        sections.push(report::starts(&starts, serving_rss, &machine));
    }
    if args.measures(Part::Tail) {
        let largest = args.sizes.iter().max().context("a size")?;
        let tail = tail::measure(args, &cache, DataSet::new(*largest)).context("the tail")?;
        sections.push(report::tail(&tail, &machine));
    }
    if args.measures(Part::Peers) {
        let peers = peers::measure(args, &cache).context("other tools")?;
        sections.push(report::peers(&peers, &machine));
    }
    Ok(sections)
}
