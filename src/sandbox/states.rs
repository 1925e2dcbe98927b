//! Whole states of a sandbox: seed, reset, checkpoints, export.

use crate::base::Timestamp;
use crate::base::limits::CHECKPOINTS_MAX;
use crate::fixture::{FixtureError, Resource, export};
use crate::resources::Kinds;
use crate::sandbox::seed::fill;
use crate::sandbox::timeline::rebase_all;
use crate::sandbox::{CheckpointName, Sandbox, SandboxError};
use crate::store::{Contents, OldCheckpoints, SEED, Store, StoreError};

/// Summary of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckpointSummary {
    /// Its name.
    pub name: String,
    /// When it was taken, by the sandbox's clock.
    pub taken_at: Option<Timestamp>,
}

impl Sandbox {
    /// Makes these resources the seed, and goes back to it. All or nothing.
    pub fn seed(
        &self,
        resources: impl IntoIterator<Item = Result<Resource, FixtureError>>,
    ) -> Result<(), SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let seed = self.world.read(|states| states.seed_target())?;
        seed.seed(self.clock.now(), OldCheckpoints::Keep, |seeding| {
            fill(seeding, resources, now_unix_ms)
        })?;
        self.world
            .write(|states| states.adopt_seed(seed, now_unix_ms))?;
        self.tokens().forget_answers();
        Ok(())
    }

    /// Goes back to the seed.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.go_to(SEED)?;
        self.tokens().forget_answers();
        Ok(())
    }

    /// Goes back to the seed, to nothing at all, or to a checkpoint.
    pub fn reset_to(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        match name {
            CheckpointName::Seed => return Ok(self.reset()?),
            CheckpointName::Empty => self.world.change(Store::clear_all)?,
            CheckpointName::Taken(name) => {
                if !self.go_to(name)? {
                    return Err(unknown(name));
                }
            }
        }
        self.tokens().forget_answers();
        Ok(())
    }

    fn go_to(&self, name: &str) -> Result<bool, StoreError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.world.write(|states| states.go_to(name, now_unix_ms))
    }

    /// Keeps the present state under a name; replaces what was kept under it.
    ///
    /// [`SandboxError::TooManyCheckpoints`] past 100 of them.
    pub fn take_checkpoint(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        let name = taken(name)?;
        let now_unix_ms = self.clock.now_unix_ms();
        self.settle(now_unix_ms)?;
        let at = self.clock.now();
        self.world.write(|states| {
            let mut checkpoints = states.checkpoints()?;
            checkpoints.remove(SEED);
            if checkpoints.len() >= CHECKPOINTS_MAX && !checkpoints.contains_key(name) {
                return Err(SandboxError::TooManyCheckpoints {
                    max: CHECKPOINTS_MAX,
                });
            }
            rebase_all(states, &self.regions, now_unix_ms)?;
            Ok(states.take(name, at)?)
        })
    }

    /// Deletes a checkpoint.
    pub fn delete_checkpoint(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        let name = taken(name)?;
        if !self.world.write(|states| states.delete(name))? {
            return Err(unknown(name));
        }
        Ok(())
    }

    /// The checkpoints, by name; `seed` and `empty` are not among them.
    pub(crate) fn checkpoints(&self) -> Result<Vec<CheckpointSummary>, StoreError> {
        let mut checkpoints = self.world.read(|states| states.checkpoints())?;
        checkpoints.remove(SEED);
        let summary = |(name, taken_at)| CheckpointSummary { name, taken_at };
        Ok(checkpoints.into_iter().map(summary).collect())
    }

    /// Writes everything as a fixture: images, then each kind that has any, by id.
    pub fn export(&self) -> Result<String, SandboxError> {
        let contents = self.present()?.contents()?;
        Ok(export(&contents, self.kinds, self.clock.now_unix_ms())?)
    }

    /// Writes a checkpoint as a fixture.
    pub fn export_checkpoint(&self, name: &CheckpointName) -> Result<String, SandboxError> {
        let kept = |name: &str| self.world.read(|states| states.checkpoint(name));
        let store = match name {
            // A file that was never seeded has an empty seed.
            CheckpointName::Seed => kept(SEED)?,
            CheckpointName::Empty => None,
            CheckpointName::Taken(name) => Some(kept(name)?.ok_or_else(|| unknown(name))?),
        };
        let contents = store.map_or_else(|| Ok(Contents::default()), |store| store.contents())?;
        export_kept(contents, self.kinds)
    }
}

/// Writes a kept state, whose timelines have been cut to what is left: nothing was waited for since.
fn export_kept(mut contents: Contents, kinds: Kinds) -> Result<String, SandboxError> {
    let images = contents.images.iter_mut().map(|image| &mut image.pending);
    let rows = contents.rows.iter_mut().map(|row| &mut row.pending);
    images
        .chain(rows)
        .for_each(|pending| pending.since_unix_ms = 0);
    Ok(export(&contents, kinds, 0)?)
}

fn taken(name: &CheckpointName) -> Result<&str, SandboxError> {
    match name {
        CheckpointName::Taken(name) => Ok(name),
        CheckpointName::Seed | CheckpointName::Empty => Err(SandboxError::ReservedCheckpoint),
    }
}

fn unknown(name: &str) -> SandboxError {
    SandboxError::UnknownCheckpoint {
        name: name.to_owned(),
    }
}
