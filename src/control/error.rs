//! Errors of the control API: what is wrong, and what to do.

use std::borrow::Cow;

use serde_json::json;

use crate::actions::ExplainError;
use crate::base::limits::CONTROL_MESSAGE_BYTES_MAX;
use crate::base::{ClockOutOfRange, one_line, shortened};
use crate::faults::FaultsError;
use crate::sandbox::{InvalidSandboxName, NameError, SandboxError};
use crate::store::StoreError;

/// A control request that was refused or failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
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

    /// There is no sandbox of this name.
    pub(crate) fn unknown_sandbox(name: &str, hint: &str) -> Self {
        let message = format!("there is no sandbox `{name}`");
        Self::new(404, "UnknownSandbox", message, hint)
    }

    /// Something failed inside. Only the log has the cause.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let hint = "the emulator's log has the cause";
        Self {
            cause: Some(cause.into()),
            ..Self::new(500, "InternalError", "it failed inside", hint)
        }
    }

    /// The body of the answer as plain text, for people.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}\n", self.shown_message(), one_line(&self.hint))
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> String {
        let (message, hint) = (self.shown_message(), one_line(&self.hint));
        json!({"error": {"code": self.code, "message": message, "hint": hint}}).to_string()
    }

    fn shown_message(&self) -> Cow<'_, str> {
        let message = shortened(&self.message, CONTROL_MESSAGE_BYTES_MAX);
        match self.code {
            // It has several lines, and each of them is safe already.
            "NotVerified" => message,
            _ => one_line(&message).into_owned().into(),
        }
    }

    /// An error of a floor below, with its own text.
    pub(super) fn of(status: u16, code: &'static str, error: &impl ToString) -> Self {
        Self::new(status, code, error.to_string(), hint(code))
    }
}

/// What to do about an error of a floor below.
fn hint(code: &str) -> &'static str {
    match code {
        "ClockOutOfRange" => "name an earlier or a later moment",
        "FaultExists" => "choose another `id`, or leave it out",
        "InvalidImages" => "mend it and send all of it again; nothing was changed",
        "KindFull" => "delete some of them first; nothing was changed",
        "NoExplanation" => "the journal has the request itself: GET /_emulator/requests",
        "NotIsolated" => "start the emulator with `--isolate`, or leave `sandbox` out",
        "NotVerified" => "GET /_emulator/requests shows all that came",
        "SandboxExists" => "end it with DELETE /_emulator/sandboxes/{id}, or choose another name",
        "TooManyCheckpoints" => "DELETE /_emulator/checkpoints/{name} forgets one",
        "TooManyFaults" => "DELETE /_emulator/faults removes all",
        "UnknownCheckpoint" => "GET /_emulator/checkpoints lists what there is",
        "UnknownImage" => "GET /_emulator/images lists what there is",
        "UnreadableFixture" => "start the emulator anew, or send the fixture in the body",
        _ => "choose another name",
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<InvalidSandboxName> for ControlError {
    fn from(error: InvalidSandboxName) -> Self {
        Self::of(400, "InvalidName", &error)
    }
}

impl From<ClockOutOfRange> for ControlError {
    fn from(error: ClockOutOfRange) -> Self {
        Self::of(400, "ClockOutOfRange", &error)
    }
}

impl From<NameError> for ControlError {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Invalid(error) => error.into(),
            NameError::NotIsolated { .. } => Self::of(409, "NotIsolated", &error),
            NameError::Taken { .. } => Self::of(409, "SandboxExists", &error),
            NameError::Store(error) => Self::internal(error),
        }
    }
}

impl From<SandboxError> for ControlError {
    fn from(error: SandboxError) -> Self {
        use SandboxError as E;
        match error {
            E::UnknownImage { .. } => Self::of(404, "UnknownImage", &error),
            E::UnknownCheckpoint { .. } => Self::of(404, "UnknownCheckpoint", &error),
            E::ReservedCheckpoint => Self::of(409, "ReservedName", &error),
            E::TooManyCheckpoints { .. } => Self::of(409, "TooManyCheckpoints", &error),
            E::Full(_) => Self::of(409, "KindFull", &error),
            E::InvalidImages(_) | E::InvalidPatch { .. } => Self::of(400, "InvalidImages", &error),
            E::UnreadableFixture(_) => Self::of(409, "UnreadableFixture", &error),
            E::Store(error) => Self::internal(error),
            E::Damaged(error) => Self::internal(error),
        }
    }
}

impl From<FaultsError> for ControlError {
    fn from(error: FaultsError) -> Self {
        match error {
            FaultsError::DuplicateId { .. } => Self::of(409, "FaultExists", &error),
            FaultsError::TooMany => Self::of(409, "TooManyFaults", &error),
        }
    }
}

impl From<ExplainError> for ControlError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::NoExplanation { .. } => Self::of(404, "NoExplanation", &error),
            ExplainError::Name(error) => error.into(),
            ExplainError::Internal(cause) => Self::internal(cause),
        }
    }
}
