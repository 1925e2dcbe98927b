//! Lines that are gathered and written together: a busy emulator makes few system calls.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use crate::base::Stopwatch;
use crate::base::limits::LOG_BYTES_GATHERED_MAX;

/// How long a line may wait for others, at most.
const PAUSE: Duration = Duration::from_millis(2);

/// Standard error, to which lines go in order and whole.
///
/// A line after a pause goes at once, and so does a warning or an error with all before it. Only
/// lines that follow each other closely are gathered, for 2 ms at most.
#[derive(Debug, Clone)]
pub(super) struct Gather(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    gathered: Mutex<Gathered>,
    some: Condvar,
    /// Held while lines are written, so that they stay in order; empty in between.
    written: Mutex<Vec<u8>>,
}

#[derive(Debug)]
struct Gathered {
    lines: Vec<u8>,
    /// Runs since lines were written last.
    unwritten: Stopwatch,
    /// Whether nobody comes to write what is gathered.
    is_over: bool,
}

impl Gather {
    /// Starts the thread that writes what was gathered; without it, nothing is.
    pub(super) fn start() -> Self {
        let shared = Arc::new(Shared {
            gathered: Mutex::new(Gathered {
                lines: Vec::new(),
                unwritten: Stopwatch::start(),
                is_over: false,
            }),
            some: Condvar::new(),
            written: Mutex::default(),
        });
        let writer = Arc::clone(&shared);
        let thread = thread::Builder::new().name("log".to_owned());
        let is_over = thread.spawn(move || writer.write_for_ever()).is_err();
        shared.gathered().is_over = is_over;
        Self(shared)
    }

    /// Writes what is gathered; from now on, every line goes at once.
    pub(super) fn end(&self) {
        self.0.gathered().is_over = true;
        self.0.write_gathered();
    }
}

impl Shared {
    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, line: &[u8], level: Level) {
        let mut gathered = self.gathered();
        let is_first = gathered.lines.is_empty();
        gathered.lines.extend_from_slice(line);
        let at_once = level <= Level::WARN
            || gathered.is_over
            || gathered.lines.len() >= LOG_BYTES_GATHERED_MAX
            || is_first && gathered.unwritten.elapsed() >= PAUSE;
        drop(gathered);
        if at_once {
            self.write_gathered();
        } else if is_first {
            self.some.notify_one();
        }
    }

    fn write_gathered(&self) {
        let mut lines = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let mut gathered = self.gathered();
        std::mem::swap(&mut *lines, &mut gathered.lines);
        gathered.unwritten = Stopwatch::start();
        drop(gathered);
        // An emulator whose log nobody reads serves all the same.
        io::stderr().write_all(&lines).ok();
        lines.clear();
        lines.shrink_to(2 * LOG_BYTES_GATHERED_MAX);
    }

    fn write_for_ever(&self) {
        loop {
            let gathered = self.gathered();
            let some = self
                .some
                .wait_while(gathered, |gathered| gathered.lines.is_empty());
            drop(some.unwrap_or_else(PoisonError::into_inner));
            thread::sleep(PAUSE);
            self.write_gathered();
        }
    }
}

impl<'a> MakeWriter<'a> for Gather {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            shared: &self.0,
            level: Level::INFO,
        }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line<'a> {
        Line {
            shared: &self.0,
            level: *meta.level(),
        }
    }
}

/// Takes one line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    shared: &'a Shared,
    level: Level,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.take(line, self.level);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
