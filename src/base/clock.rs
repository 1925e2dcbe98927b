//! A sandbox's clock, and the only place that reads the system's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::{Span, Timestamp};

/// A sandbox's own time: the system's, moved by an offset, or frozen.
#[derive(Debug)]
pub struct Clock {
    start: ClockMode,
    mode: Mutex<ClockMode>,
}

/// How a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// With the system's clock, so far before or after it.
    Running {
        /// Added to the system's time.
        offset: Span,
    },
    /// Not at all.
    Frozen {
        /// The moment it stands at, in milliseconds since 1970-01-01T00:00:00Z.
        at_unix_ms: i64,
    },
}

impl Default for ClockMode {
    fn default() -> Self {
        Self::Running {
            offset: Span::default(),
        }
    }
}

impl ClockMode {
    /// A clock that stands still at a moment.
    pub fn frozen(at: Timestamp) -> Self {
        Self::Frozen {
            at_unix_ms: at.unix_s().saturating_mul(1_000),
        }
    }
}

/// The clock would leave the years 0000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a clock stays within the years 0000 to 9999")]
pub struct ClockOutOfRange;

impl Clock {
    /// A clock that starts in a mode, and goes back to it.
    pub fn new(start: ClockMode) -> Self {
        Self {
            start,
            mode: Mutex::new(start),
        }
    }

    /// How the clock runs.
    pub fn mode(&self) -> ClockMode {
        *self.lock()
    }

    /// The present moment, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_unix_ms(&self) -> i64 {
        moment(*self.lock())
    }

    /// The present moment, cut to whole seconds.
    pub fn now(&self) -> Timestamp {
        let unix_s = self.now_unix_ms().div_euclid(1_000);
        // A clock never leaves the years that a timestamp has.
        Timestamp::from_unix_s(unix_s).unwrap_or(Timestamp(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Changes how the clock runs.
    ///
    /// # Errors
    /// [`ClockOutOfRange`] when the clock would leave the years 0000 to 9999; it stays as it is.
    pub fn set(&self, mode: ClockMode) -> Result<(), ClockOutOfRange> {
        check(mode)?;
        *self.lock() = mode;
        Ok(())
    }

    /// Moves the clock forwards, or backwards, whether it runs or stands.
    ///
    /// # Errors
    /// [`ClockOutOfRange`] when the clock would leave the years 0000 to 9999; it stays as it is.
    pub fn advance(&self, by: Span) -> Result<(), ClockOutOfRange> {
        let mut mode = self.lock();
        let mut moved = *mode;
        match &mut moved {
            ClockMode::Running { offset } => offset.ms = offset.ms.saturating_add(by.ms),
            ClockMode::Frozen { at_unix_ms } => *at_unix_ms = at_unix_ms.saturating_add(by.ms),
        }
        check(moved)?;
        *mode = moved;
        Ok(())
    }

    /// Goes back to the mode that the clock started in.
    pub fn reset(&self) {
        *self.lock() = self.start;
    }

    fn lock(&self) -> MutexGuard<'_, ClockMode> {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn moment(mode: ClockMode) -> i64 {
    match mode {
        ClockMode::Running { offset } => jiff::Timestamp::now()
            .as_millisecond()
            .saturating_add(offset.ms),
        ClockMode::Frozen { at_unix_ms } => at_unix_ms,
    }
}

fn check(mode: ClockMode) -> Result<(), ClockOutOfRange> {
    /// The first and the last moment of the years 0000 to 9999, as far as jiff supports them.
    const UNIX_MS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_207_200_000;
    if UNIX_MS.contains(&moment(mode)) {
        Ok(())
    } else {
        Err(ClockOutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_by_advance_and_not_out_of_its_years() {
        let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        let clock = Clock::new(ClockMode::frozen(start));
        assert_eq!(clock.now(), start);
        clock.advance(Span::from_ms(61_500)).unwrap();
        assert_eq!(clock.now().to_string(), "2026-01-01T00:01:01Z");
        assert_eq!(clock.advance(Span::from_ms(i64::MAX)), Err(ClockOutOfRange));
        assert_eq!(clock.now().to_string(), "2026-01-01T00:01:01Z");
        clock.reset();
        assert_eq!(clock.now(), start);
    }
}
