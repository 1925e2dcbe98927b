//! A control request after it was read, and its reply.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::actions::Gate;
use crate::base::limits::CONTROL_PAGE_ENTRIES_MAX;
use crate::control::ControlError;
use crate::control::parameters::{PAGE_NUMBER_MAX, PAGE_SIZE_DEFAULT};
use crate::fixture::Fixture;
use crate::sandbox::{Export, Sandbox};
use crate::wire::Params;

/// The name of a fixture in a body.
pub(super) const BODY_FIXTURE: &str = "request body";

/// A control request.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The sandboxes and the actions of this emulator.
    pub gate: Gate<'a>,
    /// The fixtures that the emulator was started with.
    pub fixtures: &'a [Fixture],
    /// How long the emulator has run, in seconds.
    pub uptime_s: f64,
    /// Lines that the process's log has lost.
    pub n_log_lines_lost: u64,
    /// The query string.
    pub query: Params,
    /// The value of `{…}` in the path; empty without one.
    pub path: String,
    /// The body, empty or not.
    pub body: Vec<u8>,
    /// The host and port of the request.
    pub host: String,
    /// What the caller wants to read.
    pub wanted: Wanted,
}

/// What a caller wants to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// JSON, for programs.
    Json,
    /// Plain text, for people.
    Text,
}

/// The answer to a control request.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// JSON, or plain text for a caller that asks for it.
    pub body: ReplyBody,
    /// Which of the two the body is.
    pub form: Wanted,
}

/// The body of a reply.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// All of it.
    Text(String),
    /// Any length of JSON, in pieces that are made as they are sent.
    Pieces(Box<Export>),
}

impl From<Export> for Reply {
    fn from(export: Export) -> Self {
        Self {
            body: ReplyBody::Pieces(Box::new(export)),
            ..Self::json(String::new())
        }
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::json(value.to_string())
    }
}

impl Reply {
    /// The reply to something that was created.
    pub(crate) fn created(value: &Value) -> Self {
        Self {
            status: 201,
            ..Self::json(value.to_string())
        }
    }

    /// A reply of JSON text.
    pub(crate) fn json(body: String) -> Self {
        Self {
            status: 200,
            body: ReplyBody::Text(body),
            form: Wanted::Json,
        }
    }

    /// A reply of plain text.
    pub(crate) fn text(body: String) -> Self {
        Self {
            form: Wanted::Text,
            ..Self::json(body)
        }
    }
}

impl Call<'_> {
    /// The sandbox that `?sandbox=` names, else the default one; a GET never makes it.
    pub(super) fn sandbox(&self) -> Result<Arc<Sandbox>, ControlError> {
        Ok(self.gate.sandbox(self.query.value("sandbox"))?)
    }

    /// The page number and the page size of the query string.
    pub(super) fn page(&self) -> Result<(u64, u64), ControlError> {
        let page_number = self.number("pageNumber", 1, PAGE_NUMBER_MAX)?;
        let page_size = self.number("pageSize", PAGE_SIZE_DEFAULT, CONTROL_PAGE_ENTRIES_MAX)?;
        Ok((page_number, page_size))
    }

    /// A positive number of the query string.
    fn number(&self, name: &str, default: u64, max: u64) -> Result<u64, ControlError> {
        let Some(text) = self.query.value(name) else {
            return Ok(default);
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && (1..=max).contains(&number) => Ok(number),
            _ => Err(ControlError::bad_request(
                format!("`{name}` must be an integer in 1..={max}, got {text:?}"),
                format!("leave `{name}` out for {default}"),
            )),
        }
    }

    /// The body as UTF-8.
    fn text(&self) -> Result<&str, ControlError> {
        std::str::from_utf8(&self.body).map_err(|error| {
            let message = format!("the body is not UTF-8: {error}");
            ControlError::bad_request(message, "send JSON in UTF-8")
        })
    }

    /// The body as a fixture.
    pub(super) fn fixture(&self) -> Result<Fixture, ControlError> {
        Ok(Fixture::from_json(BODY_FIXTURE, self.text()?))
    }

    /// Whether the body can only be a JSON list.
    pub(super) fn is_list(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"[")
    }

    /// The body as a JSON object of a known shape; `hint` shows one.
    pub(super) fn json<T: DeserializeOwned>(&self, hint: &str) -> Result<T, ControlError> {
        // A list would be read as the fields of a struct, in order.
        if !self.body.trim_ascii_start().starts_with(b"{") {
            let rule = "the body must be a JSON object";
            return Err(ControlError::bad_request(rule, hint));
        }
        self.any_json(hint)
    }

    /// The body as JSON of a known shape, which may be a list; `hint` shows one.
    pub(super) fn any_json<T: DeserializeOwned>(&self, hint: &str) -> Result<T, ControlError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| ControlError::bad_request(format!("the body: {error}"), hint))
    }

    /// Removes sandboxes past the limits, now that this one has changed.
    pub(super) fn changed(&self, sandbox: &Sandbox) {
        self.gate.sandboxes.keep_within_limits(sandbox.name());
    }
}
