//! Why a sandbox rejects something, and why a name gives no sandbox.

use crate::fixture::{FixtureError, InvalidFixture};
use crate::sandbox::{InvalidSandboxName, SandboxName};
use crate::store::{KindFull, StoreError};

/// Why a sandbox cannot be changed or read.
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
    /// The sandbox has no room for another checkpoint.
    #[error("a sandbox keeps at most {max} checkpoints; delete one first")]
    TooManyCheckpoints {
        /// Most checkpoints of a sandbox.
        max: usize,
    },
    /// The images break a rule.
    #[error(transparent)]
    InvalidImages(#[from] InvalidFixture),
    /// The fixture cannot be read.
    #[error(transparent)]
    UnreadableFixture(FixtureError),
    /// The changed image breaks a rule.
    #[error("{rule}")]
    InvalidPatch {
        /// The rule, with the field and the value.
        rule: String,
    },
    /// A kind would exceed a limit.
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
        if let StoreError::Full(full) = error {
            Self::Full(full)
        } else {
            Self::Store(error)
        }
    }
}

impl From<FixtureError> for SandboxError {
    fn from(error: FixtureError) -> Self {
        if let FixtureError::Invalid(error) = error {
            Self::InvalidImages(error)
        } else {
            Self::UnreadableFixture(error)
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
    /// The sandbox could not be created.
    #[error(transparent)]
    Store(#[from] StoreError),
}
