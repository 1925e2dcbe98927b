//! Millions of requests of every kind in one run: memory, descriptors and threads must stay flat.
//!
//! `docs/testing.md` says how to run it. A wrong answer or growth ends the run with exit code 1.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]
#![allow(
    clippy::cast_precision_loss,
    reason = "counts and sizes are far below 2^52"
)]

mod args;
mod control;
mod draw;
mod lane;
mod process;
mod rough;
mod tally;
mod vendor;
mod watch;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use clap::Parser as _;

use crate::args::Args;
use crate::process::Process;
use crate::tally::Tally;
use crate::watch::Watch;

/// What all threads of a run share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) process: Process,
    /// Requests that were answered.
    n_answered: AtomicU64,
    /// Requests after which it ends; the highest number when time ends it.
    n_requests: u64,
    ends: Option<Instant>,
}

impl Run {
    fn n_answered(&self) -> u64 {
        self.n_answered.load(Ordering::Relaxed)
    }

    /// Counts answers; gives whether the run goes on.
    pub(crate) fn goes_on_after(&self, n_answers: u64) -> bool {
        let n_answered = self.n_answered.fetch_add(n_answers, Ordering::Relaxed) + n_answers;
        n_answered < self.n_requests && self.ends.is_none_or(|ends| Instant::now() < ends)
    }
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder)?;
    let run = Run {
        process: Process::start(&args, &folder)?,
        n_answered: AtomicU64::new(0),
        n_requests: args.requests.unwrap_or(u64::MAX),
        ends: args.ends(),
    };
    let (tally, watch) = drive(&args, &run)?;
    run.process.stop()?;
    fs::remove_dir_all(&folder)?;
    tally.print();
    let is_flat = watch.print();
    let is_right = tally.is_right();
    Ok(ExitCode::from(u8::from(!(is_flat && is_right))))
}

/// Sends requests from several threads until the run is over.
fn drive(args: &Args, run: &Run) -> Result<(Tally, Watch)> {
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..args.lanes)
            .map(|number| scope.spawn(move || lane::drive(run, number)))
            .collect();
        let rough = scope.spawn(|| rough::drive(run));
        let mut watch = Watch::new(args);
        let watched = watch.until_over(run, || rough.is_finished());
        let mut tally = Tally::default();
        for lane in lanes.into_iter().chain([rough]) {
            tally.add(lane.join().map_err(|_| anyhow!("a thread panicked"))??);
        }
        watched.map(|()| (tally, watch))
    })
}
