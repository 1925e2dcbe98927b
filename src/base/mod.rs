//! Limits, time, random numbers and texts, which know nothing of the emulator.

mod clock;
mod effort;
pub(crate) mod limits;
mod random;
mod similar;
mod stopwatch;
mod text;
mod time;

pub(crate) use clock::ClockOutOfRange;
pub use clock::{Clock, ClockMode};
pub use effort::Effort;
pub(crate) use random::Random;
pub(crate) use similar::{did_you_mean, nearest};
pub(crate) use stopwatch::Stopwatch;
pub(crate) use text::{one_line, shortened};
pub use time::{Span, Timestamp};
