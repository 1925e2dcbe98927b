//! A refusal as the vendor words it, with our reason beside it.

use std::borrow::Cow;

use crate::wire::{ErrorCode, PRODUCT};

/// An error answer: what the client gets, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// The body's `Code`.
    pub code: Cow<'static, str>,
    /// The body's `Message`, the vendor's text exactly.
    pub message: Cow<'static, str>,
    /// What was wrong: the value and the rule. It goes to the log, the journal and
    /// `x-emulator-reason`, never into the body.
    pub reason: Option<String>,
    /// The parameter that broke a rule, when one did.
    pub parameter: Option<String>,
    /// The header `x-acs-retry-after`, in milliseconds, when a fault asks for it.
    pub retry_after_ms: Option<u64>,
}

impl ApiError {
    /// A fixed error with the reason for it.
    pub fn new(code: ErrorCode, reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..code.into()
        }
    }

    /// `Missing<Param>`: a required parameter is absent or empty.
    ///
    /// Source: the gateway's public error codes.
    pub fn missing(parameter: &str) -> Self {
        let message = format!("{parameter} is mandatory for this action.");
        let reason = format!("`{parameter}` is absent or empty");
        Self::of_parameter("Missing", parameter, message, reason)
    }

    /// `Invalid<Param>`: a parameter breaks a rule, which the reason names.
    ///
    /// Source: the gateway's public error codes.
    pub fn invalid(parameter: &str, reason: impl Into<String>) -> Self {
        let message = format!("Specified parameter {parameter} is not valid.");
        Self::of_parameter("Invalid", parameter, message, reason.into())
    }

    fn of_parameter(problem: &str, parameter: &str, message: String, reason: String) -> Self {
        Self {
            status: 400,
            code: format!("{problem}{parameter}").into(),
            message: message.into(),
            reason: Some(reason),
            parameter: Some(parameter.to_owned()),
            retry_after_ms: None,
        }
    }

    /// `NotImplemented`: an action of the product that is not emulated; `emulated` lists the others.
    ///
    /// Source: our reading. Not 501, which some clients take for transient and retry for minutes.
    pub(crate) fn not_implemented(name: &str, emulated: &str) -> Self {
        Self {
            status: 400,
            code: "NotImplemented".into(),
            message: format!("{name} is not emulated; this emulator answers {emulated}.").into(),
            reason: Some(format!(
                "`{name}` is an action of {PRODUCT} that is not emulated"
            )),
            parameter: None,
            retry_after_ms: None,
        }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self {
            status: code.status,
            code: code.code.into(),
            message: code.message.into(),
            reason: None,
            parameter: None,
            retry_after_ms: None,
        }
    }
}
