//! A time limit for statements, so that none holds up whoever waits for the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use crate::base::Stopwatch;

/// The time limit of one connection; none is set at first.
#[derive(Debug)]
pub(super) struct TimeLimit {
    clock: Stopwatch,
    /// When statements are interrupted, in microseconds of the clock; 0 for never.
    until_us: Arc<AtomicU64>,
}

/// Statements are interrupted at the time limit until it is dropped.
#[derive(Debug)]
pub(super) struct Limited<'a>(&'a AtomicU64);

impl Drop for Limited<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl TimeLimit {
    /// Watches over the statements of a connection.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        /// Steps of a statement between two looks at the clock; they take some ten microseconds.
        const STEPS: i32 = 1_000;
        let clock = Stopwatch::start();
        let until_us = Arc::new(AtomicU64::new(0));
        let until = Arc::clone(&until_us);
        let is_over = move || {
            let until_us = until.load(Ordering::Relaxed);
            until_us > 0 && micros(clock.elapsed()) > until_us
        };
        connection.progress_handler(STEPS, Some(is_over))?;
        Ok(Self { clock, until_us })
    }

    /// Interrupts statements that run for longer than this from now on; for whoever holds the
    /// connection.
    pub(super) fn set(&self, time: Duration) -> Limited<'_> {
        let until_us = micros(self.clock.elapsed() + time).max(1);
        self.until_us.store(until_us, Ordering::Relaxed);
        Limited(&self.until_us)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test should panic")]

    use super::*;
    use crate::store::StoreError;

    /// Counts to a number, which takes some ten nanoseconds a step.
    fn count(connection: &Connection, to: u64) -> Result<u64, StoreError> {
        let sql = "WITH RECURSIVE numbers (n) AS
                   (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                   SELECT count(*) FROM numbers";
        Ok(connection.query_row(sql, [to], |row| row.get(0))?)
    }

    #[test]
    fn a_statement_that_takes_too_long_is_interrupted_and_the_next_one_is_not() {
        let connection = Connection::open_in_memory().unwrap();
        let limit = TimeLimit::of(&connection).unwrap();
        let limited = limit.set(Duration::from_millis(1));
        let found = count(&connection, u64::from(u32::MAX));
        assert!(matches!(found, Err(StoreError::TooLong)), "{found:?}");
        drop(limited);
        assert_eq!(count(&connection, 200_000).unwrap(), 200_000);
    }
}
