//! A call of an action, and what it gives.

use std::sync::Arc;

use crate::base::Effort;
use crate::faults::Paging;
use crate::journal::Laps;
use crate::sandbox::Sandbox;
use crate::wire::{Answer, Params, Warning};

/// A call of an action, by a request that has passed the checks common to all actions.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The sandbox of the request.
    pub sandbox: &'a Sandbox,
    /// The parameters as sent.
    pub params: &'a Params,
    /// A change between two pages that a fault simulates.
    pub paging: Option<Paging>,
    /// How long the action may run where it is.
    pub effort: Effort,
    /// Where the request's time goes; an action marks the ends of its laps.
    pub laps: &'a Laps,
}

/// An answer, and what the log, the journal and our own headers need besides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The total that was answered, for a list.
    pub total_count: Option<u64>,
    /// The ids of the resources answered.
    pub ids: Arc<[String]>,
    /// What was odd about the request.
    pub warnings: Vec<Warning>,
    /// Why a list has no entries, when it has none.
    pub emptiness: Option<Emptiness>,
}

/// Why a list has no entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Emptiness {
    /// Nothing matches: the funnel in one line.
    NothingMatches(String),
    /// Nothing matches, in a sandbox too large to explain it with every answer.
    NotExplained,
    /// The page lies past the end: `page 3 of 2`.
    PastTheEnd(String),
}
