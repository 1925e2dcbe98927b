//! Which state the images are in, so that what was found in one is not taken for another's.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::store::ListingCache;

/// The number of the images as they are, for all connections to one database.
#[derive(Debug)]
pub(super) struct Generation {
    number: AtomicU64,
    /// Whether a change may be under way on another connection than the one for reads.
    is_changing: AtomicBool,
}

/// No state: between the old one and the new one, nothing that is found is kept.
const BETWEEN: u64 = u64::MAX;

/// Marks a change until it is dropped.
pub(super) struct Changing<'a>(&'a AtomicBool);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Generation {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number: AtomicU64::new(number),
            is_changing: AtomicBool::new(false),
        }
    }

    /// The number of a state that stays as it is.
    pub(super) fn of_view(number: Option<u64>) -> Self {
        Self::new(number.unwrap_or(BETWEEN))
    }

    /// The number of the state; `None` while it is being replaced.
    pub(super) fn number(&self) -> Option<u64> {
        let number = self.number.load(Ordering::Acquire);
        (number != BETWEEN).then_some(number)
    }

    /// Gives the images another number, whether or not the commit succeeds.
    pub(super) fn replace<T>(&self, cache: &ListingCache, commit: impl FnOnce() -> T) -> T {
        self.number.store(BETWEEN, Ordering::Release);
        let committed = commit();
        self.number
            .store(cache.next_generation(), Ordering::Release);
        committed
    }

    /// Marks that a change is under way.
    pub(super) fn changing(&self) -> Changing<'_> {
        self.is_changing.store(true, Ordering::Release);
        Changing(&self.is_changing)
    }

    pub(super) fn is_changing(&self) -> bool {
        self.is_changing.load(Ordering::Acquire)
    }
}
