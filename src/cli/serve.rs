//! `serve`: runs an emulator until a signal stops it.

use std::io;

use anyhow::Context as _;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;

use crate::base::limits::LOG_END_TIME_MAX;
use crate::cli::args::ServeArgs;
use crate::cli::progress;
use crate::telemetry::{self, Outlet};

pub(super) fn run(args: ServeArgs, port: Option<u16>) -> anyhow::Result<()> {
    // Nothing that serves waits for a reader of the process's output.
    let log = telemetry::start(args.log, args.log_format).context("cannot start the log")?;
    let output = Outlet::start(io::stdout(), |_| {}).context("cannot start the output")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(serve(args, port, &log, &output));
    // A database that is still being opened keeps its file whole when the process ends.
    runtime.shutdown_background();
    output.finish(LOG_END_TIME_MAX);
    log.finish(LOG_END_TIME_MAX);
    ended
}

/// Serves until a signal comes; a second one ends the process.
async fn serve(
    args: ServeArgs,
    port: Option<u16>,
    log: &Outlet,
    output: &Outlet,
) -> anyhow::Result<()> {
    // Installed before anything else, so that a stop is clean at any time.
    let mut signals = Signals::catch().context("cannot install the signal handlers")?;
    let builder = args.builder(port)?.log_lines_lost(log.n_lost());
    let emulator = tokio::select! {
        bound = spawn_blocking(|| builder.bind()) => bound??,
        _ = signals.next() => return Ok(()),
    };
    output.write(&format!("Listening on http://{}\n", emulator.address()?));
    let seed = emulator.progress();
    let emulator = tokio::select! {
        started = emulator.start() => started?,
        _ = signals.next() => return Ok(()),
        never = progress::show(&seed, log) => never,
    };
    output.write("Ready.\n");
    signals.next().await;
    tracing::info!("stopping");
    tokio::select! {
        () = emulator.shutdown() => Ok(()),
        code = signals.next() => end_at_once(code),
    }
}

/// Ends the process without waiting for anything.
#[expect(clippy::exit, reason = "a change may run that nothing else ends")]
fn end_at_once(code: u8) -> ! {
    std::process::exit(code.into())
}

/// The signals that stop the process.
#[cfg(unix)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl Signals {
    /// Catches them from now on.
    fn catch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one; returns the exit code of a process that it ends.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => 143,
            _ = self.interrupt.recv() => 130,
        }
    }
}

/// The signals that stop the process.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Catches them, each time that one is waited for.
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    fn catch() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next one; returns the exit code of a process that it ends.
    async fn next(&mut self) -> u8 {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(?error, "cannot wait for a signal");
        }
        130
    }
}
