//! The options.

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::server::EMULATOR;
use crate::shapes::Shape;

/// Measures the emulator under load beside a bare HTTP handler.
#[derive(Debug, Clone, Parser)]
#[allow(clippy::struct_excessive_bools, reason = "a flag is there or not")]
#[command(name = "cargo bench --bench load --", disable_version_flag = true)]
pub(crate) struct Args {
    /// How many images, a list; up to 100,000 are served from memory, more from a database file
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_size)]
    #[arg(default_values_t = [0, 100, 10_000, 1_000_000])]
    pub(crate) sizes: Vec<u64>,
    /// Connections that ask at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(crate) connections: usize,
    /// Rounds of each query; in a round, each server is asked once
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) rounds: usize,
    /// About how long each server is asked in a round, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    pub(crate) round_ms: u64,
    /// Measure only these parts, a list
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    #[arg(default_values = ["queries", "start", "tail"])]
    pub(crate) only: Vec<Part>,
    /// Only queries whose name contains this, such as "tag"
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    query: String,
    /// Other emulators, an older one for example, that are measured in the same rounds, a list
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    server_binary: Vec<PathBuf>,
    /// Make the fixtures and the database anew
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Fail if a target is missed
    #[arg(long)]
    pub(crate) check: bool,
    /// Write the tables into docs/performance.md
    #[arg(long)]
    pub(crate) write: bool,
    /// Cargo passes this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Each query at each size
    Queries,
    /// Cold start, memory, size, seeding
    Start,
    /// The slowest answers, beside other work
    Tail,
}

impl Args {
    pub(crate) fn wants(&self, shape: Shape) -> bool {
        shape.to_string().contains(&self.query)
    }

    /// This emulator, and the other one if there is one.
    pub(crate) fn binaries(&self) -> Vec<&Path> {
        let others = self.server_binary.iter().map(PathBuf::as_path);
        [Path::new(EMULATOR)].into_iter().chain(others).collect()
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    let size = text.replace('_', "").parse::<u64>();
    size.ok()
        .filter(|n| *n == 0 || (100..=10_000_000).contains(n))
        .ok_or_else(|| "a size is 0, or from 100 to 10000000".to_owned())
}
