//! A world in memory: stores that are shared until they are changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Timestamp;
use crate::sandbox::world::{Checkpoints, States};
use crate::store::{SEED, Store, StoreError};

/// A state that others may read too, such as the seed or a checkpoint, is never changed; the first
/// change copies it.
#[derive(Debug)]
pub(super) struct Memory {
    store: Arc<Store>,
    owner: Owner,
    /// The seed that all sandboxes share, which costs this one nothing.
    common_seed: Arc<Store>,
    /// The seed is one of them.
    checkpoints: BTreeMap<String, Checkpoint>,
}

/// Who may read the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// This sandbox alone; it may change the store.
    Sandbox,
    /// Others too; a change needs a copy.
    Shared,
}

#[derive(Debug)]
struct Checkpoint {
    store: Arc<Store>,
    /// `None` for the seed.
    taken_at: Option<Timestamp>,
}

impl Memory {
    pub(super) fn new(seed: &Arc<Store>, common_seed: &Arc<Store>) -> Self {
        let mut memory = Self {
            store: Arc::clone(seed),
            owner: Owner::Shared,
            common_seed: Arc::clone(common_seed),
            checkpoints: BTreeMap::new(),
        };
        memory.keep(SEED, Arc::clone(seed), None);
        memory
    }

    fn keep(&mut self, name: &str, store: Arc<Store>, taken_at: Option<Timestamp>) {
        let checkpoint = Checkpoint { store, taken_at };
        self.checkpoints.insert(name.to_owned(), checkpoint);
    }
}

impl States for Memory {
    fn store(&self) -> &Arc<Store> {
        &self.store
    }

    fn own(&mut self) -> Result<&Store, StoreError> {
        if self.owner == Owner::Shared {
            self.store = Arc::new(self.store.copy()?);
            self.owner = Owner::Sandbox;
        }
        Ok(&self.store)
    }

    /// The memory of every store that is not the common seed.
    fn n_bytes(&self) -> Result<u64, StoreError> {
        let kept = self.checkpoints.values();
        let mut stores: Vec<_> = kept.map(|checkpoint| &checkpoint.store).collect();
        stores.push(&self.store);
        stores.sort_by_key(|store| Arc::as_ptr(store));
        stores.dedup_by(|a, b| Arc::ptr_eq(a, b));
        stores.retain(|store| !Arc::ptr_eq(store, &self.common_seed));
        stores.into_iter().map(|store| store.n_bytes()).sum()
    }

    /// Another store, so that the present one can be read meanwhile.
    fn seed_target(&self) -> Result<Arc<Store>, StoreError> {
        Ok(Arc::new(Store::in_memory(self.store.cache())?))
    }

    fn adopt_seed(&mut self, seed: Arc<Store>, now_unix_ms: i64) -> Result<(), StoreError> {
        self.keep(SEED, seed, None);
        self.go_to(SEED, now_unix_ms).map(drop)
    }

    fn go_to(&mut self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let Some(store) = self.checkpoint(name)? else {
            return Ok(false);
        };
        self.store = store;
        self.owner = Owner::Shared;
        if self.store.has_timelines()? {
            self.own()?.start_timelines(now_unix_ms)?;
        }
        Ok(true)
    }

    fn take(&mut self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        self.keep(name, Arc::clone(&self.store), Some(at));
        self.owner = Owner::Shared;
        Ok(())
    }

    fn delete(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.checkpoints.remove(name).is_some())
    }

    fn checkpoints(&self) -> Result<Checkpoints, StoreError> {
        let checkpoints = self.checkpoints.iter();
        let checkpoints = checkpoints.map(|(name, kept)| (name.clone(), kept.taken_at));
        Ok(checkpoints.collect())
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Arc<Store>>, StoreError> {
        let checkpoint = self.checkpoints.get(name);
        Ok(checkpoint.map(|checkpoint| Arc::clone(&checkpoint.store)))
    }
}
