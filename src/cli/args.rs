//! The flags, each with its twin in the environment.

use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::config::LISTEN_DEFAULT;
use crate::telemetry::{LogFormat, LogLevel};

/// A local double of Alibaba Cloud's Simple Application Server API (`ListCustomImages`).
///
/// Point an SDK's endpoint at 127.0.0.1:8808, with the protocol http and any credentials. Without
/// a command, it serves.
#[derive(Debug, Parser)]
#[command(
    name = "swas-emulator",
    version,
    args_conflicts_with_subcommands = true
)]
#[command(
    after_help = "Every flag has a twin in the environment, named with it; lists have commas there. \
The command line beats the environment.

Examples:
  swas-emulator                                 serve the built-in account
  swas-emulator --fixture images.json           serve your own images
  swas-emulator --listen 127.0.0.1:0            serve on any free port
  swas-emulator check-fixture images.json       check images without serving
  curl 'http://127.0.0.1:8808/?Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou'

Standard output has two lines, `Listening on http://ADDR:PORT` and `Ready.`; logs go to standard \
error.

Exit codes: 0 stopped by a signal; 1 failed; 2 wrong arguments; 65 a fixture breaks a rule; 66 a \
fixture cannot be read."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the API (the default)
    Serve(ServeArgs),
    /// Check fixtures by every rule, without serving
    CheckFixture(CheckFixtureArgs),
    /// Ask a running emulator whether it is ready; exit code 0 if it is, 1 if not
    Healthcheck(HealthcheckArgs),
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) listen: ListenArgs,
    /// Images to seed with: a file, a folder (its *.json, in name order) or - for standard input
    ///
    /// May be given several times. Without it, the built-in account is served.
    #[arg(
        long,
        value_name = "PATH",
        hide_env_values = true,
        env = "SWAS_EMULATOR_FIXTURE"
    )]
    pub(super) fixture: Vec<PathBuf>,
    /// Keep the images in this SQLite file; without it, they are in memory
    #[arg(
        long,
        value_name = "FILE",
        hide_env_values = true,
        env = "SWAS_EMULATOR_DATABASE"
    )]
    pub(super) database: Option<PathBuf>,
    /// Seed the database anew, even if it holds a seed already
    #[arg(long, hide_env_values = true, env = "SWAS_EMULATOR_RESEED")]
    pub(super) reseed: bool,
    #[command(flatten)]
    pub(super) region: RegionArgs,
    /// Which log lines to write
    #[arg(
        long,
        value_name = "LEVEL",
        env = "SWAS_EMULATOR_LOG",
        default_value = "info"
    )]
    pub(super) log: LogLevel,
    /// How to write log lines
    #[arg(
        long,
        value_name = "FORMAT",
        env = "SWAS_EMULATOR_LOG_FORMAT",
        default_value = "text"
    )]
    pub(super) log_format: LogFormat,
}

#[derive(Debug, Args)]
pub(super) struct ListenArgs {
    /// Address to listen on; port 0 is any free one [default: 127.0.0.1:8808]
    ///
    /// The environment variable PORT, if set, replaces the default's port.
    #[arg(
        long,
        value_name = "ADDR:PORT",
        hide_env_values = true,
        env = "SWAS_EMULATOR_LISTEN"
    )]
    pub(super) listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(super) struct RegionArgs {
    /// Know this region id beside the vendor's; may be given several times
    #[arg(
        long,
        value_name = "ID",
        hide_env_values = true,
        env = "SWAS_EMULATOR_REGION"
    )]
    pub(super) region: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct CheckFixtureArgs {
    /// The fixtures: files, folders, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) fixtures: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) region: RegionArgs,
}

#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    #[command(flatten)]
    pub(super) listen: ListenArgs,
    /// Keep asking until it is ready
    #[arg(long)]
    pub(super) wait: bool,
    /// Give up after this many seconds [default: 1, or 30 with --wait]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(super) timeout: Option<std::time::Duration>,
}

fn parse_seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    std::time::Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl ListenArgs {
    /// The address to listen on: the flag or its twin, else the default with the port of `PORT`.
    pub(super) fn address(&self, environment: Environment) -> SocketAddr {
        let mut default = LISTEN_DEFAULT;
        if let Some(port) = environment.port {
            default.set_port(port);
        }
        self.listen.unwrap_or(default)
    }

    /// The address at which a process of this machine reaches the listener.
    pub(super) fn reachable_address(&self, environment: Environment) -> SocketAddr {
        let mut address = self.address(environment);
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        address
    }
}

/// What the environment says that is no flag's twin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Environment {
    /// `PORT`.
    port: Option<u16>,
}

/// Reads this process's arguments and environment; on wrong ones, says so and ends the process.
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

/// Forgets the twins that are set to nothing, as CI systems set inputs that nobody gave.
fn without_empty_twins(mut command: clap::Command) -> clap::Command {
    command = command.mut_args(|arg| match arg.get_env().and_then(variable) {
        Some(value) if value.is_empty() => arg.env(None::<&'static str>),
        _ => arg,
    });
    command.mut_subcommands(without_empty_twins)
}

/// Splits the lists that came from the environment at their commas.
fn split_lists(mut cli: Cli, matches: &ArgMatches) -> Cli {
    let (fixtures, regions, matches) = match (&mut cli.command, matches.subcommand()) {
        (Some(Command::Serve(args)), Some((_, matches))) => (
            Some(&mut args.fixture),
            Some(&mut args.region.region),
            matches,
        ),
        (Some(Command::CheckFixture(args)), Some((_, matches))) => {
            (None, Some(&mut args.region.region), matches)
        }
        (Some(_), _) => (None, None, matches),
        (None, _) => (
            Some(&mut cli.serve.fixture),
            Some(&mut cli.serve.region.region),
            matches,
        ),
    };
    let from_environment = |id| matches.value_source(id) == Some(ValueSource::EnvVariable);
    if let Some(fixtures) = fixtures.filter(|_| from_environment("fixture")) {
        *fixtures = fixtures
            .iter()
            .flat_map(|list| {
                list.to_string_lossy()
                    .split(',')
                    .map(PathBuf::from)
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    if let Some(regions) = regions.filter(|_| from_environment("region")) {
        *regions = regions
            .iter()
            .flat_map(|list| list.split(','))
            .map(str::to_owned)
            .collect();
    }
    cli
}
