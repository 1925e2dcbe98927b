//! A world in memory: stores that are shared until they are changed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::sleep;
use std::time::Duration;

use crate::base::limits::BRIEF_COPY_BYTES_MAX;
use crate::base::{Effort, Timestamp};
use crate::sandbox::world::turns::Turns;
use crate::sandbox::world::{Checkpoints, Cleared, Extent, Present, Watch, WholeState, has_room};
use crate::store::{OldCheckpoints, SEED, Seeding, Store, StoreError};

/// A state that others may read too, such as the seed or a checkpoint, is never changed: a change
/// is made to a copy, which then takes its place. A change of many resources too, so that reads go
/// on meanwhile.
#[derive(Debug)]
pub(in crate::sandbox) struct Memory {
    turns: Turns,
    /// Locked for moments: to look at it, to replace the store, or for a change of few resources.
    state: RwLock<State>,
    /// The memory of this sandbox alone, in bytes, as of the last change.
    n_bytes: AtomicU64,
    watch: Watch,
    /// The seed that all sandboxes share, which costs this one nothing.
    common_seed: Arc<Store>,
}

#[derive(Debug)]
struct State {
    store: Arc<Store>,
    owner: Owner,
    /// Who keeps the store as it is.
    pins: Pin,
    /// Since when the timelines of the store run, if they have not begun yet.
    timelines_from: Option<i64>,
    /// The seed is one of them.
    checkpoints: BTreeMap<String, Checkpoint>,
}

/// Who may read the store beside this sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// Nobody; it may be changed in place.
    Sandbox,
    /// Others.
    Shared,
}

/// Keeps a store as it is, as long as there is a copy of it.
#[derive(Debug, Clone, Default)]
pub(in crate::sandbox) struct Pin(Arc<()>);

impl Pin {
    fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

#[derive(Debug)]
struct Checkpoint {
    store: Arc<Store>,
    /// `None` for the seed.
    taken_at: Option<Timestamp>,
}

impl Memory {
    pub(super) fn new(
        seed: &Arc<Store>,
        common_seed: &Arc<Store>,
        now_unix_ms: i64,
    ) -> Result<Self, StoreError> {
        let kept = Checkpoint {
            store: Arc::clone(seed),
            taken_at: None,
        };
        let state = State {
            store: Arc::clone(seed),
            owner: Owner::Shared,
            pins: Pin::default(),
            timelines_from: seed.has_timelines()?.then_some(now_unix_ms),
            checkpoints: BTreeMap::from([(SEED.to_owned(), kept)]),
        };
        let memory = Self {
            turns: Turns::default(),
            n_bytes: AtomicU64::new(0),
            watch: Watch::default(),
            common_seed: Arc::clone(common_seed),
            state: RwLock::new(state),
        };
        memory.changed(&memory.state())?;
        Ok(memory)
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_to_change(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.state().store)
    }

    pub(super) fn present(&self) -> Result<Present, StoreError> {
        let (store, pin) = {
            let state = self.state();
            (Arc::clone(&state.store), state.pins.clone())
        };
        Ok(Present {
            view: store.view()?,
            _pin: Some(pin),
        })
    }

    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Looks for timelines, and weighs every store that is not the common seed.
    fn changed(&self, state: &State) -> Result<(), StoreError> {
        self.watch.changed(state.store.has_timelines()?);
        let kept = state.checkpoints.values();
        let mut stores: Vec<_> = kept.map(|checkpoint| &checkpoint.store).collect();
        stores.push(&state.store);
        stores.sort_by_key(|store| Arc::as_ptr(store));
        stores.dedup_by(|a, b| Arc::ptr_eq(a, b));
        stores.retain(|store| !Arc::ptr_eq(store, &self.common_seed));
        let n_bytes: Result<u64, StoreError> = stores.iter().map(|store| store.n_bytes()).sum();
        self.n_bytes.store(n_bytes?, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn change<T, E: From<StoreError>>(
        &self,
        effort: Effort,
        extent: Extent,
        change: impl FnOnce(&Store) -> Result<T, E>,
    ) -> Result<T, E> {
        let _turn = self.turns.take(effort)?;
        self.change_in_turn(effort, extent, change)
    }

    /// Changes the present state; to be called in a turn.
    fn change_in_turn<T, E: From<StoreError>>(
        &self,
        effort: Effort,
        extent: Extent,
        change: impl FnOnce(&Store) -> Result<T, E>,
    ) -> Result<T, E> {
        if extent == Extent::Few {
            if effort == Effort::Long {
                self.wait_for_pins();
            }
            let state = self.state_to_change();
            if state.owner == Owner::Sandbox && state.pins.is_alone() {
                let changed = change(&state.store);
                self.changed(&state)?;
                return changed;
            }
        }
        let (store, timelines_from) = {
            let state = self.state();
            (Arc::clone(&state.store), state.timelines_from)
        };
        if effort == Effort::Brief
            && (extent == Extent::Many || store.n_bytes()? > BRIEF_COPY_BYTES_MAX)
        {
            return Err(StoreError::TooLong.into());
        }
        // In a turn nobody changes the store, so it need not be pinned.
        let copy = store.copy()?;
        drop(store);
        if let Some(now_unix_ms) = timelines_from {
            copy.start_timelines(now_unix_ms)?;
        }
        let changed = change(&copy)?;
        self.replace(Arc::new(copy), Owner::Sandbox, None)?;
        Ok(changed)
    }

    /// Waits a while for those who read the state for long: most often that is faster than to copy
    /// a large store.
    fn wait_for_pins(&self) {
        const PAUSES_MAX: usize = 300;
        for _ in 0..PAUSES_MAX {
            let is_waited_for = {
                let state = self.state();
                state.owner == Owner::Sandbox
                    && !state.pins.is_alone()
                    && state.store.n_bytes().is_ok_and(is_large)
            };
            if !is_waited_for {
                return;
            }
            sleep(PAUSE);
        }
    }

    /// Puts a store in the place of the present one.
    fn replace(
        &self,
        store: Arc<Store>,
        owner: Owner,
        timelines_from: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut state = self.state_to_change();
        let old = std::mem::replace(&mut state.store, store);
        state.owner = owner;
        state.pins = Pin::default();
        state.timelines_from = timelines_from;
        let changed = self.changed(&state);
        drop(state);
        self.discard(old);
        changed
    }

    /// Drops a store here, where it may take long, rather than where the last read of it ends.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "dropping it is what it is for"
    )]
    fn discard(&self, store: Arc<Store>) {
        /// Brief reads have ended long before.
        const PAUSES_MAX: usize = 100;
        let is_kept = {
            let state = self.state();
            let kept = state
                .checkpoints
                .values()
                .map(|checkpoint| &checkpoint.store);
            let mut kept = kept.chain([&state.store, &self.common_seed]);
            kept.any(|kept| Arc::ptr_eq(kept, &store))
        };
        if is_kept || !store.n_bytes().is_ok_and(is_large) {
            return;
        }
        for _ in 0..PAUSES_MAX {
            if Arc::strong_count(&store) == 1 {
                return;
            }
            sleep(PAUSE);
        }
    }

    pub(super) fn start_timelines(&self, effort: Effort) -> Result<(), StoreError> {
        if self.state().timelines_from.is_none() {
            return Ok(());
        }
        let _turn = self.turns.take(effort)?;
        if self.state().timelines_from.is_none() {
            return Ok(());
        }
        self.change_in_turn(effort, Extent::Few, |_| Ok(()))
    }

    pub(super) fn clear(&self, what: Cleared) -> Result<u64, StoreError> {
        let _turn = self.turns.wait();
        // A new store instead of a copy, most of which would be deleted at once.
        let old = self.store();
        let n_images = old.counts()?.values().sum();
        let store = Store::in_memory(old.cache())?;
        if what == Cleared::Images {
            let rows = old.view()?.all_rows()?;
            store.update_all([], rows.iter().map(|row| row.as_new()))?;
        }
        drop(old);
        let timelines_from = self.state().timelines_from;
        if let Some(now_unix_ms) = timelines_from {
            store.start_timelines(now_unix_ms)?;
        }
        self.replace(Arc::new(store), Owner::Sandbox, None)?;
        Ok(n_images)
    }

    pub(super) fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        old: OldCheckpoints,
        now_unix_ms: i64,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let _turn = self.turns.wait();
        let store = Store::in_memory(self.common_seed.cache())?;
        store.seed(at, old, fill)?;
        let seed = Checkpoint {
            store: Arc::new(store),
            taken_at: None,
        };
        let before = self
            .state_to_change()
            .checkpoints
            .insert(SEED.to_owned(), seed);
        self.go_to_in_turn(SEED, now_unix_ms)?;
        if let Some(before) = before {
            self.discard(before.store);
        }
        Ok(())
    }

    pub(super) fn go_to(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let _turn = self.turns.wait();
        self.go_to_in_turn(name, now_unix_ms)
    }

    fn go_to_in_turn(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let Some(store) = self.kept(name) else {
            return Ok(false);
        };
        let timelines_from = store.has_timelines()?.then_some(now_unix_ms);
        self.replace(store, Owner::Shared, timelines_from)?;
        Ok(true)
    }

    fn kept(&self, name: &str) -> Option<Arc<Store>> {
        let state = self.state();
        let checkpoint = state.checkpoints.get(name);
        checkpoint.map(|checkpoint| Arc::clone(&checkpoint.store))
    }

    pub(super) fn take(
        &self,
        name: &str,
        at: Timestamp,
        prepare: impl FnOnce(&Store) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let _turn = self.turns.wait();
        if !has_room(&self.checkpoints()?, name) {
            return Ok(false);
        }
        if self.watch.has_timelines() {
            self.change_in_turn(Effort::Long, Extent::Many, prepare)?;
        }
        let mut state = self.state_to_change();
        let kept = Checkpoint {
            store: Arc::clone(&state.store),
            taken_at: Some(at),
        };
        let before = state.checkpoints.insert(name.to_owned(), kept);
        state.owner = Owner::Shared;
        self.changed(&state)?;
        drop(state);
        if let Some(before) = before {
            self.discard(before.store);
        }
        Ok(true)
    }

    pub(super) fn delete(&self, name: &str) -> Result<bool, StoreError> {
        let _turn = self.turns.wait();
        let mut state = self.state_to_change();
        let Some(deleted) = state.checkpoints.remove(name) else {
            return Ok(false);
        };
        self.changed(&state)?;
        drop(state);
        self.discard(deleted.store);
        Ok(true)
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the signature is the one of a world in a file"
    )]
    pub(super) fn checkpoints(&self) -> Result<Checkpoints, StoreError> {
        let state = self.state();
        let checkpoints = state.checkpoints.iter();
        let checkpoints = checkpoints.map(|(name, kept)| (name.clone(), kept.taken_at));
        Ok(checkpoints.collect())
    }

    pub(super) fn checkpoint(&self, name: &str) -> Result<Option<WholeState>, StoreError> {
        let Some(store) = self.kept(name) else {
            return Ok(None);
        };
        Ok(Some(WholeState::Checkpoint(store.view()?)))
    }
}

/// Tells whether a store of this size takes longer to copy than reads may wait.
fn is_large(n_bytes: u64) -> bool {
    n_bytes > BRIEF_COPY_BYTES_MAX
}

/// Time between two looks at who still reads.
const PAUSE: Duration = Duration::from_millis(1);
