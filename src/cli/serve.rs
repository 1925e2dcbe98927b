//! `serve`: runs an emulator until a signal stops it.

use std::io::{self, Write as _};
use std::pin::pin;

use anyhow::Context as _;

use crate::cli::args::ServeArgs;
use crate::cli::progress;
use crate::telemetry;

pub(super) fn run(args: ServeArgs, port: Option<u16>) -> anyhow::Result<()> {
    telemetry::start(args.log, args.log_format);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Installed before anything else, so that a stop is clean at any time.
        let mut stop = pin!(stop_signal().context("cannot install the signal handlers")?);
        let emulator = args.builder(port)?.bind()?;
        print_stdout(&format!("Listening on http://{}", emulator.address()?));
        let seed = emulator.progress();
        let emulator = tokio::select! {
            started = emulator.start() => started?,
            () = &mut stop => return Ok(()),
            never = progress::show(&seed) => never,
        };
        print_stdout("Ready.");
        stop.await;
        tracing::info!("stopping");
        emulator.shutdown().await;
        Ok(())
    })
}

/// Prints one of the two lines of standard output.
fn print_stdout(line: &str) {
    let mut stdout = io::stdout();
    // The emulator serves also when nobody reads its output.
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .ok();
}

/// Waits for a signal that stops the process; it is caught from now on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for a signal that stops the process.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(?error, "cannot wait for a signal");
        }
    })
}
