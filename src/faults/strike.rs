//! One strike of a fault: where it came from and what it does.

use std::fmt;

use crate::faults::effect::{Delay, Effect, FaultError, Paging, Reach};

/// What strikes a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strike {
    /// The rule's id, or the magic AccessKeyId.
    pub(crate) by: String,
    /// How long the answer is held back.
    pub(crate) delay: Option<Delay>,
    /// What happens to the answer, beside the delay.
    pub(crate) effect: Option<Effect>,
    /// The delay that was drawn, in milliseconds.
    pub(crate) delay_ms: u64,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.by)?;
        if self.delay.is_some() {
            write!(f, " delay {}ms", self.delay_ms)?;
        }
        match &self.effect {
            Some(effect) => write!(f, " {effect}"),
            None => Ok(()),
        }
    }
}

impl Strike {
    /// The error that takes the place of the answer.
    pub(crate) fn error(&self) -> Option<&FaultError> {
        match &self.effect {
            Some(Effect::Error(error)) => Some(error),
            _ => None,
        }
    }

    /// The change between two pages that the answer pretends.
    pub(crate) fn paging(&self) -> Option<Paging> {
        match self.effect {
            Some(Effect::Paging(paging)) => Some(paging),
            _ => None,
        }
    }

    /// What reaches the client of an answer with a status.
    pub(crate) fn reach(&self, status: u16) -> Reach {
        match &self.effect {
            Some(effect) => effect.reach(status),
            None => Reach {
                status,
                is_readable: true,
            },
        }
    }
}
