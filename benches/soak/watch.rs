//! Memory, descriptors and threads during the run.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Run;
use crate::args::Args;
use crate::process::Usage;

/// Parts of the run that are compared, the first with the last.
const N_PARTS: u64 = 10;

/// Most growth of the memory from the first part to the last, in bytes.
const GROWTH_BYTES_MAX: i64 = 5_000_000;

/// The same in a short run, at whose end journals and threads still fill.
const GROWTH_BYTES_MAX_SHORT: i64 = 20_000_000;

/// Most difference of the descriptors and of the threads: connections come and go.
const DIFFERENCE_MAX: usize = 40;

/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// One look at the emulator.
#[derive(Debug, Clone, Copy)]
struct Look {
    n_answered: u64,
    usage: Usage,
}

/// All looks of a run.
#[derive(Debug)]
pub(crate) struct Watch {
    started: Instant,
    looks: Vec<Look>,
    is_long: bool,
}

impl Watch {
    pub(crate) fn new(args: &Args) -> Self {
        Self {
            started: Instant::now(),
            looks: Vec::new(),
            is_long: args.requests.is_some(),
        }
    }

    /// Looks again and again until the run is over.
    pub(crate) fn until_over(&mut self, run: &Run, is_over: impl Fn() -> bool) -> Result<()> {
        while !is_over() {
            self.looks.push(Look {
                n_answered: run.n_answered(),
                usage: run.process.usage()?,
            });
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Prints a row for each part; gives whether the last is like the first.
    ///
    /// In a short run it is compared with the fifth: the journals are not full before.
    pub(crate) fn print(&self) -> bool {
        let n_answered = self.looks.last().map_or(0, |look| look.n_answered);
        println!("\n| requests | RSS, MB, median (min–max) | descriptors | threads |");
        println!("| --- | --- | --- | --- |");
        let parts = (0..N_PARTS).map(|part| {
            let from = n_answered * part / N_PARTS;
            let to = n_answered * (part + 1) / N_PARTS;
            let within = |look: &&Look| (from..=to).contains(&look.n_answered);
            (
                to,
                Part::of(self.looks.iter().filter(within).map(|look| look.usage)),
            )
        });
        let parts: Vec<(u64, Part)> = parts.collect();
        for (to, part) in &parts {
            println!("| {to} | {part} |");
        }
        let seconds = self.started.elapsed().as_secs_f64();
        println!(
            "\n{n_answered} requests in {seconds:.0} s, {:.0}/s",
            n_answered as f64 / seconds
        );
        let (first, growth_bytes_max) = if self.is_long {
            (0, GROWTH_BYTES_MAX)
        } else {
            (4, GROWTH_BYTES_MAX_SHORT)
        };
        let first = &parts[first].1;
        let last = &parts[parts.len() - 1].1;
        let growth_bytes = last.rss_bytes.cast_signed() - first.rss_bytes.cast_signed();
        println!("growth of the RSS: {:.1} MB", growth_bytes as f64 / 1e6);
        growth_bytes <= growth_bytes_max
            && last.n_descriptors.abs_diff(first.n_descriptors) <= DIFFERENCE_MAX
            && last.n_threads.abs_diff(first.n_threads) <= DIFFERENCE_MAX
    }
}

/// The medians of a part of the run.
#[derive(Debug)]
struct Part {
    rss_bytes: u64,
    rss_bytes_min: u64,
    rss_bytes_max: u64,
    n_descriptors: usize,
    n_threads: usize,
}

impl Part {
    fn of(usages: impl Iterator<Item = Usage>) -> Self {
        let usages: Vec<Usage> = usages.collect();
        let rss_bytes = sorted(usages.iter().map(|usage| usage.rss_bytes));
        Self {
            rss_bytes: middle(&rss_bytes),
            rss_bytes_min: rss_bytes.first().copied().unwrap_or(0),
            rss_bytes_max: rss_bytes.last().copied().unwrap_or(0),
            n_descriptors: middle(&sorted(usages.iter().map(|usage| usage.n_descriptors))),
            n_threads: middle(&sorted(usages.iter().map(|usage| usage.n_threads))),
        }
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mb = |n_bytes: u64| n_bytes as f64 / 1e6;
        let (least, most) = (mb(self.rss_bytes_min), mb(self.rss_bytes_max));
        let Self {
            n_descriptors,
            n_threads,
            ..
        } = self;
        let middle = mb(self.rss_bytes);
        write!(
            f,
            "{middle:.1} ({least:.1}–{most:.1}) | {n_descriptors} | {n_threads}"
        )
    }
}

fn sorted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all
}

fn middle<T: Copy + Default>(sorted: &[T]) -> T {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
