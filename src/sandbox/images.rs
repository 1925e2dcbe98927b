//! A sandbox's images: shared until the first change, and the checkpoints taken of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::base::Timestamp;
use crate::base::limits::CHECKPOINTS_MAX;
use crate::fixture::FixtureImage;
use crate::resources::Regions;
use crate::sandbox::SandboxError;
use crate::sandbox::state::{Checkpoints, Owner, State, Taken, Timelines};
use crate::sandbox::timeline::apply_due;
use crate::store::{OldCheckpoints, SEED, Seeding, Store, StoreError, StoredImage};

/// The images of a sandbox.
///
/// In memory, a state that others may read too, such as the seed or a checkpoint, is shared and never
/// changed; the first change copies it. In a file, the file is the state.
#[derive(Debug)]
pub(super) struct Images {
    state: RwLock<State>,
    /// The seed that all sandboxes share, which costs this one nothing.
    common_seed: Arc<Store>,
    /// Memory of this sandbox alone, in bytes, as of the last change.
    n_bytes: AtomicU64,
}

/// What is told of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointSummary {
    /// Its name.
    pub name: String,
    /// When it was taken, by the sandbox's clock.
    pub taken_at: Option<Timestamp>,
}

impl Images {
    /// Images in memory that are, until the first change, the seed's own.
    pub(super) fn shared(
        seed: &Arc<Store>,
        common_seed: &Arc<Store>,
        now_unix_ms: i64,
    ) -> Result<Self, StoreError> {
        let checkpoints = Checkpoints::InMemory(BTreeMap::new());
        let images = Self::over(
            Arc::clone(seed),
            Owner::Shared,
            checkpoints,
            seed,
            common_seed,
        );
        images.go_to_seed(now_unix_ms)?;
        Ok(images)
    }

    /// Images in a database file, which go on from where they were.
    pub(super) fn in_file(store: Store, common_seed: &Arc<Store>) -> Result<Self, StoreError> {
        let (store, checkpoints) = (Arc::new(store), Checkpoints::InFile);
        let images = Self::over(store, Owner::Sandbox, checkpoints, common_seed, common_seed);
        images.write(State::look_for_timelines)?;
        Ok(images)
    }

    fn over(
        store: Arc<Store>,
        owner: Owner,
        checkpoints: Checkpoints,
        seed: &Arc<Store>,
        common_seed: &Arc<Store>,
    ) -> Self {
        let (seed, timelines) = (Arc::clone(seed), Timelines::None);
        Self {
            state: RwLock::new(State {
                store,
                owner,
                seed,
                checkpoints,
                timelines,
            }),
            common_seed: Arc::clone(common_seed),
            n_bytes: AtomicU64::new(0),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present state, to read from.
    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.read().store)
    }

    pub(super) fn is_in_file(&self) -> bool {
        matches!(self.read().checkpoints, Checkpoints::InFile)
    }

    /// The bytes of memory that this sandbox alone takes, as of its last change.
    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }

    /// Changes the state, and weighs it afterwards.
    fn write<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut state);
        self.n_bytes
            .store(state.n_bytes(&self.common_seed)?, Ordering::Relaxed);
        changed
    }

    /// Changes the images, on a copy if others can see them.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write(|state| {
            let changed = change(state.own()?)?;
            state.look_for_timelines()?;
            Ok(changed)
        })
    }

    /// Puts what `change` makes of an image in its place, or deletes it when that is nothing.
    ///
    /// A change that is refused copies nothing.
    pub(super) fn change_image(
        &self,
        image_id: &str,
        now_unix_ms: i64,
        change: impl FnOnce(&StoredImage) -> Result<Option<FixtureImage>, SandboxError>,
    ) -> Result<(), SandboxError> {
        self.write(|state| {
            let stored = state.store.image(image_id)?;
            let unknown = || SandboxError::UnknownImage {
                image_id: image_id.to_owned(),
            };
            match change(&stored.ok_or_else(unknown)?)? {
                Some(image) => drop(state.own()?.put([image.stored(now_unix_ms)])?),
                None => drop(state.own()?.delete(image_id)?),
            }
            Ok(state.look_for_timelines()?)
        })
    }

    /// Lets every step of a timeline that is due take effect.
    pub(super) fn settle(&self, regions: &Regions, now_unix_ms: i64) -> Result<(), StoreError> {
        if self.read().timelines == Timelines::None {
            return Ok(());
        }
        self.write(|state| {
            let due: Vec<_> = state
                .store
                .image_timelines()?
                .iter()
                .filter_map(|stored| apply_due(stored, regions, now_unix_ms))
                .collect();
            if due.is_empty() {
                return Ok(());
            }
            let changed = due
                .iter()
                .map(|changed| changed.image.stored(changed.waiting_since_unix_ms));
            state.own()?.put(changed)?;
            state.look_for_timelines()
        })
    }

    /// Counts a listing for the images that it contained.
    pub(super) fn listed(
        &self,
        image_ids: &[String],
        regions: &Regions,
        now_unix_ms: i64,
    ) -> Result<(), StoreError> {
        if self.read().timelines == Timelines::None {
            return Ok(());
        }
        let image_ids = image_ids.iter().map(String::as_str);
        self.write(|state| state.own()?.count_listing(image_ids))?;
        self.settle(regions, now_unix_ms)
    }

    /// Makes this state the seed, and goes to it.
    pub(super) fn seed(&self, seed: Arc<Store>, now_unix_ms: i64) -> Result<(), StoreError> {
        self.write(|state| {
            state.seed = seed;
            state.go_to_seed(now_unix_ms)
        })
    }

    /// Makes the images that `fill` adds the seed of the database file.
    pub(super) fn seed_file(
        &self,
        at: Timestamp,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), SandboxError>,
    ) -> Result<(), SandboxError> {
        self.write(|state| {
            state.store.seed(at, OldCheckpoints::Keep, fill)?;
            Ok(state.look_for_timelines()?)
        })
    }

    /// Goes back to the seed: the shared one, or the file's own.
    pub(super) fn go_to_seed(&self, now_unix_ms: i64) -> Result<(), StoreError> {
        self.write(|state| state.go_to_seed(now_unix_ms))
    }

    /// Keeps the present state under a name.
    pub(super) fn take_checkpoint(
        &self,
        name: &str,
        regions: &Regions,
        now_unix_ms: i64,
        at: Timestamp,
    ) -> Result<(), SandboxError> {
        self.write(|state| {
            let taken = state.checkpoint_names()?;
            if taken.len() >= CHECKPOINTS_MAX && !taken.iter().any(|summary| summary.name == name) {
                return Err(SandboxError::TooManyCheckpoints {
                    max: CHECKPOINTS_MAX,
                });
            }
            state.rebase_timelines(regions, now_unix_ms)?;
            let store = Arc::clone(&state.store);
            match &mut state.checkpoints {
                Checkpoints::InFile => store.take_checkpoint(name, at)?,
                Checkpoints::InMemory(checkpoints) => {
                    checkpoints.insert(name.to_owned(), Taken { store, at });
                    state.owner = Owner::Shared;
                }
            }
            Ok(())
        })
    }

    /// Goes back to a checkpoint.
    pub(super) fn restore_checkpoint(
        &self,
        name: &str,
        now_unix_ms: i64,
    ) -> Result<(), SandboxError> {
        let unknown = || SandboxError::UnknownCheckpoint {
            name: name.to_owned(),
        };
        self.write(|state| {
            let store = match &state.checkpoints {
                Checkpoints::InMemory(checkpoints) => {
                    Arc::clone(&checkpoints.get(name).ok_or_else(unknown)?.store)
                }
                Checkpoints::InFile => {
                    if !state.store.restore_checkpoint(name, now_unix_ms)? {
                        return Err(unknown());
                    }
                    return Ok(state.look_for_timelines()?);
                }
            };
            Ok(state.go_to(store, now_unix_ms)?)
        })
    }

    /// Forgets a checkpoint.
    pub(super) fn delete_checkpoint(&self, name: &str) -> Result<(), SandboxError> {
        self.write(|state| {
            let deleted = match &mut state.checkpoints {
                Checkpoints::InMemory(checkpoints) => checkpoints.remove(name).is_some(),
                Checkpoints::InFile => state.store.delete_checkpoint(name)?,
            };
            let unknown = || SandboxError::UnknownCheckpoint {
                name: name.to_owned(),
            };
            if deleted { Ok(()) } else { Err(unknown()) }
        })
    }

    /// The checkpoints, by name.
    pub(super) fn checkpoints(&self) -> Result<Vec<CheckpointSummary>, StoreError> {
        self.read().checkpoint_names()
    }

    /// The images of the seed, by id.
    pub(super) fn seed_images(&self) -> Result<Vec<StoredImage>, SandboxError> {
        if self.is_in_file() {
            return Ok(self.checkpoint(SEED)?.all_images()?);
        }
        let seed = Arc::clone(&self.read().seed);
        Ok(seed.all_images()?)
    }

    /// The state kept under a name, to read from.
    pub(super) fn checkpoint(&self, name: &str) -> Result<Arc<Store>, SandboxError> {
        let unknown = || SandboxError::UnknownCheckpoint {
            name: name.to_owned(),
        };
        let state = self.read();
        match &state.checkpoints {
            Checkpoints::InMemory(checkpoints) => Ok(Arc::clone(
                &checkpoints.get(name).ok_or_else(unknown)?.store,
            )),
            Checkpoints::InFile => {
                let copy = state.store.copy()?;
                if copy.restore_checkpoint(name, 0)? {
                    Ok(Arc::new(copy))
                } else {
                    Err(unknown())
                }
            }
        }
    }
}
