//! The record of a request: built once, at the end, for its log line and the journal.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::Method;
use tracing::Level;

use crate::actions::Failure;
use crate::base::limits::LOG_FIELD_BYTES_MAX;
use crate::base::{one_line, shortened};
use crate::journal::{self, Outcome, RecordedRequest};
use crate::server::admission::Admission;
use crate::server::arrival::Arrival;
use crate::server::process::Found;
use crate::server::state::AppState;
use crate::wire::{ApiError, ErrorCode, Warning, action_name, note};

/// What is known of a request once its answer is.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) admission: &'a Admission,
    pub(super) warnings: Vec<Warning>,
    pub(super) found: Found,
    pub(super) error: Option<ApiError>,
    /// What failed inside, for the log alone.
    pub(super) cause: Option<String>,
}

/// Turns a failure into what the client may know of it, and the cause that the log has.
pub(super) fn error_of(failure: Failure, request_id: &str) -> (ApiError, Option<String>) {
    let cause = match failure {
        Failure::Refused(error) => return (error, None),
        Failure::Internal(error) => format!("failed inside: {error:?}"),
        Failure::TooLong => "failed inside: it took too long twice".to_owned(),
        Failure::Panicked(message) => format!("panicked: {message}"),
    };
    let reason = format!("it failed inside; the log has the cause under {request_id}");
    let error = ApiError::new(ErrorCode::INTERNAL_ERROR, reason);
    (error, Some(cause))
}

impl Record<'_> {
    /// The HTTP status of the answer.
    pub(super) fn status(&self) -> u16 {
        self.error.as_ref().map_or(200, |error| error.status)
    }

    /// Writes the request's one log line: an error when it failed inside, a warning when it was odd
    /// or its list is empty.
    pub(super) fn log(&self, arrival: &Arrival<'_>) {
        /// The same line at each level; a level is fixed where a line stands.
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    action = arrival.action().map(known),
                    status = self.status(),
                    code = self.code().as_deref(),
                    reason = shown(self.reason()),
                    fault = shown(self.fault().as_deref()),
                    warnings = note(&self.warnings).map(tracing::field::debug),
                    explain = shown(self.found.explain.as_deref()),
                    cause = shown(self.cause.as_deref()),
                    request_id = self.admission.request_id.as_str(),
                    total_count = self.found.total_count,
                    n_images = self.found.total_count.map(|_| self.found.ids.len()),
                    duration_us = arrival.laps.total_us(),
                    "answered"
                )
            };
        }
        if self.cause.is_some() {
            line!(Level::ERROR);
        } else if !self.warnings.is_empty() || self.found.total_count == Some(0) {
            line!(Level::WARN);
        } else {
            line!(Level::INFO);
        }
    }

    /// The error's code, which a fault may have as a user's own text.
    fn code(&self) -> Option<Cow<'_, str>> {
        Some(one_line(&self.error.as_ref()?.code))
    }

    fn reason(&self) -> Option<&str> {
        self.error.as_ref()?.reason.as_deref()
    }

    fn fault(&self) -> Option<String> {
        Some(self.admission.strike.as_ref()?.to_string())
    }

    /// Puts the record into the journal of its sandbox.
    pub(super) fn keep(self, state: &AppState, arrival: &mut Arrival<'_>) {
        let sandbox = match (&self.admission.sandbox, state.sandboxes()) {
            (Some(sandbox), _) => Arc::clone(sandbox),
            // A request that cannot be read is kept in the default sandbox.
            (None, Ok(sandboxes)) => Arc::clone(sandboxes.default_sandbox()),
            (None, Err(_not_ready)) => return,
        };
        if !sandbox.journal().is_on() {
            return;
        }
        let (status, outcome) = self.reach();
        let text = |text: Option<&str>| text.map(str::to_owned);
        let error = self.error.as_ref();
        let unread = self.warnings.iter().filter_map(Warning::unread);
        let recorded = RecordedRequest {
            request_id: self.admission.request_id.clone(),
            at_unix_ms: sandbox.clock().now_unix_ms(),
            uptime_ms: i64::try_from(state.uptime.elapsed().as_millis()).unwrap_or(i64::MAX),
            method: method(&arrival.parts.method),
            action: text(arrival.action()),
            version: text(arrival.version()),
            access_key_id: text(arrival.access_key_id()),
            client: arrival.user_agent.and_then(journal::client),
            user_agent: text(arrival.user_agent),
            signature_version: signature_version(arrival),
            status,
            outcome,
            code: error.map(|error| error.code.to_string()),
            message: error.map(|error| error.message.to_string()),
            reason: self
                .reason()
                .map(|reason| shortened(reason, LOG_FIELD_BYTES_MAX).into_owned()),
            refused_parameter: error.and_then(|error| error.parameter.clone()),
            total_count: self.found.total_count,
            durations: arrival.laps.durations(),
            fault: self.fault(),
            unread: unread.map(str::to_owned).collect(),
            warnings: self.warnings.iter().map(ToString::to_string).collect(),
            image_ids: self.found.ids,
            explain: self.found.explain,
            parameters: RecordedRequest::redacted(std::mem::take(&mut arrival.params)),
        };
        sandbox.journal().record(recorded);
        state.weigh_journals(&sandbox);
    }

    /// The status that reaches the client, 0 for none, and whether it can use the answer.
    fn reach(&self) -> (u16, Outcome) {
        let status = self.status();
        let strike = self.admission.strike.as_ref();
        let (reached, is_readable) = strike.map_or((status, true), |strike| strike.reach(status));
        match (status, is_readable) {
            (200, true) => (reached, Outcome::Success),
            _ => (reached, Outcome::Failure),
        }
    }
}

/// How a request is signed, if it is.
fn signature_version(arrival: &Arrival<'_>) -> Option<&'static str> {
    match arrival.head.authorization {
        Some(text) if text.starts_with("ACS3-") => Some("V3"),
        _ => arrival.params.value("Signature").map(|_| "V1"),
    }
}

/// A client's own text for the log: short, and escaped.
fn shown(text: Option<&str>) -> Option<impl tracing::Value> {
    let text = text.map(|text| shortened(text, LOG_FIELD_BYTES_MAX));
    text.map(tracing::field::debug)
}

/// An action's name for the log, which has only the vendor's own names.
fn known(action: &str) -> &'static str {
    action_name(action).unwrap_or("unknown")
}

/// A method as text; the usual ones cost nothing.
fn method(method: &Method) -> Cow<'static, str> {
    match method.as_str() {
        "GET" => "GET".into(),
        "POST" => "POST".into(),
        other => other.to_owned().into(),
    }
}
