//! The flags, each with its variable in the environment.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, PossibleValue};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::base::limits::{
    CACHE_BYTES_MAX, CONTROL_BODY_BYTES_MAX, JOURNAL_BYTES_MAX, JOURNAL_ENTRIES_MAX,
    SANDBOXES_BYTES_MAX, SANDBOXES_MAX,
};
use crate::base::{Span, Timestamp};
use crate::emulator::{Emulator, EmulatorBuilder, Listen, StartError};
use crate::fixture::Fixture;
use crate::server::ControlToken;
use crate::store::Durability;
use crate::telemetry::{LogFormat, LogLevel};

/// A test double of Alibaba Cloud's Simple Application Server API (`ListCustomImages`).
///
/// Set an SDK's endpoint to 127.0.0.1:8808, its protocol to http, and any credentials. Without a
/// command, it serves.
#[derive(Debug, Parser)]
#[command(
    name = "swas-emulator",
    version,
    args_conflicts_with_subcommands = true
)]
#[command(
    after_help = "Every flag has a variable in the environment, named beside it; lists have commas there. \
The command line wins over the environment.

Examples:
  swas-emulator                                 serve the built-in account
  swas-emulator --fixture images.json           serve your own images
  swas-emulator --listen 127.0.0.1:0            serve on any free port
  swas-emulator check-fixture images.json       check images without serving
  curl 'http://127.0.0.1:8808/?Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou'

Standard output has two lines, `Listening on http://ADDR:PORT` and `Ready.`; logs go to standard \
error.

Exit codes: 0 stopped by a signal; 1 failed; 2 wrong arguments; 65 a fixture breaks a rule; 66 a \
fixture cannot be read; 130 ended at once by a second SIGINT; 143 by a second SIGTERM."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the API until a signal stops it (the default)
    Serve(Box<ServeArgs>),
    /// Check fixtures by every rule, without serving
    CheckFixture(CheckFixtureArgs),
    /// Write a fixture of plausible images
    GenerateFixture(GenerateFixtureArgs),
    /// Ask a running emulator whether it is ready: exit code 0 if it is, 1 if not
    Healthcheck(HealthcheckArgs),
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) listen: ListenArgs,
    /// Images to seed with: a file, a folder (its *.json, by name) or - for standard input
    ///
    /// May be repeated. Without it, the built-in account is served.
    #[arg(long, value_name = "PATH", env = "SWAS_EMULATOR_FIXTURE")]
    pub(super) fixture: Vec<PathBuf>,
    /// Keep the sandbox `default` in this SQLite file; without it, everything is in memory
    #[arg(long, value_name = "FILE", env = "SWAS_EMULATOR_DATABASE")]
    pub(super) database: Option<PathBuf>,
    /// When a change of the database reaches the disk, which a loss of power shows
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "normal",
        env = "SWAS_EMULATOR_DURABILITY"
    )]
    pub(super) durability: Durability,
    /// Seed the database again, even if it holds a seed already
    #[arg(long, value_parser = BoolishValueParser::new())]
    #[arg(env = "SWAS_EMULATOR_RESEED")]
    pub(super) reseed: bool,
    #[command(flatten)]
    pub(super) region: RegionArgs,
    #[command(flatten)]
    pub(super) sandboxes: SandboxArgs,
    #[command(flatten)]
    pub(super) control: ControlArgs,
    /// Which log lines to write
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "info",
        env = "SWAS_EMULATOR_LOG"
    )]
    pub(super) log: LogLevel,
    /// How to write log lines
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        env = "SWAS_EMULATOR_LOG_FORMAT"
    )]
    pub(super) log_format: LogFormat,
}

impl ServeArgs {
    /// The emulator that the flags ask for; `port` is the variable `PORT`.
    pub(super) fn builder(self, port: Option<u16>) -> Result<EmulatorBuilder, StartError> {
        let mut builder = Emulator::builder()
            .durability(self.durability)
            .sandboxes_max(self.sandboxes.sandboxes_max)
            .sandboxes_bytes(self.sandboxes.sandboxes_bytes)
            .journal_entries(self.sandboxes.journal_entries)
            .journal_bytes(self.sandboxes.journal_bytes)
            .cache_bytes(self.sandboxes.cache_bytes)
            .control_body_bytes(self.control.control_body_max);
        for wanted in self.listen.wanted(port) {
            builder = match wanted {
                Listen::On(address) => builder.listen(address),
                Listen::Localhost(port) => builder.listen_on_localhost(port),
            };
        }
        for fixture in fixtures(&self.fixture)? {
            builder = builder.fixture(fixture);
        }
        if let Some(path) = self.database {
            builder = builder.database(path);
        }
        if self.reseed {
            builder = builder.reseed();
        }
        for id in self.region.region {
            builder = builder.region(id);
        }
        if self.sandboxes.isolate {
            builder = builder.isolate();
        }
        if let Some(ttl) = self.sandboxes.sandbox_ttl {
            builder = builder.sandbox_ttl(ttl);
        }
        if let Some(at) = self.sandboxes.clock {
            builder = builder.clock(at);
        }
        if let Some(seed) = self.sandboxes.rng_seed {
            builder = builder.rng_seed(seed);
        }
        if self.control.no_control {
            builder = builder.no_control();
        }
        if self.control.no_magic {
            builder = builder.no_magic();
        }
        if let Some(token) = self.control.control_token {
            builder = builder.control_token(token);
        }
        for name in self.control.allow_host {
            builder = builder.allow_host(name);
        }
        Ok(builder)
    }
}

impl ValueEnum for Durability {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Full, Self::Normal]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Full => PossibleValue::new("full").help("Before it is acknowledged"),
            Self::Normal => PossibleValue::new("normal").help("Some changes later"),
        })
    }
}

/// Opens the fixtures of these files and folders.
pub(super) fn fixtures(paths: &[PathBuf]) -> Result<Vec<Fixture>, StartError> {
    let mut fixtures = Vec::new();
    for path in paths {
        fixtures.extend(Fixture::from_path(path)?);
    }
    Ok(fixtures)
}

#[derive(Debug, Args)]
pub(super) struct ListenArgs {
    /// Address to listen on; port 0 is any free one [default: localhost:8808]
    ///
    /// The name `localhost` is both loopback addresses, of IPv4 and, if it is on, of IPv6. May be
    /// repeated; port 0 is then the port of the first address. The variable PORT, if set, replaces the
    /// port of the default.
    #[arg(long, value_name = "ADDR:PORT", value_parser = parse_listen, value_delimiter = ',')]
    #[arg(env = "SWAS_EMULATOR_LISTEN")]
    pub(super) listen: Vec<Listen>,
}

#[derive(Debug, Args)]
pub(super) struct RegionArgs {
    /// Accept this region id beside the vendor's; may be repeated
    #[arg(long, value_name = "ID", env = "SWAS_EMULATOR_REGION")]
    pub(super) region: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sandboxes")]
pub(super) struct SandboxArgs {
    /// Give each AccessKeyId a sandbox of its own, made from the seed on first use
    #[arg(long, value_parser = BoolishValueParser::new())]
    #[arg(env = "SWAS_EMULATOR_ISOLATE")]
    isolate: bool,
    /// Most sandboxes beside `default`; past them, the least recently used one is removed
    #[arg(long, value_name = "N", default_value_t = SANDBOXES_MAX)]
    #[arg(env = "SWAS_EMULATOR_SANDBOXES_MAX")]
    sandboxes_max: usize,
    /// Memory of all these sandboxes, in bytes; past it, the least recently used one is removed
    #[arg(long, value_name = "BYTES", default_value_t = SANDBOXES_BYTES_MAX)]
    #[arg(env = "SWAS_EMULATOR_SANDBOXES_BYTES")]
    sandboxes_bytes: u64,
    /// Remove a sandbox that was not used for this time, such as 30m; without it, none is removed
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    #[arg(env = "SWAS_EMULATOR_SANDBOX_TTL")]
    sandbox_ttl: Option<Duration>,
    /// Most requests that each sandbox's journal keeps; 0 switches it off
    #[arg(long, value_name = "N", default_value_t = JOURNAL_ENTRIES_MAX)]
    #[arg(env = "SWAS_EMULATOR_JOURNAL_ENTRIES")]
    journal_entries: usize,
    /// Memory of each sandbox's journal, in bytes; 0 switches it off
    #[arg(long, value_name = "BYTES", default_value_t = JOURNAL_BYTES_MAX)]
    #[arg(env = "SWAS_EMULATOR_JOURNAL_BYTES")]
    journal_bytes: usize,
    /// Memory for cached listings of all sandboxes, in bytes; 0 switches the cache off
    #[arg(long, value_name = "BYTES", default_value_t = CACHE_BYTES_MAX)]
    #[arg(env = "SWAS_EMULATOR_CACHE_BYTES")]
    cache_bytes: u64,
    /// Freeze every clock at this moment, such as 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_timestamp)]
    #[arg(env = "SWAS_EMULATOR_CLOCK")]
    clock: Option<Timestamp>,
    /// Make request IDs and generated ids the same in every run
    #[arg(long, value_name = "N", env = "SWAS_EMULATOR_RNG_SEED")]
    rng_seed: Option<u64>,
}

fn parse_span(text: &str) -> Result<Duration, String> {
    Span::parse(text)
        .and_then(|span| u64::try_from(span.ms).ok())
        .map(Duration::from_millis)
        .ok_or_else(|| "not a time such as `30m` or `90s`".to_owned())
}

fn parse_timestamp(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "not a date as `yyyy-MM-ddTHH:mm:ssZ`".to_owned())
}

/// Takes any text, since the message of a refusal would show it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature is the one of a parser"
)]
fn parse_token(text: &str) -> Result<ControlToken, Infallible> {
    Ok(ControlToken::from(text.to_owned()))
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Control API and faults")]
pub(super) struct ControlArgs {
    /// Switch off everything under /_emulator/
    #[arg(long, value_parser = BoolishValueParser::new())]
    #[arg(env = "SWAS_EMULATOR_NO_CONTROL")]
    no_control: bool,
    /// Read an AccessKeyId such as ci7+Throttling.User:2 as a key, not as a fault
    #[arg(long, value_parser = BoolishValueParser::new())]
    #[arg(env = "SWAS_EMULATOR_NO_MAGIC")]
    no_magic: bool,
    /// Let only clients use the control API that send `Authorization: Bearer TOKEN`
    #[arg(long, value_name = "TOKEN", value_parser = parse_token)]
    #[arg(env = "SWAS_EMULATOR_CONTROL_TOKEN")]
    control_token: Option<ControlToken>,
    /// Largest body of a control request, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = CONTROL_BODY_BYTES_MAX)]
    #[arg(env = "SWAS_EMULATOR_CONTROL_BODY_MAX")]
    control_body_max: usize,
    /// Accept control requests to this host name too; may be repeated
    #[arg(long, value_name = "NAME", env = "SWAS_EMULATOR_ALLOW_HOST")]
    pub(super) allow_host: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct GenerateFixtureArgs {
    /// How many images
    #[arg(long, value_name = "N")]
    pub(super) count: u64,
    /// The same seed gives the same bytes, on every machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) rng_seed: u64,
    /// Only in this region; may be repeated
    #[arg(long, value_name = "ID")]
    pub(super) region: Vec<String>,
    /// Write to this file; without it, to standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
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
    pub(super) timeout: Option<Duration>,
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn parse_listen(text: &str) -> Result<Listen, String> {
    const LOCALHOST: &str = "localhost:";
    if let Some((name, port)) = text.split_at_checked(LOCALHOST.len())
        && name.eq_ignore_ascii_case(LOCALHOST)
        && let Ok(port) = port.parse()
    {
        return Ok(Listen::Localhost(port));
    }
    text.parse().map(Listen::On).map_err(|_| {
        "not an address with its port, such as `127.0.0.1:8808`, `[::1]:8808` or `localhost:8808`"
            .to_owned()
    })
}

impl ListenArgs {
    /// Where to listen: the flags or their variable, else the default with the port of `PORT`.
    fn wanted(&self, port: Option<u16>) -> Vec<Listen> {
        match self.listen.as_slice() {
            [] => vec![Listen::Localhost(port.unwrap_or(8808))],
            wanted => wanted.to_vec(),
        }
    }

    /// The address at which a process of this machine reaches the first listener.
    pub(super) fn reachable_address(&self, port: Option<u16>) -> SocketAddr {
        let mut address = self.wanted(port)[0].first();
        match address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            IpAddr::V4(_) | IpAddr::V6(_) => {}
        }
        address
    }
}
