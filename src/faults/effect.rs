//! What a fault does to an answer.

use std::fmt;
use std::time::Duration;

use oorandom::Rand64;

/// What happens to an answer; one of these at a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// An error of the vendor's, or one of the user's own, in the place of the answer.
    Error(FaultError),
    /// The connection is reset: a real RST.
    Reset,
    /// The connection is closed without a byte.
    Empty,
    /// The header, then half the body, then the end of the connection.
    Truncate,
    /// The body in small pieces, over so much time.
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

/// What reaches the client of an answer that a fault struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The status, 0 for none.
    pub(crate) status: u16,
    /// Whether the client can read the answer.
    pub(crate) is_readable: bool,
}

impl Effect {
    /// What reaches the client of an answer with a status.
    pub(crate) fn reach(&self, status: u16) -> Reach {
        let (status, is_readable) = match self {
            Self::Reset | Self::Empty => (0, false),
            Self::Html502 => (502, false),
            Self::Truncate | Self::Malformed => (status, false),
            Self::Error(_) | Self::Dribble(_) | Self::WrongType | Self::Paging(_) => (status, true),
        };
        Reach {
            status,
            is_readable,
        }
    }
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
            Self::Paging(paging) => {
                let (name, _) = PagingChange::ALL
                    .into_iter()
                    .find(|(_, change)| *change == paging.change)
                    .unwrap_or(("", paging.change));
                write!(f, "paging {name} after page {}", paging.after_page)
            }
        }
    }
}

/// An error that a fault answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultError {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// The body's `Code`.
    pub code: String,
    /// The body's `Message`.
    pub message: String,
    /// The header `x-acs-retry-after`, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// A listing that seems to change after one of its pages; the store does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// What seems to happen.
    pub change: PagingChange,
    /// After which page, from 1; the pages behind it are struck.
    pub after_page: u32,
}

/// What seems to happen between two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagingChange {
    /// An image was inserted before those seen: the next page repeats the last image seen.
    InsertBefore,
    /// An image that was seen was deleted: the next page leaves one image out.
    DeleteSeen,
    /// The total grows by one, and nothing else.
    TotalDrift,
    /// A page that is not the last has one image too few.
    ShortPage,
}

impl PagingChange {
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("insert-before", Self::InsertBefore),
        ("delete-seen", Self::DeleteSeen),
        ("total-drift", Self::TotalDrift),
        ("short-page", Self::ShortPage),
    ];
}

/// How long an answer is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delay {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

impl Delay {
    /// A time between the two ends, both in milliseconds.
    pub(super) fn draw_ms(self, random: &mut Rand64) -> u64 {
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let (min, max) = (ms(self.min), ms(self.max));
        if min == max {
            min
        } else {
            random.rand_range(min..max + 1)
        }
    }
}
