//! The state behind a sandbox's images: a store, who may read it, and what it can go back to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Timestamp;
use crate::resources::Regions;
use crate::sandbox::CheckpointSummary;
use crate::sandbox::timeline::rebase;
use crate::store::{SEED, Store, StoreError};

#[derive(Debug)]
pub(super) struct State {
    pub(super) store: Arc<Store>,
    pub(super) owner: Owner,
    /// What a reset goes back to; in a file, the file's own seed is it.
    pub(super) seed: Arc<Store>,
    pub(super) checkpoints: Checkpoints,
    /// Whether anything is yet to happen to an image.
    pub(super) timelines: Timelines,
}

/// Who may read the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// This sandbox alone; it may change the store.
    Sandbox,
    /// Others too; a change needs a copy.
    Shared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timelines {
    None,
    Some,
}

#[derive(Debug)]
pub(super) enum Checkpoints {
    /// States that are never changed again.
    InMemory(BTreeMap<String, Taken>),
    /// Tables of the store's own file.
    InFile,
}

#[derive(Debug)]
pub(super) struct Taken {
    pub(super) store: Arc<Store>,
    pub(super) at: Timestamp,
}

impl State {
    /// The store, after a copy if others can see it.
    pub(super) fn own(&mut self) -> Result<&Store, StoreError> {
        if self.owner == Owner::Shared {
            self.store = Arc::new(self.store.copy()?);
            self.owner = Owner::Sandbox;
        }
        Ok(&self.store)
    }

    /// The memory of every store that is not the common seed.
    pub(super) fn n_bytes(&self, common_seed: &Arc<Store>) -> Result<u64, StoreError> {
        let Checkpoints::InMemory(checkpoints) = &self.checkpoints else {
            return Ok(0);
        };
        let mut stores = vec![&self.store, &self.seed];
        stores.extend(checkpoints.values().map(|taken| &taken.store));
        stores.sort_by_key(|store| Arc::as_ptr(store));
        stores.dedup_by(|a, b| Arc::ptr_eq(a, b));
        stores.retain(|store| !Arc::ptr_eq(store, common_seed));
        stores.into_iter().map(|store| store.n_bytes()).sum()
    }

    pub(super) fn go_to_seed(&mut self, now_unix_ms: i64) -> Result<(), StoreError> {
        if matches!(self.checkpoints, Checkpoints::InFile) {
            self.store.restore_checkpoint(SEED, now_unix_ms)?;
            return self.look_for_timelines();
        }
        self.go_to(Arc::clone(&self.seed), now_unix_ms)
    }

    pub(super) fn go_to(&mut self, shared: Arc<Store>, now_unix_ms: i64) -> Result<(), StoreError> {
        self.store = shared;
        self.owner = Owner::Shared;
        self.start_timelines(now_unix_ms)
    }

    pub(super) fn look_for_timelines(&mut self) -> Result<(), StoreError> {
        self.timelines = if self.store.has_timelines()? {
            Timelines::Some
        } else {
            Timelines::None
        };
        Ok(())
    }

    /// Lets the timelines of a state that has just come into use run from now on.
    pub(super) fn start_timelines(&mut self, now_unix_ms: i64) -> Result<(), StoreError> {
        self.look_for_timelines()?;
        match self.timelines {
            Timelines::None => Ok(()),
            Timelines::Some => self.own()?.start_timelines(now_unix_ms),
        }
    }

    /// Cuts what has been waited for off every timeline, so that the state can be kept.
    pub(super) fn rebase_timelines(
        &mut self,
        regions: &Regions,
        now_unix_ms: i64,
    ) -> Result<(), StoreError> {
        let stored = self.store.image_timelines()?;
        let rebased: Vec<_> = stored
            .iter()
            .filter_map(|stored| rebase(stored, regions, now_unix_ms))
            .collect();
        if !rebased.is_empty() {
            self.own()?
                .put(rebased.iter().map(|image| image.stored(now_unix_ms)))?;
        }
        Ok(())
    }

    pub(super) fn checkpoint_names(&self) -> Result<Vec<CheckpointSummary>, StoreError> {
        Ok(match &self.checkpoints {
            Checkpoints::InMemory(checkpoints) => checkpoints
                .iter()
                .map(|(name, taken)| CheckpointSummary {
                    name: name.clone(),
                    taken_at: Some(taken.at),
                })
                .collect(),
            Checkpoints::InFile => self
                .store
                .checkpoints()?
                .into_iter()
                .filter(|(name, _)| name != SEED)
                .map(|(name, taken_at)| CheckpointSummary { name, taken_at })
                .collect(),
        })
    }
}
