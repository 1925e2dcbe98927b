//! The time that a request takes, in laps, from its head on.

use std::cell::Cell;
use std::time::Duration;

use crate::base::Stopwatch;
use crate::journal::Durations;

/// The laps of one request.
#[derive(Debug)]
pub struct Laps {
    total: Stopwatch,
    lap: Cell<Stopwatch>,
    durations: Cell<Durations>,
}

impl Laps {
    /// Starts with the first lap: reading and checking.
    pub(crate) fn start() -> Self {
        let total = Stopwatch::start();
        Self {
            total,
            lap: Cell::new(total),
            durations: Cell::default(),
        }
    }

    /// The request is read and checked.
    pub(crate) fn parsed(&self) {
        self.end(|durations, us| durations.parse_us = us);
    }

    /// The store has answered.
    pub(crate) fn stored(&self) {
        self.end(|durations, us| durations.store_us = us);
    }

    /// The answer is written.
    pub(crate) fn rendered(&self) {
        self.end(|durations, us| durations.render_us = us);
    }

    fn end(&self, note: impl FnOnce(&mut Durations, u64)) {
        let (mut lap, mut durations) = (self.lap.get(), self.durations.get());
        note(&mut durations, micros(lap.lap()));
        self.lap.set(lap);
        self.durations.set(durations);
    }

    /// The time since the request's head, in microseconds.
    pub(crate) fn total_us(&self) -> u64 {
        micros(self.total.elapsed())
    }

    /// The laps so far; all of the time is reading and checking when no lap has ended.
    pub(crate) fn durations(&self) -> Durations {
        let mut durations = self.durations.get();
        if durations == Durations::default() {
            durations.parse_us = self.total_us();
        }
        durations
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
