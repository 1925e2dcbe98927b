//! A world in a database file: seed and checkpoints are tables of the file itself.

use std::sync::Arc;

use crate::base::Timestamp;
use crate::sandbox::world::{Checkpoints, States};
use crate::store::{Store, StoreError};

/// The file is the present state, and nobody else reads it.
#[derive(Debug)]
pub(super) struct File(Arc<Store>);

impl File {
    pub(super) fn new(store: Store) -> Self {
        Self(Arc::new(store))
    }
}

impl States for File {
    fn store(&self) -> &Arc<Store> {
        &self.0
    }

    fn own(&mut self) -> Result<&Store, StoreError> {
        Ok(&self.0)
    }

    fn n_bytes(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn seed_target(&self) -> Result<Arc<Store>, StoreError> {
        Ok(Arc::clone(&self.0))
    }

    /// The seed was written in place.
    fn adopt_seed(&mut self, _seed: Arc<Store>, _now_unix_ms: i64) -> Result<(), StoreError> {
        Ok(())
    }

    fn go_to(&mut self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        self.0.restore_checkpoint(name, now_unix_ms)
    }

    fn take(&mut self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        self.0.take_checkpoint(name, at)
    }

    fn delete(&mut self, name: &str) -> Result<bool, StoreError> {
        self.0.delete_checkpoint(name)
    }

    fn checkpoints(&self) -> Result<Checkpoints, StoreError> {
        self.0.checkpoints()
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Arc<Store>>, StoreError> {
        let copy = self.0.copy()?;
        let is_there = copy.restore_checkpoint(name, 0)?;
        Ok(is_there.then(|| Arc::new(copy)))
    }
}
