//! The options.

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::server::EMULATOR;

/// Measures the emulator under load beside a bare HTTP handler.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo bench --bench load --", disable_version_flag = true)]
pub(crate) struct Args {
    /// Numbers of images; up to 100000 are served from memory, more from a database file
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_size)]
    #[arg(default_values_t = [0, 100, 10_000, 1_000_000])]
    pub(crate) sizes: Vec<u64>,
    /// Rounds of each row; each server is measured once in a round
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rounds: u64,
    /// About how long each server is measured in a round, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) round_ms: u64,
    /// Measure only these parts
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    #[arg(default_values = ["queries", "tail", "start"])]
    pub(crate) only: Vec<Part>,
    /// Other emulators, such as an older release, that are measured in the same rounds
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    server_binary: Vec<PathBuf>,
    /// Fail if a target is missed
    #[arg(long)]
    pub(crate) check: bool,
    /// Cargo passes this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// CPU of each query at each size
    Queries,
    /// The slowest answers, beside other work
    Tail,
    /// Cold start, memory, size, seeding
    Start,
    /// Waits beside one client's large work; not measured unless it is asked for
    Stalls,
}

impl Args {
    /// This emulator and the other ones.
    pub(crate) fn binaries(&self) -> impl Iterator<Item = &Path> {
        let others = self.server_binary.iter().map(PathBuf::as_path);
        [Path::new(EMULATOR)].into_iter().chain(others)
    }

    /// The columns of a table, with one `more` for each of the other emulators.
    pub(crate) fn columns<'a>(&self, columns: &[&'a str], more: &'a str) -> Vec<&'a str> {
        let others = self.server_binary.iter().map(|_| more);
        columns.iter().copied().chain(others).collect()
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    let size = text.replace('_', "").parse::<u64>();
    size.ok()
        .filter(|n| *n == 0 || (100..=10_000_000).contains(n))
        .ok_or_else(|| "a size is 0, or from 100 to 10000000".to_owned())
}
