//! Answers of the control API as HTTP.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use crate::control::{ControlError, Reply, Wanted};

/// Makes the answer; an error as JSON.
pub(super) fn respond(result: Result<Reply, ControlError>) -> Response {
    respond_in(Wanted::Json, result)
}

/// Makes the answer; an error in the form that the caller wants.
pub(super) fn respond_in(wanted: Wanted, result: Result<Reply, ControlError>) -> Response {
    let (status, body, form) = match result {
        Ok(reply) => (reply.status, reply.body, reply.form),
        Err(error) => {
            if let Some(cause) = &error.cause {
                tracing::error!(?cause, "a control request failed inside");
            }
            let body = match wanted {
                Wanted::Json => error.body(),
                Wanted::Text => error.text(),
            };
            (error.status, body, wanted)
        }
    };
    let content_type = match form {
        Wanted::Json => "application/json",
        Wanted::Text => "text/plain;charset=utf-8",
    };
    let content_type = HeaderValue::from_static(content_type);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}

/// Reads from `Accept` whether a person wants to read the answer.
pub(super) fn wanted(headers: &HeaderMap) -> Wanted {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let accept = accept.unwrap_or_default().to_ascii_lowercase();
    if accept.starts_with("text/plain") {
        Wanted::Text
    } else {
        Wanted::Json
    }
}
