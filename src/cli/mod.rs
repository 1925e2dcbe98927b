//! The command line, the environment and the signals: everything that belongs to a process.

mod args;
mod check_fixture;
mod environment;
mod generate_fixture;
mod healthcheck;
mod progress;
mod serve;

use std::io;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::base::limits::LOG_END_TIME_MAX;
use crate::base::one_line;
use crate::emulator::StartError;
use crate::fixture::FixtureError;
use crate::telemetry::Outlet;

use args::{Cli, Command};

/// The commands and flags, as `clap` knows them; a test compares `docs/command-line.md` with them.
pub fn command_line() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process and returns its exit code.
pub fn run() -> ExitCode {
    let (command, port) = environment::parse();
    let result = match command {
        Command::Serve(args) => serve::run(*args, port),
        Command::CheckFixture(args) => check_fixture::run(&args),
        Command::GenerateFixture(args) => generate_fixture::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args, port),
    };
    if let Err(error) = result {
        print_stderr(&one_line(&format!("error: {error:#}")));
        return exit_code(&error).into();
    }
    ExitCode::SUCCESS
}

/// The exit code for a failure, as in `sysexits.h` where it has one.
fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        // A fixture breaks a rule.
        Some(StartError::Fixture(FixtureError::Invalid(_))) => 65,
        // A fixture cannot be read.
        Some(StartError::Fixture(_)) => 66,
        _ => 1,
    }
}

/// Prints one line on standard error, unless nobody takes it in time.
fn print_stderr(line: &str) {
    // Without a thread to spare, the line is lost like any that nobody reads.
    if let Ok(stderr) = Outlet::start(io::stderr(), |_| {}) {
        stderr.write(&format!("{line}\n"));
        stderr.finish(LOG_END_TIME_MAX);
    }
}
