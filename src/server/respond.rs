//! The answer as HTTP, and the request's one log line.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::base::Random;
use crate::journal::RecordedRequest;
use crate::server::gateway::Failure;
use crate::server::record::Record;
use crate::server::state::AppState;
use crate::wire::{Action, ApiError, ErrorCode, Warning, note};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const REASON: HeaderName = HeaderName::from_static("x-emulator-reason");
const WARNING: HeaderName = HeaderName::from_static("x-emulator-warning");
const UNREAD: HeaderName = HeaderName::from_static("x-emulator-unread");
const EXPLAIN: HeaderName = HeaderName::from_static("x-emulator-explain");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");

/// Makes the answer and writes the log line.
pub(super) fn respond(
    state: &AppState,
    record: &mut Record<'_>,
    outcome: Result<String, Failure>,
) -> Response {
    let request_id = record
        .request_id
        .get_or_insert_with(|| stray_request_id(state))
        .clone();
    let (error, body) = match outcome {
        Ok(body) => (None, body),
        Err(failure) => {
            let error = told(failure, &request_id);
            let body = error.body(record.format(), &request_id, record.headers.host);
            (Some(error), body)
        }
    };
    let status = error.as_ref().map_or(200, |error| error.status);
    log(record, status, error.as_ref());
    let explain = record.explain.clone();
    let warnings = note(&record.warnings);
    let unread = note(record.warnings.iter().filter_map(Warning::unread));
    journal(state, record, status, error.as_ref());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(record.format().content_type()),
    );
    if status == ErrorCode::UNSUPPORTED_HTTP_METHOD.status {
        headers.insert(ALLOW, HeaderValue::from_static("GET, POST"));
    }
    insert(headers, REQUEST_ID, Some(request_id));
    insert(
        headers,
        REASON,
        note(error.iter().filter_map(|error| error.reason.as_ref())),
    );
    insert(headers, WARNING, warnings);
    insert(headers, UNREAD, unread);
    insert(headers, EXPLAIN, note(explain));
    let retry_after = error.as_ref().and_then(|error| error.retry_after_ms);
    insert(headers, RETRY_AFTER, retry_after.map(|ms| ms.to_string()));
    response
}

/// The ID of a request that belongs to no sandbox.
fn stray_request_id(state: &AppState) -> String {
    match state.sandboxes() {
        Ok(sandboxes) => sandboxes.strays().uuid(),
        Err(_not_ready) => Random::of(None, "").uuid(),
    }
}

/// Turns a failure into what the client may know of it; the cause goes to the log here.
fn told(failure: Failure, request_id: &str) -> ApiError {
    match failure {
        Failure::Refused(error) => return error,
        Failure::Internal(error) => tracing::error!(request_id, ?error, "a request failed inside"),
        Failure::Panicked(words) => {
            tracing::error!(request_id, ?words, "a request's handler panicked");
        }
    }
    let reason = format!("it failed inside; the log has the cause under {request_id}");
    ApiError::new(ErrorCode::INTERNAL_ERROR, reason)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(name, value);
    }
}

/// Records the request in its sandbox's journal.
fn journal(state: &AppState, record: &mut Record<'_>, status: u16, error: Option<&ApiError>) {
    let sandbox = match (&record.sandbox, state.sandboxes()) {
        (Some(sandbox), _) => Arc::clone(sandbox),
        // What cannot be read belongs to nobody else.
        (None, Ok(sandboxes)) => Arc::clone(sandboxes.default_sandbox()),
        (None, Err(_not_ready)) => return,
    };
    if !sandbox.journal().is_on() {
        return;
    }
    record.sandbox = Some(Arc::clone(&sandbox));
    let uptime_ms = i64::try_from(state.uptime.elapsed().as_millis()).unwrap_or(i64::MAX);
    let recorded = RecordedRequest {
        uptime_ms,
        ..record.recorded(status, error)
    };
    sandbox.journal().record(recorded);
    state.weigh_journals(&sandbox);
}

fn log(record: &Record<'_>, status: u16, error: Option<&ApiError>) {
    let request_id = record.request_id();
    for warning in &record.warnings {
        tracing::warn!(request_id, warning = ?warning.to_string(), "odd request");
    }
    tracing::info!(
        action = record.action.as_deref().map(known),
        status,
        code = error.map(|error| &*error.code),
        reason = error
            .and_then(|error| error.reason.as_ref())
            .map(tracing::field::debug),
        fault = record
            .strike
            .as_ref()
            .map(|strike| tracing::field::debug(strike.to_string())),
        request_id,
        total_count = record.total_count,
        n_images = record.total_count.map(|_| record.image_ids.len()),
        duration_us = record.laps.total_us(),
        "answered"
    );
}

/// An action's name as the log has it: only the vendor's own names, whatever a client sent.
fn known(action: &str) -> &'static str {
    Action::parse(action).map_or("unknown", Action::name)
}
