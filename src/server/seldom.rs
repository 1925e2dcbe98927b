//! Log lines about what clients may repeat at will.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::Stopwatch;

/// Time from one line to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts how often something happened, and says when it is time for a line about it.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<Happened>);

#[derive(Debug, Default)]
struct Happened {
    n: u64,
    last_line: Option<Stopwatch>,
}

impl Seldom {
    /// It has happened again: the number so far, if a line is due.
    pub(super) fn again(&self) -> Option<u64> {
        let mut happened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        happened.n += 1;
        let last_line = happened.last_line;
        if last_line.is_some_and(|last_line| last_line.elapsed() < PAUSE) {
            return None;
        }
        happened.last_line = Some(Stopwatch::start());
        Some(happened.n)
    }
}
