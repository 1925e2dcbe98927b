//! Reading this process's arguments and environment.

use std::ffi::{OsStr, OsString};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use crate::cli::args::{Cli, Command};

/// Reads the command and the variable `PORT`; wrong arguments end the process with a message.
pub(super) fn parse() -> (Command, Option<u16>) {
    let mut cli = prepared(Cli::command());
    let matches = cli.get_matches_mut();
    command(&matches)
        .and_then(|command| Ok((command, port()?)))
        .unwrap_or_else(|error| error.format(&mut cli).exit())
}

/// Hides the values of the environment from the help, and ignores empty variables: CI systems set
/// an input that nobody gave to an empty text.
fn prepared(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let arg = arg.hide_env_values(true);
        match arg.get_env().and_then(variable) {
            Some(value) if value.is_empty() => arg.env(None::<&'static str>),
            _ => arg,
        }
    });
    command.mut_subcommands(prepared)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line reads the environment"
)]
fn variable(name: &OsStr) -> Option<OsString> {
    std::env::var_os(name)
}

fn port() -> Result<Option<u16>, clap::Error> {
    let Some(port) = variable("PORT".as_ref()).filter(|port| !port.is_empty()) else {
        return Ok(None);
    };
    let port = port.to_string_lossy();
    port.parse().map(Some).map_err(|_| {
        let message = format!("the variable PORT must be in 0..=65535, got {port:?}");
        clap::Error::raw(ErrorKind::InvalidValue, message)
    })
}

/// The command, with the lists that came from the environment split at their commas.
fn command(matches: &ArgMatches) -> Result<Command, clap::Error> {
    let Cli { command, serve } = Cli::from_arg_matches(matches)?;
    let mut command = command.unwrap_or(Command::Serve(Box::new(serve)));
    let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
    match &mut command {
        Command::Serve(args) => {
            split(matches, "region", &mut args.region.region);
            split(matches, "allow_host", &mut args.control.allow_host);
            split(matches, "fixture", &mut args.fixture);
        }
        Command::CheckFixture(args) => split(matches, "region", &mut args.region.region),
        Command::GenerateFixture(_) | Command::Healthcheck(_) => {}
    }
    Ok(command)
}

fn split<T>(matches: &ArgMatches, id: &str, list: &mut Vec<T>)
where
    T: AsRef<OsStr> + for<'a> From<&'a str>,
{
    if matches.value_source(id) == Some(ValueSource::EnvVariable) {
        let texts = list.iter().map(|text| text.as_ref().to_string_lossy());
        let texts: Vec<_> = texts.collect();
        *list = texts
            .iter()
            .flat_map(|text| text.split(','))
            .map(T::from)
            .collect();
    }
}
