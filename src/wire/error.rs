//! A refusal as the vendor words it, with our reason beside it.

use std::borrow::Cow;

use serde::Serialize;

use crate::wire::{ErrorCode, Format, PRODUCT, xml};

/// An error answer: what the client is told, and why.
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
        Self {
            status: 400,
            code: format!("Missing{parameter}").into(),
            message: format!("{parameter} is mandatory for this action.").into(),
            reason: Some(format!("`{parameter}` is absent or empty")),
            parameter: Some(parameter.to_owned()),
            retry_after_ms: None,
        }
    }

    /// `Invalid<Param>`: a parameter breaks a rule, which the reason names.
    ///
    /// Source: the gateway's public error codes.
    pub fn invalid(parameter: &str, reason: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: format!("Invalid{parameter}").into(),
            message: format!("Specified parameter {parameter} is not valid.").into(),
            reason: Some(reason.into()),
            parameter: Some(parameter.to_owned()),
            retry_after_ms: None,
        }
    }

    /// `NotImplemented`: an action of the product that is not emulated.
    ///
    /// Source: our reading. Not 501, which some clients take for transient and retry for minutes.
    ///
    /// `emulated` names the actions that are.
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

    /// Writes the body in the format asked for.
    pub fn body(&self, format: Format, request_id: &str, host: &str) -> String {
        let code = &self.code;
        let body = ErrorBody {
            request_id,
            host_id: host,
            code,
            message: &self.message,
            recommend: format!(
                "https://api.aliyun.com/troubleshoot?q={code}&product={PRODUCT}&requestId={request_id}"
            ),
        };
        // A struct of strings always has a JSON form, so the empty object is never seen.
        let body = serde_json::to_value(&body).unwrap_or_default();
        match format {
            Format::Json => body.to_string(),
            Format::Xml => xml::document("Error", &body),
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

/// The body of an error, in the vendor's order.
///
/// Source: the gateway's documented error answer; every field is a string, or one client fails.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    request_id: &'a str,
    host_id: &'a str,
    code: &'a str,
    message: &'a str,
    recommend: String,
}
