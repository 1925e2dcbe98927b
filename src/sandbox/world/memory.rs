//! A world in memory: stores that are shared until they are changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Timestamp;
use crate::sandbox::CheckpointSummary;
use crate::sandbox::world::States;
use crate::store::{Store, StoreError};

/// A state that others may read too, such as the seed or a checkpoint, is never changed; the first
/// change copies it.
#[derive(Debug)]
pub(super) struct Memory {
    store: Arc<Store>,
    owner: Owner,
    seed: Arc<Store>,
    /// The seed that all sandboxes share, which costs this one nothing.
    common_seed: Arc<Store>,
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
    taken_at: Timestamp,
}

impl Memory {
    pub(super) fn new(seed: &Arc<Store>, common_seed: &Arc<Store>) -> Self {
        Self {
            store: Arc::clone(seed),
            owner: Owner::Shared,
            seed: Arc::clone(seed),
            common_seed: Arc::clone(common_seed),
            checkpoints: BTreeMap::new(),
        }
    }

    fn go_to(&mut self, shared: Arc<Store>, now_unix_ms: i64) -> Result<(), StoreError> {
        self.store = shared;
        self.owner = Owner::Shared;
        if self.store.has_timelines()? {
            self.own()?.start_timelines(now_unix_ms)?;
        }
        Ok(())
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
        let mut stores = vec![&self.store, &self.seed];
        stores.extend(
            self.checkpoints
                .values()
                .map(|checkpoint| &checkpoint.store),
        );
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
        self.seed = seed;
        self.go_to_seed(now_unix_ms)
    }

    fn go_to_seed(&mut self, now_unix_ms: i64) -> Result<(), StoreError> {
        self.go_to(Arc::clone(&self.seed), now_unix_ms)
    }

    fn go_to_checkpoint(&mut self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let Some(store) = self.checkpoint(name)? else {
            return Ok(false);
        };
        self.go_to(store, now_unix_ms)?;
        Ok(true)
    }

    fn take_checkpoint(&mut self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        let checkpoint = Checkpoint {
            store: Arc::clone(&self.store),
            taken_at: at,
        };
        self.checkpoints.insert(name.to_owned(), checkpoint);
        self.owner = Owner::Shared;
        Ok(())
    }

    fn delete_checkpoint(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.checkpoints.remove(name).is_some())
    }

    fn checkpoints(&self) -> Result<Vec<CheckpointSummary>, StoreError> {
        let summary = |(name, checkpoint): (&String, &Checkpoint)| CheckpointSummary {
            name: name.clone(),
            taken_at: Some(checkpoint.taken_at),
        };
        Ok(self.checkpoints.iter().map(summary).collect())
    }

    fn seed(&self) -> Result<Arc<Store>, StoreError> {
        Ok(Arc::clone(&self.seed))
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Arc<Store>>, StoreError> {
        let checkpoint = self.checkpoints.get(name);
        Ok(checkpoint.map(|checkpoint| Arc::clone(&checkpoint.store)))
    }
}
