//! Logs: one line each on standard error.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, IsTerminal as _};

use tracing::field::Field;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

/// How a log line is written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Which log lines are written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogLevel {
    /// None.
    Off,
    /// Failures inside.
    Error,
    /// Odd requests and settings too.
    Warn,
    /// One line a request too.
    Info,
    /// What connections do too.
    Debug,
    /// Everything.
    Trace,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

/// Sends this process's logs to standard error.
pub(crate) fn start(level: LogLevel, format: LogFormat) {
    let logs = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::from(level))
        .with_timer(write_now as fn(&mut Writer<'_>) -> fmt::Result)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text if io::stderr().is_terminal() => logs.init(),
        // The same text as the default's, which pays for colours that it does not use.
        LogFormat::Text => logs.fmt_fields(debug_fn(field).delimited(" ")).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

fn field(text: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(text, "{value:?}"),
        name => write!(text, "{name}={value:?}"),
    }
}

/// Writes the system's time as logs have it: `yyyy-MM-ddTHH:mm:ss.ffffffZ`, UTC.
fn write_now(text: &mut Writer<'_>) -> fmt::Result {
    thread_local! {
        /// The last second that was written, and its text: many lines share one.
        static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    let now = jiff::Timestamp::now();
    SECOND.with_borrow_mut(|(unix_s, second)| {
        if *unix_s != now.as_second() {
            *unix_s = now.as_second();
            *second = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        }
        write!(text, "{second}.{:06}Z", now.subsec_nanosecond() / 1_000)
    })
}
