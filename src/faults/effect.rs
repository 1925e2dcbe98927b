//! What a fault does to an answer.

use std::fmt;
use std::time::Duration;

use oorandom::Rand64;

use crate::faults::Paging;
use crate::wire::ApiError;

/// What happens to an answer; one of these at a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// An error of the vendor's, or one of the user's own, in the place of the answer.
    Error(ApiError),
    /// The connection is reset: a real RST.
    Reset,
    /// The connection is closed without a byte.
    Empty,
    /// The header, then half the body, then the end of the connection.
    Truncate,
    /// The body in small pieces, spread over this time.
    Dribble(Duration),
    /// A body that is no JSON, under the answer's own header.
    Malformed,
    /// A proxy's page: 502, HTML.
    Html502,
    /// `TotalCount` as a number, where the vendor has a string.
    WrongType,
    /// A change between two pages of a listing.
    Paging(Paging),
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "error {}", error.code),
            Self::Reset => f.write_str("reset"),
            Self::Empty => f.write_str("empty"),
            Self::Truncate => f.write_str("truncate"),
            Self::Dribble(time) => write!(f, "dribble {}ms", time.as_millis()),
            Self::Malformed => f.write_str("malformed"),
            Self::Html502 => f.write_str("html502"),
            Self::WrongType => f.write_str("wrongType"),
            Self::Paging(Paging { change, after_page }) => {
                write!(f, "paging {} after page {after_page}", change.name())
            }
        }
    }
}

/// How long an answer is held back: a time between two ends, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delay {
    pub(super) min_ms: u64,
    pub(super) max_ms: u64,
}

impl Delay {
    pub(super) fn draw_ms(self, random: &mut Rand64) -> u64 {
        random.rand_range(self.min_ms..self.max_ms + 1)
    }
}
