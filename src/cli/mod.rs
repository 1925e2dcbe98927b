//! The command line, the environment and the signals: everything that belongs to a process.

mod args;
mod check_fixture;
mod environment;
mod generate_fixture;
mod healthcheck;
mod progress;
mod serve;

use std::process::ExitCode;

use clap::CommandFactory as _;

use args::{Cli, Command};

/// Exit codes, as in `sysexits.h` where it has one.
mod exit {
    use crate::emulator::StartError;
    use crate::fixture::FixtureError;

    /// Something failed that has no code of its own.
    pub(super) const FAILURE: u8 = 1;
    /// A fixture breaks a rule.
    pub(super) const DATA: u8 = 65;
    /// A fixture cannot be read.
    pub(super) const NO_INPUT: u8 = 66;

    /// The exit code for the reason why an emulator did not start.
    pub(super) fn code(error: &StartError) -> u8 {
        if let StartError::Fixture(error) = error {
            return if matches!(error, FixtureError::Invalid(_)) {
                DATA
            } else {
                NO_INPUT
            };
        }
        FAILURE
    }
}

/// The commands and flags, as `clap` knows them; a test compares `docs/command-line.md` with them.
pub fn command_line() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process and gives its exit code.
pub fn run() -> ExitCode {
    let (command, environment) = environment::parse();
    match command {
        Cli {
            command: Some(Command::CheckFixture(args)),
            ..
        } => check_fixture::run(&args),
        Cli {
            command: Some(Command::GenerateFixture(args)),
            ..
        } => generate_fixture::run(&args),
        Cli {
            command: Some(Command::Healthcheck(args)),
            ..
        } => healthcheck::run(&args, environment),
        Cli {
            command: Some(Command::Serve(args)),
            ..
        }
        | Cli {
            command: None,
            serve: args,
        } => serve::run(&args, environment),
    }
}

/// Prints a failure and its causes on standard error, in one line.
fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    print_stderr(&format!("error: {error:#}"));
    ExitCode::from(code)
}

/// Prints one line on standard error.
fn print_stderr(line: &str) {
    use std::io::Write as _;
    // When standard error is closed, nobody can be told.
    writeln!(std::io::stderr(), "{line}").ok();
}
