//! Turns: who changes a world, one after the other.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::base::Effort;
use crate::store::StoreError;

/// The turns of one world.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<()>);

impl Turns {
    /// Waits for a turn; a brief effort does not wait.
    pub(super) fn take(&self, effort: Effort) -> Result<MutexGuard<'_, ()>, StoreError> {
        match effort {
            Effort::Long => Ok(self.wait()),
            Effort::Brief => match self.0.try_lock() {
                Ok(turn) => Ok(turn),
                Err(TryLockError::Poisoned(turn)) => Ok(turn.into_inner()),
                Err(TryLockError::WouldBlock) => Err(StoreError::TooLong),
            },
        }
    }

    /// Waits for a turn.
    pub(super) fn wait(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
