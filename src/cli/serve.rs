//! `serve`: run an emulator until a signal stops it.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::args::ServeArgs;
use crate::cli::environment::Environment;
use crate::cli::{exit, fail, progress};
use crate::emulator::EmulatorBuilder;
use crate::telemetry;

pub(super) fn run(args: &ServeArgs, environment: Environment) -> ExitCode {
    let logs = telemetry::start(args.log, args.log_format);
    let served = serve(args, environment);
    drop(logs);
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.downcast_ref().map_or(exit::FAILURE, exit::code);
            fail(code, &error)
        }
    }
}

fn serve(args: &ServeArgs, environment: Environment) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Installed before anything else, so that a stop is clean at any time.
        let mut stop = Signals::install().context("cannot install the signal handlers")?;
        let emulator = EmulatorBuilder::new(args.config(environment)?).bind()?;
        print_stdout(&format!("Listening on http://{}", emulator.address()?));
        let seed = emulator.progress();
        let emulator = tokio::select! {
            started = emulator.start() => started?,
            () = stop.received() => return Ok(()),
            never = progress::show(&seed) => never,
        };
        print_stdout("Ready.");
        stop.received().await;
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

/// The signals that stop the process.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn install() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self {
            terminate,
            interrupt,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The signals that stop the process.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn install() -> io::Result<Self> {
        Ok(Self)
    }

    async fn received(&mut self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(?error, "no signal can be waited for");
        }
    }
}
