//! Logs: one line each on standard error, which never keeps anybody waiting.

mod cut;
mod outlet;

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write};
use std::panic::{self, PanicHookInfo};
use std::{fmt, str};

use tracing::Metadata;
use tracing::field::Field;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::base::limits::LOG_LINE_BYTES_MAX;

pub(crate) use outlet::Outlet;
use outlet::Room;

/// Marks the line that tells of lost ones.
const LOST: &str = "lost";

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

/// Sends this process's logs to standard error; returns the outlet that they go through.
///
/// # Errors
/// [`io::Error`] when the thread that writes them cannot be started.
pub(crate) fn start(level: LogLevel, format: LogFormat) -> io::Result<Outlet> {
    let outlet = Outlet::start(io::stderr(), |n_lines| {
        tracing::warn!(target: LOST, n_lines, "lines of the log were lost, as nobody took them");
    })?;
    let lines = Lines {
        outlet: outlet.clone(),
        format,
    };
    let logs = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::from(level))
        .with_timer(write_now as fn(&mut Writer<'_>) -> fmt::Result)
        .with_writer(lines)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text if io::stderr().is_terminal() => logs.init(),
        // The same text as the default's, which pays for colours that it does not use.
        LogFormat::Text => logs.fmt_fields(debug_fn(field).delimited(" ")).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
    // The default hook would write to standard error itself, and wait for its reader.
    panic::set_hook(Box::new(log_panic));
    Ok(outlet)
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(tracing::field::display);
    tracing::error!(location, cause = panic.payload_as_str(), "panicked");
}

/// Where the lines of the log are written.
struct Lines {
    outlet: Outlet,
    format: LogFormat,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: self,
            room: Room::Limited,
        }
    }

    fn make_writer_for(&'a self, line: &Metadata<'_>) -> Line<'a> {
        let mut writer = self.make_writer();
        if line.target() == LOST {
            writer.room = Room::Reserved;
        }
        writer
    }
}

/// Where one line is written, all of it at once.
struct Line<'a> {
    lines: &'a Lines,
    room: Room,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Lines { outlet, format } = self.lines;
        match str::from_utf8(line) {
            Ok(text) if line.len() > LOG_LINE_BYTES_MAX => {
                outlet.push(cut::cut(text, *format).as_bytes(), self.room);
            }
            _ => outlet.push(line, self.room),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
