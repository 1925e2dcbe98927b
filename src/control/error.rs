//! Errors of the control API: what is wrong, and what to do.

use serde_json::json;

use crate::base::{ClockOutOfRange, one_line};
use crate::sandbox::{InvalidSandboxName, NameError, SandboxError};
use crate::store::StoreError;

/// A control request that is refused or failed.
#[derive(Debug)]
pub(crate) struct ControlError {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// A name for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The cause of a failure inside, for the log alone.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ControlError {
    /// A refusal.
    pub(crate) fn new(
        status: u16,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            hint: hint.into(),
            cause: None,
        }
    }

    /// The request breaks a rule, which the message names.
    pub(crate) fn bad_request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message, hint)
    }

    /// Something failed inside; the client learns no more than that.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(
                500,
                "InternalError",
                "it failed inside",
                "the emulator's log has the cause",
            )
        }
    }

    /// The body of the answer as plain text, for people.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}\n", self.message, self.hint)
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> String {
        let Self {
            code,
            message,
            hint,
            ..
        } = self;
        // An unmet expectation is told in lines of its own making.
        let is_told_in_lines = self.code == "NotVerified";
        let message = if is_told_in_lines {
            message.clone()
        } else {
            one_line(message)
        };
        let hint = one_line(hint);
        json!({"error": {"code": code, "message": message, "hint": hint}}).to_string()
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<InvalidSandboxName> for ControlError {
    fn from(error: InvalidSandboxName) -> Self {
        Self::new(400, "InvalidName", error.to_string(), "choose another name")
    }
}

impl From<ClockOutOfRange> for ControlError {
    fn from(error: ClockOutOfRange) -> Self {
        Self::new(
            400,
            "ClockOutOfRange",
            error.to_string(),
            "name an earlier or a later moment",
        )
    }
}

impl From<NameError> for ControlError {
    fn from(error: NameError) -> Self {
        let message = error.to_string();
        match error {
            NameError::Invalid(error) => error.into(),
            NameError::NotIsolated { .. } => {
                let hint = "start the emulator with `--isolate`, or leave `sandbox` out";
                Self::new(409, "NotIsolated", message, hint)
            }
            NameError::Taken { .. } => {
                let hint = "end it with DELETE /_emulator/sandboxes/{id}, or choose another name";
                Self::new(409, "SandboxExists", message, hint)
            }
            NameError::Store(error) => Self::internal(error),
        }
    }
}

impl From<SandboxError> for ControlError {
    fn from(error: SandboxError) -> Self {
        let message = error.to_string();
        match error {
            SandboxError::UnknownImage { .. } => Self::new(
                404,
                "UnknownImage",
                message,
                "GET /_emulator/images lists what there is",
            ),
            SandboxError::UnknownCheckpoint { .. } => {
                let hint = "GET /_emulator/checkpoints lists what there is";
                Self::new(404, "UnknownCheckpoint", message, hint)
            }
            SandboxError::ReservedCheckpoint => {
                Self::new(409, "ReservedName", message, "choose another name")
            }
            SandboxError::TooManyCheckpoints { .. } => {
                let hint = "DELETE /_emulator/checkpoints/{name} forgets one";
                Self::new(409, "TooManyCheckpoints", message, hint)
            }
            SandboxError::Full(_) => {
                let hint = "delete some of them first; nothing was changed";
                Self::new(409, "KindFull", message, hint)
            }
            SandboxError::InvalidImages(_) | SandboxError::InvalidPatch { .. } => {
                let hint = "mend it and send all of it again; nothing was changed";
                Self::new(400, "InvalidImages", message, hint)
            }
            SandboxError::UnreadableFixture(_) => {
                let hint = "start the emulator anew, or send the fixture in the body";
                Self::new(409, "UnreadableFixture", message, hint)
            }
            SandboxError::Store(error) => Self::internal(error),
            SandboxError::Damaged(error) => Self::internal(error),
        }
    }
}
