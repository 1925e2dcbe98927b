//! What a sandbox holds now, and what it can go back to: in memory, or in a database file.

mod file;
mod memory;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::base::Timestamp;
use crate::store::{SEED, Store, StoreError};

use file::File;
use memory::Memory;

/// Checkpoints by name, each with the time when it was taken.
pub(super) type Checkpoints = BTreeMap<String, Option<Timestamp>>;

/// A store and its checkpoints; the seed is the checkpoint [`SEED`].
pub(super) trait States: Debug + Send + Sync {
    /// The present state, to read from.
    fn store(&self) -> &Arc<Store>;

    /// The present state, to change.
    fn own(&mut self) -> Result<&Store, StoreError>;

    /// The memory that this sandbox alone takes, in bytes.
    fn n_bytes(&self) -> Result<u64, StoreError>;

    /// The store that a new seed is written into.
    fn seed_target(&self) -> Result<Arc<Store>, StoreError>;

    /// Goes to a new seed, which was written into [`Self::seed_target`].
    fn adopt_seed(&mut self, seed: Arc<Store>, now_unix_ms: i64) -> Result<(), StoreError>;

    /// Goes back to a checkpoint, whose timelines run from the given moment on; returns whether there
    /// is one.
    fn go_to(&mut self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError>;

    /// Keeps the present state under a name.
    fn take(&mut self, name: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Deletes a checkpoint; returns whether there was one.
    fn delete(&mut self, name: &str) -> Result<bool, StoreError>;

    fn checkpoints(&self) -> Result<Checkpoints, StoreError>;

    /// A checkpoint, to read from; `None` when there is none.
    fn checkpoint(&self, name: &str) -> Result<Option<Arc<Store>>, StoreError>;
}

/// The states of a sandbox behind a lock, and what is known of the present one.
#[derive(Debug)]
pub(super) struct World {
    state: RwLock<State>,
    /// The memory of this sandbox alone, in bytes, as of the last change.
    n_bytes: AtomicU64,
}

#[derive(Debug)]
struct State {
    states: Box<dyn States>,
    /// Whether anything is yet to happen to a resource.
    has_timelines: bool,
}

impl World {
    /// A world in memory, which is the seed's own until the first change.
    pub(super) fn in_memory(
        seed: &Arc<Store>,
        common_seed: &Arc<Store>,
        now_unix_ms: i64,
    ) -> Result<Self, StoreError> {
        let mut states = Memory::new(seed, common_seed);
        states.go_to(SEED, now_unix_ms)?;
        Self::over(Box::new(states))
    }

    /// A world in a database file, which continues from where it was.
    pub(super) fn in_file(store: Store) -> Result<Self, StoreError> {
        Self::over(Box::new(File::new(store)))
    }

    fn over(states: Box<dyn States>) -> Result<Self, StoreError> {
        Ok(Self {
            n_bytes: AtomicU64::new(states.n_bytes()?),
            state: RwLock::new(State {
                has_timelines: states.store().has_timelines()?,
                states,
            }),
        })
    }

    fn lock(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present state, to read from.
    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(self.lock().states.store())
    }

    /// The memory that this sandbox alone takes, in bytes, as of its last change.
    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }

    /// Tells whether anything is yet to happen to a resource.
    pub(super) fn has_timelines(&self) -> bool {
        self.lock().has_timelines
    }

    /// Reads something of the states.
    pub(super) fn read<T>(&self, read: impl FnOnce(&dyn States) -> T) -> T {
        read(self.lock().states.as_ref())
    }

    /// Changes the states, then looks for timelines and weighs them.
    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut dyn States) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(state.states.as_mut());
        state.has_timelines = state.states.store().has_timelines()?;
        let n_bytes = state.states.n_bytes()?;
        self.n_bytes.store(n_bytes, Ordering::Relaxed);
        changed
    }

    /// Changes the present state.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write(|states| change(states.own()?))
    }
}
