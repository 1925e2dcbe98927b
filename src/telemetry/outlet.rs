//! An outlet for text: a queue, and one thread that writes it to a stream.
//!
//! A stream may be slow, gone, or never read. So nobody who logs writes to it: text goes to a queue
//! of limited size, and a line that finds no room there is lost and counted.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use memchr::{memchr, memchr_iter};

use crate::base::limits::LOG_QUEUE_BYTES_MAX;

/// Time between two writes: what is logged meanwhile leaves in one piece.
const PAUSE: Duration = Duration::from_millis(1);

/// Time before a stream that takes nothing at the moment is tried again.
const PAUSE_WHEN_FULL: Duration = Duration::from_millis(5);

/// Where lines of text go that must never keep anybody waiting.
#[derive(Debug, Clone)]
pub(crate) struct Outlet(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Text has come while the writer waited.
    came: Condvar,
    /// The writer has written all that it took.
    written: Condvar,
    n_lost: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Queue {
    text: Vec<u8>,
    /// Whether the writer waits for text, so that it must be woken.
    writer_waits: bool,
    /// Whether the writer holds text that is not written yet.
    writer_writes: bool,
    /// Lost lines that the log has not told of.
    n_untold: u64,
}

/// Whether text may be lost for want of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// It may.
    Limited,
    /// It may not: the line that tells of lost ones.
    Reserved,
}

impl Outlet {
    /// Starts the thread that writes to a stream.
    ///
    /// After each write that worked, `tell` gets the number of lines that were lost before, if any.
    ///
    /// # Errors
    /// [`io::Error`] when the thread cannot be started.
    pub(crate) fn start(
        stream: impl Write + Send + 'static,
        tell: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let outlet = Self(Arc::default());
        let shared = Arc::clone(&outlet.0);
        thread::Builder::new()
            .name("swas-emulator-log".to_owned())
            .spawn(move || shared.write_all(stream, tell))?;
        Ok(outlet)
    }

    /// Queues text, which ends in a line break unless a terminal draws over it.
    pub(crate) fn write(&self, text: &str) {
        self.push(text.as_bytes(), Room::Limited);
    }

    /// Queues text; without room it is lost, and its lines are counted.
    pub(super) fn push(&self, text: &[u8], room: Room) {
        let mut queue = self.0.lock();
        if room == Room::Limited && queue.text.len() + text.len() > LOG_QUEUE_BYTES_MAX {
            self.0.lose(&mut queue, text);
            return;
        }
        queue.text.extend_from_slice(text);
        if std::mem::take(&mut queue.writer_waits) {
            drop(queue);
            self.0.came.notify_one();
        }
    }

    /// Lines that were lost so far.
    pub(crate) fn n_lost(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.n_lost)
    }

    /// Waits until everything is written, but no longer than this.
    pub(crate) fn finish(&self, time_max: Duration) {
        let is_busy = |queue: &mut Queue| queue.writer_writes || !queue.text.is_empty();
        let queue = self.0.lock();
        let waited = self.0.written.wait_timeout_while(queue, time_max, is_busy);
        drop(waited);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self, queue: &mut Queue, text: &[u8]) {
        let n_lines = memchr_iter(b'\n', text).count() as u64;
        queue.n_untold += n_lines;
        self.n_lost.fetch_add(n_lines, Ordering::Relaxed);
    }

    /// Writes what comes, as long as the process lives.
    fn write_all(&self, mut stream: impl Write, tell: impl Fn(u64)) {
        let mut text = Vec::new();
        loop {
            self.take(&mut text);
            let n_written = write(&mut stream, &text);
            let n_untold = self.settle(&mut text, n_written);
            if n_untold > 0 {
                tell(n_untold);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Waits for text and takes all of it, behind what `text` has already.
    fn take(&self, text: &mut Vec<u8>) {
        let mut queue = self.lock();
        queue.writer_waits = queue.text.is_empty();
        let queue = self.came.wait_while(queue, |queue| queue.text.is_empty());
        let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
        queue.writer_waits = false;
        queue.writer_writes = true;
        if text.is_empty() {
            std::mem::swap(text, &mut queue.text);
        } else {
            text.append(&mut queue.text);
        }
    }

    /// Keeps the rest of a line that is begun, counts the lines behind it as lost, and returns how
    /// many lost lines are to be told of: none as long as the stream takes nothing.
    fn settle(&self, text: &mut Vec<u8>, n_written: usize) -> u64 {
        let mut queue = self.lock();
        queue.writer_writes = false;
        self.written.notify_all();
        let (written, unwritten) = text.split_at(n_written);
        if unwritten.is_empty() {
            text.clear();
            return std::mem::take(&mut queue.n_untold);
        }
        let is_begun = !matches!(written, [] | [.., b'\n']);
        let n_kept = match memchr(b'\n', unwritten) {
            Some(end) if is_begun => end + 1,
            None | Some(_) => 0,
        };
        self.lose(&mut queue, &unwritten[n_kept..]);
        *text = unwritten[..n_kept].to_vec();
        0
    }
}

/// Writes text until all of it is written or the stream fails; returns how much is written.
fn write(stream: &mut impl Write, text: &[u8]) -> usize {
    let mut n_written = 0;
    while n_written < text.len() {
        match stream.write(&text[n_written..]) {
            Ok(0) => break,
            Ok(n_bytes) => n_written += n_bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Whoever started this process may have set the stream so that it never waits.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE_WHEN_FULL),
            Err(_) => break,
        }
    }
    // Standard output keeps what has no line break yet.
    stream.flush().ok();
    n_written
}
