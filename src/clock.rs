//! Time: the only place that reads the system's clock.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::SignedDuration;

/// A moment in whole seconds, as the API writes it: `yyyy-MM-ddTHH:mm:ssZ`, UTC.
///
/// Source: `ListCustomImages` reference, response field `CreationTime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Reads the API's notation, exactly: 20 characters, a real date, years 0000 to 9999.
    ///
    /// Returns `None` for any other text, a second 60 included.
    pub fn parse(text: &str) -> Option<Self> {
        const SHAPE: &[u8; 20] = b"0000-00-00T00:00:00Z";
        let fits = text.len() == SHAPE.len()
            && text.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                other => byte == *other,
            });
        // Jiff reads a leap second as second 59; the API's notation has none.
        if !fits || &text[17..19] == "60" {
            return None;
        }
        text.parse().ok().map(Self)
    }

    /// The moment that lies `unix_s` seconds after 1970-01-01T00:00:00Z.
    ///
    /// Returns `None` outside the years -9999 to 9999.
    pub fn from_unix_s(unix_s: i64) -> Option<Self> {
        jiff::Timestamp::from_second(unix_s).ok().map(Self)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_s(self) -> i64 {
        self.0.as_second()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.strftime("%Y-%m-%dT%H:%M:%SZ"), f)
    }
}

/// Writes the system's time as logs have it: `yyyy-MM-ddTHH:mm:ss.ffffffZ`, UTC.
///
/// # Errors
/// Those of the writer.
pub fn write_now(text: &mut impl fmt::Write) -> fmt::Result {
    thread_local! {
        /// The last second that was written, and its text: many moments share one.
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

/// A span of time in whole milliseconds, forwards or backwards; written as `3s` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Its length.
    pub ms: i64,
}

impl Span {
    /// Longest span, in milliseconds: a hundred years.
    const MS_MAX: i64 = 100 * 366 * 24 * 60 * 60 * 1_000;

    /// A span of so many milliseconds.
    pub fn from_ms(ms: i64) -> Self {
        Self { ms }
    }

    /// Reads a duration such as `750ms`, `3s`, `1h 30m`, `-5m` or `PT3S`.
    ///
    /// Returns `None` for any other text, for parts of a millisecond, and past a hundred years.
    pub fn parse(text: &str) -> Option<Self> {
        let duration: SignedDuration = text.parse().ok()?;
        let ms = i64::try_from(duration.as_millis()).ok()?;
        let whole = duration.subsec_nanos() % 1_000_000 == 0;
        (whole && ms.abs() <= Self::MS_MAX).then_some(Self { ms })
    }
}

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", SignedDuration::from_millis(self.ms))
    }
}

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
        let moved = match *mode {
            ClockMode::Running { offset } => ClockMode::Running {
                offset: Span::from_ms(offset.ms.saturating_add(by.ms)),
            },
            ClockMode::Frozen { at_unix_ms } => ClockMode::Frozen {
                at_unix_ms: at_unix_ms.saturating_add(by.ms),
            },
        };
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
    /// The first and the last moment of the years 0000 to 9999, as far as jiff goes.
    const UNIX_MS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_207_200_000;
    if UNIX_MS.contains(&moment(mode)) {
        Ok(())
    } else {
        Err(ClockOutOfRange)
    }
}

/// Measures a duration, unmoved by changes of any clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// The time since the start, from which on it measures anew.
    pub fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2022-10-09T02:28:06Z", 1_665_282_486)]
    #[case("1970-01-01T00:00:00Z", 0)]
    #[case("1969-12-31T23:59:59Z", -1)]
    #[case("2024-02-29T23:59:59Z", 1_709_251_199)]
    #[case("0000-01-01T00:00:00Z", -62_167_219_200)]
    #[case("9999-12-30T00:00:00Z", 253_402_128_000)]
    fn the_api_notation_is_read_and_written(#[case] text: &str, #[case] unix_s: i64) {
        let timestamp = Timestamp::parse(text).unwrap();
        assert_eq!(timestamp.unix_s(), unix_s);
        assert_eq!(timestamp.to_string(), text);
    }

    #[rstest]
    #[case("2022-10-09T02:28:06")]
    #[case("2022-10-09 02:28:06Z")]
    #[case("2022-10-09T02:28:06+00:00")]
    #[case("2022-10-09T02:28:06.5Z")]
    #[case("2022-13-01T00:00:00Z")]
    #[case("2023-02-29T00:00:00Z")]
    #[case("2022-10-09T24:00:00Z")]
    #[case("2022-10-09T02:28:60Z")]
    #[case("+022-10-09T02:28:06Z")]
    #[case("２022-10-09T02:28:0Z")]
    #[case("")]
    fn any_other_notation_is_refused(#[case] text: &str) {
        assert_eq!(Timestamp::parse(text), None);
    }

    #[rstest]
    #[case("750ms", 750, "750ms")]
    #[case("3s", 3_000, "3s")]
    #[case("90m", 5_400_000, "1h 30m")]
    #[case("-5m", -300_000, "5m ago")]
    #[case("PT3S", 3_000, "3s")]
    #[case("0s", 0, "0s")]
    fn a_span_is_read_and_written(#[case] text: &str, #[case] ms: i64, #[case] written: &str) {
        let span = Span::parse(text).unwrap();
        assert_eq!(span.ms, ms);
        assert_eq!(span.to_string(), written);
        assert_eq!(Span::parse(written), Some(span));
    }

    #[rstest]
    #[case("3")]
    #[case("soon")]
    #[case("")]
    #[case("1.5ms")]
    #[case("2000000h")]
    fn no_other_text_is_a_span(#[case] text: &str) {
        assert_eq!(Span::parse(text), None);
    }

    #[test]
    fn a_frozen_clock_moves_only_when_told_and_not_out_of_its_years() {
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
