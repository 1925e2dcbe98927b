//! Moments and spans of time, in the API's notation.

use std::fmt;

use jiff::SignedDuration;
use serde::de::{Deserialize, Deserializer, Error as _, Unexpected};
use serde::{Serialize, Serializer};

/// A moment in whole seconds, as the API writes it: `yyyy-MM-ddTHH:mm:ssZ`, UTC.
///
/// Source: `ListCustomImages` reference, response field `CreationTime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub(super) jiff::Timestamp);

impl Timestamp {
    /// The earliest moment, in the year -9999, which the API's notation cannot write.
    pub(crate) const MIN: Self = Self(jiff::Timestamp::MIN);

    /// Reads the API's notation, exactly: 20 characters, a real date, years 0000 to 9999.
    ///
    /// Returns `None` for any other text, a second 60 included.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = Self(text.parse().ok()?);
        // Jiff reads more notations than the API writes, and second 60 as second 59.
        (moment.to_string() == text).then_some(moment)
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

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            let expected = "a real date as `yyyy-MM-ddTHH:mm:ssZ`";
            D::Error::invalid_value(Unexpected::Str(&text), &expected)
        })
    }
}

/// A span of time in whole milliseconds, forwards or backwards; written as `3s` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Its length.
    pub ms: i64,
}

impl Span {
    /// Longest span, in milliseconds: a hundred years.
    const MS_MAX: u64 = 100 * 366 * 24 * 60 * 60 * 1_000;

    /// A span of this many milliseconds.
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
        (whole && ms.unsigned_abs() <= Self::MS_MAX).then_some(Self { ms })
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", SignedDuration::from_millis(self.ms))
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
    #[case("-2000000h")]
    #[case("9223372036854775807ms")]
    #[case("-9223372036854775807ms")]
    // It has no positive counterpart.
    #[case("-9223372036854775808ms")]
    fn no_other_text_is_a_span(#[case] text: &str) {
        assert_eq!(Span::parse(text), None);
    }
}
