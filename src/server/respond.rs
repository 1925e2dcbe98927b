//! The answer of the vendor's API as HTTP.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::server::record::Record;
use crate::wire::{ErrorCode, Format, Warning, note};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const REASON: HeaderName = HeaderName::from_static("x-emulator-reason");
const WARNING: HeaderName = HeaderName::from_static("x-emulator-warning");
const UNREAD: HeaderName = HeaderName::from_static("x-emulator-unread");
const EXPLAIN: HeaderName = HeaderName::from_static("x-emulator-explain");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");

/// Makes the answer.
pub(super) fn respond(record: &Record<'_>, format: Format, body: String) -> Response {
    let status = record.status();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static(format.content_type());
    headers.insert(CONTENT_TYPE, content_type);
    if status == ErrorCode::UNSUPPORTED_HTTP_METHOD.status {
        headers.insert(ALLOW, HeaderValue::from_static("GET, POST"));
    }
    let error = record.error.as_ref();
    let reason = error.and_then(|error| error.reason.as_ref());
    let retry_after = error.and_then(|error| error.retry_after_ms);
    let unread = record.warnings.iter().filter_map(Warning::unread);
    let request_id = record.admission.request_id.clone();
    insert(headers, REQUEST_ID, Some(request_id));
    insert(headers, REASON, note(reason));
    insert(headers, WARNING, note(&record.warnings));
    insert(headers, UNREAD, note(unread));
    insert(headers, EXPLAIN, note(record.found.explain.as_ref()));
    insert(headers, RETRY_AFTER, retry_after.map(|ms| ms.to_string()));
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(name, value);
    }
}
