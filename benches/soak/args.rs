//! The options.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;

/// Sends requests of every kind for a long time and watches memory, descriptors and threads.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench soak --", disable_version_flag = true)]
pub(crate) struct Args {
    /// Requests of the run, such as 10000000; without it, time ends the run
    #[arg(long, value_name = "N")]
    pub(crate) requests: Option<u64>,
    /// Seconds of the run, if no number of requests is given
    #[arg(long, value_name = "S", default_value_t = 20)]
    seconds: u64,
    /// Connections that send as fast as they are answered
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) lanes: u64,
    /// Keep the sandbox `default` in a file
    #[arg(long)]
    pub(crate) file: bool,
    /// The emulator to test; the default is the one that cargo built
    #[arg(long, value_name = "PATH", default_value = env!("CARGO_BIN_EXE_swas-emulator"))]
    pub(crate) server_binary: PathBuf,
    /// Cargo passes this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    /// When time ends the run.
    pub(crate) fn ends(&self) -> Option<Instant> {
        let time = Duration::from_secs(self.seconds);
        self.requests.is_none().then(|| Instant::now() + time)
    }
}
