//! Time: the only place that reads the system's clock.

use std::fmt;
use std::time::{Duration, Instant};

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

/// Where an emulator takes the time from.
#[derive(Debug, Clone, Default)]
pub struct Clock;

impl Clock {
    /// The present moment, cut to whole seconds.
    pub fn now(&self) -> Timestamp {
        let now = jiff::Timestamp::now();
        Timestamp::from_unix_s(now.as_second()).unwrap_or(Timestamp(now))
    }
}

/// Measures a duration, unmoved by changes of the system's clock.
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
}
