//! Whole states of a sandbox: seed, reset, checkpoints, export.

use crate::base::limits::CHECKPOINTS_MAX;
use crate::base::{Effort, Timestamp};
use crate::fixture::{FixtureError, Resource};
use crate::sandbox::export::Export;
use crate::sandbox::seed::fill;
use crate::sandbox::timeline::rebase_all;
use crate::sandbox::world::{Cleared, WholeState};
use crate::sandbox::{CheckpointName, Sandbox, SandboxError};
use crate::store::{SEED, Store, StoreError};

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
        self.world.seed(self.clock.now(), now_unix_ms, |seeding| {
            fill(seeding, resources, now_unix_ms)
        })?;
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
            CheckpointName::Empty => drop(self.world.clear(Cleared::Everything)?),
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
        self.world.go_to(name, now_unix_ms)
    }

    /// Keeps the present state under a name; replaces what was kept under it.
    ///
    /// [`SandboxError::TooManyCheckpoints`] past 100 of them.
    pub fn take_checkpoint(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        let name = taken(name)?;
        let now_unix_ms = self.clock.now_unix_ms();
        self.settle(now_unix_ms, Effort::Long)?;
        let prepare = |store: &Store| rebase_all(store, &self.regions, now_unix_ms);
        if !self.world.take(name, self.clock.now(), prepare)? {
            return Err(SandboxError::TooManyCheckpoints {
                max: CHECKPOINTS_MAX,
            });
        }
        Ok(())
    }

    /// Deletes a checkpoint.
    pub fn delete_checkpoint(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        let name = taken(name)?;
        if !self.world.delete(name)? {
            return Err(unknown(name));
        }
        Ok(())
    }

    /// The checkpoints, by name; `seed` and `empty` are not among them.
    pub(crate) fn checkpoints(&self) -> Result<Vec<CheckpointSummary>, StoreError> {
        let mut checkpoints = self.world.checkpoints()?;
        checkpoints.remove(SEED);
        let summary = |(name, taken_at)| CheckpointSummary { name, taken_at };
        Ok(checkpoints.into_iter().map(summary).collect())
    }

    /// Writes everything as a fixture: images, then each kind that has any, by id.
    pub fn export(&self) -> Result<Export, SandboxError> {
        let state = WholeState::Present(self.settled()?);
        let now_unix_ms = self.clock.now_unix_ms();
        Ok(Export::new(Some(state), self.kinds, Some(now_unix_ms)))
    }

    /// Writes a checkpoint as a fixture.
    pub fn export_checkpoint(&self, name: &CheckpointName) -> Result<Export, SandboxError> {
        let state = match name {
            // A file that was never seeded has an empty seed.
            CheckpointName::Seed => self.world.checkpoint(SEED)?,
            CheckpointName::Empty => None,
            CheckpointName::Taken(name) => {
                let state = self.world.checkpoint(name)?;
                Some(state.ok_or_else(|| unknown(name))?)
            }
        };
        Ok(Export::new(state, self.kinds, None))
    }
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
