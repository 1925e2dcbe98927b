//! What a sandbox holds now, and what it can go back to: in memory, or in a database file.
//!
//! Changes take turns. Reads never wait for a turn: they see the state before, until the change
//! appears as a whole.

mod file;
mod memory;
mod turns;
mod watch;
mod whole;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::base::limits::CHECKPOINTS_MAX;
use crate::base::{Effort, Timestamp};
use crate::store::{OldCheckpoints, SEED, Seeding, Store, StoreError, View};

use file::File;
use memory::{Memory, Pin};
pub(super) use watch::Quiet;
use watch::Watch;
pub(super) use whole::WholeState;

/// Checkpoints by name, each with the time when it was taken.
pub(super) type Checkpoints = BTreeMap<String, Option<Timestamp>>;

/// How much a change changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// A hundred resources at most.
    Few,
    /// Any number of them.
    Many,
}

impl Extent {
    /// The extent of a change of this number of resources.
    pub(super) fn of(n_resources: usize) -> Self {
        use crate::base::limits::BRIEF_IMAGES_MAX;
        if n_resources <= BRIEF_IMAGES_MAX {
            Self::Few
        } else {
            Self::Many
        }
    }
}

/// The state of a sandbox as it was at some moment, to be read for as long as it takes.
#[derive(Debug)]
pub(super) struct Present {
    view: View,
    /// Keeps a state in memory as it is; to be dropped after the view.
    _pin: Option<Pin>,
}

impl Deref for Present {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.view
    }
}

/// The states of a sandbox; the seed is the checkpoint `seed`.
#[derive(Debug)]
pub(super) enum World {
    Memory(Memory),
    File(File),
}

/// Calls a method of either world.
macro_rules! either {
    ($world:expr, $either:ident => $call:expr) => {
        match $world {
            World::Memory($either) => $call,
            World::File($either) => $call,
        }
    };
}

impl World {
    /// A world in memory, which is the seed's own until the first change.
    pub(super) fn in_memory(
        seed: &Arc<Store>,
        common_seed: &Arc<Store>,
        now_unix_ms: i64,
    ) -> Result<Self, StoreError> {
        Memory::new(seed, common_seed, now_unix_ms).map(Self::Memory)
    }

    /// A world in a database file, which continues from where it was.
    pub(super) fn in_file(store: Store) -> Result<Self, StoreError> {
        File::new(store).map(Self::File)
    }

    /// The present state, to be read briefly.
    pub(super) fn store(&self) -> Arc<Store> {
        either!(self, world => world.store())
    }

    /// The present state, to be read for as long as it takes.
    pub(super) fn present(&self) -> Result<Present, StoreError> {
        either!(self, world => world.present())
    }

    /// The memory that this sandbox alone takes, in bytes, as of its last change.
    pub(super) fn n_bytes(&self) -> u64 {
        match self {
            Self::Memory(world) => world.n_bytes(),
            Self::File(_) => 0,
        }
    }

    /// What is known of the timelines of the present state.
    pub(super) fn watch(&self) -> &Watch {
        either!(self, world => world.watch())
    }

    /// Changes the present state: all of it, or nothing when the change fails.
    ///
    /// A brief effort gives [`StoreError::TooLong`] where it would have to wait or to copy much.
    pub(super) fn change<T, E: From<StoreError>>(
        &self,
        effort: Effort,
        extent: Extent,
        change: impl FnOnce(&Store) -> Result<T, E>,
    ) -> Result<T, E> {
        either!(self, world => world.change(effort, extent, change))
    }

    /// Lets the timelines of a state begin that was gone back to, if none has begun yet.
    pub(super) fn start_timelines(&self, effort: Effort) -> Result<(), StoreError> {
        match self {
            Self::Memory(world) => world.start_timelines(effort),
            Self::File(_) => Ok(()),
        }
    }

    /// Deletes all images, or everything.
    pub(super) fn clear(&self, what: Cleared) -> Result<u64, StoreError> {
        either!(self, world => world.clear(what))
    }

    /// Replaces the seed by what `fill` adds, and goes to it.
    pub(super) fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        now_unix_ms: i64,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        either!(self, world => world.seed(at, OldCheckpoints::Keep, now_unix_ms, fill))
    }

    /// Goes back to a checkpoint, whose timelines run from the given moment on; returns whether there
    /// is one.
    pub(super) fn go_to(&self, name: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        either!(self, world => world.go_to(name, now_unix_ms))
    }

    /// Keeps the present state under a name, once `prepare` has changed it; returns whether there
    /// was room for another checkpoint.
    pub(super) fn take(
        &self,
        name: &str,
        at: Timestamp,
        prepare: impl FnOnce(&Store) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        either!(self, world => world.take(name, at, prepare))
    }

    /// Deletes a checkpoint; returns whether there was one.
    pub(super) fn delete(&self, name: &str) -> Result<bool, StoreError> {
        either!(self, world => world.delete(name))
    }

    pub(super) fn checkpoints(&self) -> Result<Checkpoints, StoreError> {
        either!(self, world => world.checkpoints())
    }

    /// A checkpoint, to be read; `None` when there is none.
    pub(super) fn checkpoint(&self, name: &str) -> Result<Option<WholeState>, StoreError> {
        either!(self, world => world.checkpoint(name))
    }
}

/// Tells whether a checkpoint of this name can be taken beside these.
fn has_room(checkpoints: &Checkpoints, name: &str) -> bool {
    let mut others = checkpoints
        .keys()
        .filter(|other| ![SEED, name].contains(&other.as_str()));
    others.nth(CHECKPOINTS_MAX - 1).is_none()
}

/// What a world is cleared of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cleared {
    /// Its custom images.
    Images,
    /// All of its resources.
    Everything,
}
