//! Answers of the control API as HTTP.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::control::{ControlError, Reply, ReplyBody, Wanted};
use crate::sandbox::Export;

/// Makes the answer; an error as JSON.
pub(super) fn respond(result: Result<Reply, ControlError>) -> Response {
    respond_in(Wanted::Json, result)
}

/// Makes the answer; an error in the form that the caller wants.
pub(super) fn respond_in(wanted: Wanted, result: Result<Reply, ControlError>) -> Response {
    respond_from(wanted, result, None)
}

/// Makes the answer; a body in pieces keeps the place of its request until it is sent.
pub(super) fn respond_from(
    wanted: Wanted,
    result: Result<Reply, ControlError>,
    place: Option<OwnedSemaphorePermit>,
) -> Response {
    let (status, body, form) = match result {
        Ok(reply) => {
            let body = match reply.body {
                ReplyBody::Text(text) => text.into(),
                ReplyBody::Pieces(pieces) => streamed(pieces, place),
            };
            (reply.status, body, reply.form)
        }
        Err(error) => {
            if let Some(cause) = &error.cause {
                tracing::error!(?cause, "a control request failed inside");
            }
            let body = match wanted {
                Wanted::Json => error.body(),
                Wanted::Text => error.text(),
            };
            (error.status, body.into(), wanted)
        }
    };
    let content_type = match form {
        Wanted::Json => "application/json",
        Wanted::Text => "text/plain;charset=utf-8",
    };
    let content_type = HeaderValue::from_static(content_type);
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}

/// A body whose pieces are made on a thread of their own, as the client reads them.
fn streamed(pieces: Box<Export>, place: Option<OwnedSemaphorePermit>) -> Body {
    /// Pieces that wait for the client.
    const WAITING_MAX: usize = 2;
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::task::spawn_blocking(move || {
        for piece in *pieces {
            let ends = piece.is_err();
            if let Err(error) = &piece {
                tracing::error!(?error, "an export failed inside and was cut");
            }
            // Without a receiver, the client has gone.
            if sender.blocking_send(piece).is_err() || ends {
                break;
            }
        }
        drop(place);
    });
    let next = |mut receiver: mpsc::Receiver<_>| async move {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    };
    Body::from_stream(stream::unfold(receiver, next))
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
