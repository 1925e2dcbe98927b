//! What a sandbox refuses, and why a name gives no sandbox.

use crate::fixture::{FixtureError, InvalidFixture};
use crate::sandbox::{InvalidSandboxName, SandboxName};
use crate::store::{KindFull, StoreError};

/// A change or a look-up that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// There is no such image.
    #[error("there is no image `{image_id}`")]
    UnknownImage {
        /// The id as given.
        image_id: String,
    },
    /// There is no such checkpoint.
    #[error("there is no checkpoint `{name}`")]
    UnknownCheckpoint {
        /// The name as given.
        name: String,
    },
    /// `seed` and `empty` are always there.
    #[error("the checkpoint names `seed` and `empty` are reserved")]
    ReservedCheckpoint,
    /// The sandbox keeps as many checkpoints as it may.
    #[error("a sandbox keeps at most {max} checkpoints; delete one first")]
    TooManyCheckpoints {
        /// As many as it may.
        max: usize,
    },
    /// The images break a rule.
    #[error(transparent)]
    InvalidImages(#[from] InvalidFixture),
    /// The fixture cannot be read, or not any more.
    #[error(transparent)]
    UnreadableFixture(FixtureError),
    /// The changed image breaks a rule.
    #[error("{rule}")]
    InvalidPatch {
        /// The rule, with the field and the value.
        rule: String,
    },
    /// A kind would hold more than it may.
    #[error(transparent)]
    Full(KindFull),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// A stored document is damaged.
    #[error("a stored document is damaged")]
    Damaged(#[from] serde_json::Error),
}

impl From<StoreError> for SandboxError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(full) => Self::Full(full),
            error @ (StoreError::Open { .. }
            | StoreError::Foreign { .. }
            | StoreError::Newer { .. }
            | StoreError::InUse { .. }
            | StoreError::Migration(_)
            | StoreError::Statement(_)) => Self::Store(error),
        }
    }
}

impl From<FixtureError> for SandboxError {
    fn from(error: FixtureError) -> Self {
        match error {
            FixtureError::Invalid(error) => Self::InvalidImages(error),
            error @ (FixtureError::Read { .. }
            | FixtureError::Changed { .. }
            | FixtureError::EmptyFolder { .. }) => Self::UnreadableFixture(error),
        }
    }
}

/// Why a name gives no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// It is no AccessKeyId that a sandbox can have.
    #[error(transparent)]
    Invalid(#[from] InvalidSandboxName),
    /// All requests share the sandbox `default`.
    #[error("there is no sandbox `{name}`: all requests share the sandbox `default`")]
    NotIsolated {
        /// The name as given.
        name: SandboxName,
    },
    /// There is a sandbox of that name already.
    #[error("there is a sandbox `{name}` already")]
    Taken {
        /// The name as given.
        name: SandboxName,
    },
    /// It could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}
