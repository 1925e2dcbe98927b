//! Why a call on a sandbox fails.

use crate::actions::ExplainError;
use crate::fixture::FixtureError;
use crate::sandbox::{NameError, SandboxError};
use crate::store::StoreError;

/// Why a call on a [`SandboxHandle`](crate::SandboxHandle) fails; nothing is changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError {
    /// There is no sandbox of this name: it breaks a rule, or the emulator does not isolate clients.
    #[error("{0}")]
    NoSandbox(String),
    /// There is no such image or checkpoint.
    #[error("{0}")]
    Unknown(String),
    /// A fixture breaks a rule or cannot be read.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// An argument breaks a rule; the text names both.
    #[error("{0}")]
    Refused(String),
    /// An expectation was not met. The text is the one of the control API: what was expected, what
    /// came, and how the nearest request differs.
    #[error("{0}")]
    NotVerified(String),
    /// The emulator failed inside, such as its store.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl From<NameError> for HandleError {
    fn from(error: NameError) -> Self {
        let text = error.to_string();
        match error {
            NameError::Store(error) => error.into(),
            NameError::Invalid(_) | NameError::NotIsolated { .. } | NameError::Taken { .. } => {
                Self::NoSandbox(text)
            }
        }
    }
}

impl From<SandboxError> for HandleError {
    fn from(error: SandboxError) -> Self {
        let text = error.to_string();
        match error {
            SandboxError::UnknownImage { .. } | SandboxError::UnknownCheckpoint { .. } => {
                Self::Unknown(text)
            }
            SandboxError::InvalidImages(error) => Self::Fixture(error.into()),
            SandboxError::UnreadableFixture(error) => Self::Fixture(error),
            SandboxError::Store(error) => error.into(),
            SandboxError::Damaged(error) => Self::Failed(error.into()),
            SandboxError::ReservedCheckpoint
            | SandboxError::Full(_)
            | SandboxError::TooManyCheckpoints { .. }
            | SandboxError::InvalidPatch { .. } => Self::Refused(text),
        }
    }
}

impl From<ExplainError> for HandleError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Name(error) => error.into(),
            ExplainError::NoExplanation { .. } => Self::refused(error),
            ExplainError::Internal(cause) => Self::Failed(cause),
        }
    }
}

impl From<StoreError> for HandleError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl HandleError {
    /// An argument that breaks a rule, by the text of its error.
    #[expect(clippy::needless_pass_by_value, reason = "it goes into `map_err`")]
    pub(super) fn refused(error: impl ToString) -> Self {
        Self::Refused(error.to_string())
    }
}
