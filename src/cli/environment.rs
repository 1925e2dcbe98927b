//! Reading this process's arguments and environment.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use crate::cli::args::{Cli, Command};

/// What the environment sets beside the twins of flags.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Environment {
    /// `PORT`.
    pub(super) port: Option<u16>,
}

/// Reads this process's arguments and environment; wrong ones end the process with a message.
pub(super) fn parse() -> (Cli, Environment) {
    let mut command = without_empty_twins(Cli::command());
    let matches = command.get_matches_mut();
    let cli = Cli::from_arg_matches(&matches).map(|cli| split_lists(cli, &matches));
    let environment = port().map(|port| Environment { port });
    match (cli, environment) {
        (Ok(cli), Ok(environment)) => (cli, environment),
        (Err(error), _) => error.format(&mut command).exit(),
        (_, Err(error)) => command
            .error(clap::error::ErrorKind::InvalidValue, error)
            .exit(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line reads the environment"
)]
fn variable(name: &OsStr) -> Option<OsString> {
    std::env::var_os(name)
}

fn port() -> Result<Option<u16>, String> {
    let Some(port) = variable("PORT".as_ref()).filter(|port| !port.is_empty()) else {
        return Ok(None);
    };
    let port = port.to_string_lossy();
    port.parse()
        .map(Some)
        .map_err(|_| format!("the variable PORT must be in 0..=65535, got {port:?}"))
}

/// Ignores empty twins: CI systems set an input that nobody gave to an empty text.
fn without_empty_twins(mut command: clap::Command) -> clap::Command {
    command = command.mut_args(|arg| match arg.get_env().and_then(variable) {
        Some(value) if value.is_empty() => arg.env(None::<&'static str>),
        _ => arg,
    });
    command.mut_subcommands(without_empty_twins)
}

/// Splits the lists that came from the environment at their commas.
fn split_lists(mut cli: Cli, matches: &ArgMatches) -> Cli {
    let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
    let from_environment = |id| {
        matches.ids().any(|known| known == id)
            && matches.value_source(id) == Some(ValueSource::EnvVariable)
    };
    let split = |list: &mut Vec<String>, id| {
        if from_environment(id) {
            *list = list
                .iter()
                .flat_map(|list| list.split(','))
                .map(str::to_owned)
                .collect();
        }
    };
    match &mut cli {
        Cli {
            command: Some(Command::Serve(args)),
            ..
        }
        | Cli {
            command: None,
            serve: args,
        } => {
            split(&mut args.region.region, "region");
            split(&mut args.control.allow_host, "allow_host");
            if from_environment("fixture") {
                args.fixture = args.fixture.iter().flat_map(split_paths).collect();
            }
        }
        Cli {
            command: Some(Command::CheckFixture(args)),
            ..
        } => {
            split(&mut args.region.region, "region");
        }
        Cli {
            command: Some(Command::GenerateFixture(_) | Command::Healthcheck(_)),
            ..
        } => {}
    }
    cli
}

fn split_paths(list: impl AsRef<Path>) -> Vec<PathBuf> {
    let list = list.as_ref();
    list.to_string_lossy()
        .split(',')
        .map(PathBuf::from)
        .collect()
}
