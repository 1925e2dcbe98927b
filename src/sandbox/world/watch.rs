//! What is known of the timelines of a state, so that most reads need not look at them.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the timelines of the present state.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Watch(Mutex<Known>);

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// Whether anything is yet to happen to a resource.
    has_timelines: bool,
    /// Counts the changes of the state.
    n_changes: u64,
    quiet: Option<Quiet>,
}

/// For how long nothing happens as long as nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) struct Quiet {
    /// The first moment at which a step is due; `i64::MAX` for never.
    pub(in crate::sandbox) until_unix_ms: i64,
    /// Whether a step waits for listings.
    pub(in crate::sandbox) counts_lists: bool,
}

impl Watch {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state was changed.
    pub(super) fn changed(&self, has_timelines: bool) {
        let mut known = self.lock();
        known.has_timelines = has_timelines;
        known.n_changes += 1;
        known.quiet = None;
    }

    /// Tells whether anything is yet to happen to a resource.
    pub(super) fn has_timelines(&self) -> bool {
        self.lock().has_timelines
    }

    /// Tells whether a step may be due; if so, returns the number of changes so far.
    pub(in crate::sandbox) fn may_be_due(&self, now_unix_ms: i64) -> Option<u64> {
        let known = self.lock();
        let is_quiet = known
            .quiet
            .is_some_and(|quiet| now_unix_ms < quiet.until_unix_ms);
        (known.has_timelines && !is_quiet).then_some(known.n_changes)
    }

    /// Nothing was due in the state after this number of changes.
    pub(in crate::sandbox) fn is_quiet(&self, n_changes: u64, quiet: Quiet) {
        let mut known = self.lock();
        if known.n_changes == n_changes {
            known.quiet = Some(quiet);
        }
    }

    /// Tells whether a step may wait for listings.
    pub(in crate::sandbox) fn counts_lists(&self) -> bool {
        let known = self.lock();
        known.has_timelines && known.quiet.is_none_or(|quiet| quiet.counts_lists)
    }
}
