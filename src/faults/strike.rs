//! One strike of a fault: where it came from and what it does.

use std::fmt;

use crate::faults::Paging;
use crate::faults::effect::Effect;
use crate::wire::ApiError;

/// What strikes a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strike {
    /// The rule's id, or the magic AccessKeyId.
    pub(crate) by: String,
    /// How long the answer is held back, in milliseconds.
    pub(crate) delay_ms: Option<u64>,
    /// What happens to the answer, beside the delay.
    pub(crate) effect: Option<Effect>,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.by)?;
        if let Some(delay_ms) = self.delay_ms {
            write!(f, " delay {delay_ms}ms")?;
        }
        match &self.effect {
            Some(effect) => write!(f, " {effect}"),
            None => Ok(()),
        }
    }
}

impl Strike {
    /// The error that takes the place of the answer.
    pub(crate) fn error(&self) -> Option<&ApiError> {
        match &self.effect {
            Some(Effect::Error(error)) => Some(error),
            _ => None,
        }
    }

    /// The change between two pages that the answer simulates.
    pub(crate) fn paging(&self) -> Option<Paging> {
        match self.effect {
            Some(Effect::Paging(paging)) => Some(paging),
            _ => None,
        }
    }

    /// The status that reaches the client, 0 for none, and whether it can read the answer.
    pub(crate) fn reach(&self, status: u16) -> (u16, bool) {
        match &self.effect {
            Some(Effect::Reset | Effect::Empty) => (0, false),
            Some(Effect::Html502) => (502, false),
            Some(Effect::Truncate | Effect::Malformed) => (status, false),
            None
            | Some(Effect::Error(_) | Effect::Dribble(_) | Effect::WrongType | Effect::Paging(_)) => {
                (status, true)
            }
        }
    }
}
