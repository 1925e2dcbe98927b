//! Why a request gets no answer of its action.

use crate::sandbox::{NameError, SandboxError};
use crate::store::StoreError;
use crate::wire::ApiError;

/// Why a request gets no 200.
#[derive(Debug)]
pub enum Failure {
    /// The request is refused; the client learns why.
    Refused(ApiError),
    /// It takes longer than it may where it is; nothing has happened.
    TooLong,
    /// Something failed inside; the cause is for the log alone.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// A handler panicked with this message; the panic hook has printed where.
    Panicked(String),
}

impl Failure {
    /// Something failed inside.
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::TooLong) {
            return Self::TooLong;
        }
        Self::internal(error)
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        if matches!(error, SandboxError::Store(StoreError::TooLong)) {
            return Self::TooLong;
        }
        Self::internal(error)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Store(error) => error.into(),
            error @ (NameError::Invalid(_)
            | NameError::NotIsolated { .. }
            | NameError::Taken { .. }) => {
                Self::Refused(ApiError::invalid("AccessKeyId", error.to_string()))
            }
        }
    }
}
