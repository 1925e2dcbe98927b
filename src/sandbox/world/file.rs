//! A world in a database file: seed and checkpoints are tables of the file itself.

use std::sync::Arc;

use crate::base::{Effort, Timestamp};
use crate::sandbox::world::turns::Turns;
use crate::sandbox::world::{Checkpoints, Cleared, Extent, Present, Watch, WholeState, has_room};
use crate::store::{OldCheckpoints, Seeding, Store, StoreError};

/// The file is the present state, and nobody else reads it. SQLite lets reads go on while a change
/// is written.
#[derive(Debug)]
pub(in crate::sandbox) struct File {
    turns: Turns,
    store: Arc<Store>,
    watch: Watch,
}

impl File {
    pub(super) fn new(store: Store) -> Result<Self, StoreError> {
        let file = Self {
            turns: Turns::default(),
            store: Arc::new(store),
            watch: Watch::default(),
        };
        file.changed()?;
        Ok(file)
    }

    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    pub(super) fn present(&self) -> Result<Present, StoreError> {
        Ok(Present {
            view: self.store.view()?,
            _pin: None,
        })
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    fn changed(&self) -> Result<(), StoreError> {
        self.watch.changed(self.store.has_timelines()?);
        Ok(())
    }

    /// Looks for timelines once something was done, whether or not it went well.
    fn done<T, E: From<StoreError>>(&self, done: Result<T, E>) -> Result<T, E> {
        let changed = self.changed();
        let done = done?;
        changed?;
        Ok(done)
    }

    pub(super) fn change<T, E: From<StoreError>>(
        &self,
        effort: Effort,
        extent: Extent,
        change: impl FnOnce(&Store) -> Result<T, E>,
    ) -> Result<T, E> {
        if (effort, extent) == (Effort::Brief, Extent::Many) {
            return Err(StoreError::TooLong.into());
        }
        let _turn = self.turns.take(effort)?;
        self.done(change(&self.store))
    }

    pub(super) fn clear(&self, what: Cleared) -> Result<u64, StoreError> {
        self.change(Effort::Long, Extent::Many, |store| match what {
            Cleared::Images => store.clear(),
            Cleared::Everything => store.clear_all().map(|()| 0),
        })
    }

    pub(super) fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        old: OldCheckpoints,
        _now_unix_ms: i64,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let _turn = self.turns.wait();
        self.done(self.store.seed(at, old, fill))
    }

    pub(super) fn go_to(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let _turn = self.turns.wait();
        self.done(self.store.restore_checkpoint(name, now_unix_ms))
    }

    pub(super) fn take(
        &self,
        name: &str,
        at: Timestamp,
        prepare: impl FnOnce(&Store) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let _turn = self.turns.wait();
        if !has_room(&self.store.checkpoints()?, name) {
            return Ok(false);
        }
        let prepared = prepare(&self.store);
        self.done(prepared.and_then(|()| self.store.take_checkpoint(name, at)))?;
        Ok(true)
    }

    pub(super) fn delete(&self, name: &str) -> Result<bool, StoreError> {
        let _turn = self.turns.wait();
        self.store.delete_checkpoint(name)
    }

    pub(super) fn checkpoints(&self) -> Result<Checkpoints, StoreError> {
        self.store.checkpoints()
    }

    pub(super) fn checkpoint(&self, name: &str) -> Result<Option<WholeState>, StoreError> {
        Ok(self.store.kept_state(name)?.map(WholeState::Kept))
    }
}
