//! The options.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::shapes::Shape;

/// Rounds below which a run is only a look, and leaves the documentation alone.
const ROUNDS_DOCUMENTED: usize = 5;

/// Length of a round, in milliseconds, below which a run is only a look.
const ROUND_MS_DOCUMENTED: u64 = 1_000;

/// Measures the emulator under load beside a bare HTTP handler.
///
/// A run of at least 5 rounds of at least 1,000 ms writes what it measured into
/// docs/performance.md; any other is only printed.
#[derive(Debug, Clone, Parser)]
#[allow(clippy::struct_excessive_bools, reason = "a flag is there or not")]
#[command(name = "cargo bench --bench load --", disable_version_flag = true)]
pub(crate) struct Args {
    /// How many images, a list; up to 100,000 are served from memory, more from a database file
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_size)]
    #[arg(default_values_t = [100, 10_000, 1_000_000])]
    pub(crate) sizes: Vec<u64>,
    /// Connections that ask at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(crate) connections: usize,
    /// Rounds of each query; a round is one of the bare handler and one of the emulator
    #[arg(long, value_name = "N", default_value_t = ROUNDS_DOCUMENTED)]
    pub(crate) rounds: usize,
    /// About how long each server is asked in a round, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = ROUND_MS_DOCUMENTED)]
    pub(crate) round_ms: u64,
    /// Measure only these parts, a list
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    #[arg(default_values = ["queries", "start", "tail"])]
    only: Vec<Part>,
    /// Only queries whose name contains this, such as "tag"; such a run is only printed
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// Measure other tools too: moto, Prism, Mockoon, `WireMock`, json-server, those that are here
    #[arg(long)]
    peers: bool,
    /// The jar of `WireMock`, if there is no command `wiremock`
    #[arg(
        long,
        value_name = "FILE",
        env = "WIREMOCK_JAR",
        hide_env_values = true
    )]
    pub(crate) wiremock_jar: Option<PathBuf>,
    /// Make the fixtures and the database anew
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Write nothing, and fail if a target is missed
    #[arg(long)]
    pub(crate) check: bool,
    /// Cargo says so to every benchmark
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
    /// Other tools
    Peers,
}

impl Args {
    pub(crate) fn measures(&self, part: Part) -> bool {
        self.only.contains(&part) || (part == Part::Peers && self.peers)
    }

    pub(crate) fn wants(&self, shape: Shape) -> bool {
        let wanted = self.query.as_deref().unwrap_or_default();
        shape.to_string().contains(wanted)
    }

    /// Whether what was measured goes into the documentation.
    pub(crate) fn is_documented(&self) -> bool {
        !self.check
            && self.query.is_none()
            && self.rounds >= ROUNDS_DOCUMENTED
            && self.round_ms >= ROUND_MS_DOCUMENTED
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    let size = text.replace('_', "").parse::<u64>();
    size.ok()
        .filter(|n| (100..=10_000_000).contains(n) && n.is_multiple_of(10))
        .ok_or_else(|| "a size is a multiple of 10 from 100 to 10000000".to_owned())
}
