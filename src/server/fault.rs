//! What a fault does to a finished answer, on its way out.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::response::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, Collected};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::faults::Effect;
use crate::server::connection::{ConnectionHandle, Cut};
use crate::server::shutdown::{self, Shutdown};

/// Pieces that a dribbled body comes in, at most.
const PIECES_MAX: usize = 20;

/// The page that a proxy shows when the server behind it is gone.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// Waits, but no longer than the server runs.
pub(super) async fn wait(delay: Duration, mut shutdown: watch::Receiver<Shutdown>) {
    tokio::select! {
        () = sleep(delay) => {}
        () = shutdown::requested(&mut shutdown) => {}
    }
}

/// Applies an effect to an answer.
pub(super) async fn apply(
    effect: &Effect,
    response: Response,
    connection: Option<&ConnectionHandle>,
    shutdown: watch::Receiver<Shutdown>,
) -> Response {
    match effect {
        // These were applied when the answer was made.
        Effect::Error(_) | Effect::Paging(_) => response,
        Effect::Reset => cut(connection, Cut::Reset).await,
        Effect::Empty => cut(connection, Cut::Close).await,
        Effect::Truncate => truncate(response, shutdown).await,
        Effect::Dribble(time) => dribble(response, *time, shutdown).await,
        Effect::Malformed => {
            // Without its last character no JSON object and no XML document is whole.
            change_body(response, |body| body.slice(..body.len().saturating_sub(1))).await
        }
        Effect::Html502 => bad_gateway(response),
        Effect::WrongType => change_body(response, |body| total_as_number(&body)).await,
    }
}

/// Ends the connection and never answers.
async fn cut(connection: Option<&ConnectionHandle>, cut: Cut) -> Response {
    if let Some(connection) = connection {
        connection.cut(cut);
    }
    std::future::pending().await
}

/// The body's bytes; our own bodies are in memory and cannot fail.
async fn bytes(body: Body) -> Bytes {
    let body = body.collect().await;
    body.map(Collected::to_bytes).unwrap_or_default()
}

/// The head of an answer whose body is sent in pieces, with the length of the whole, and the body.
async fn sized(response: Response) -> (Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    let body = bytes(body).await;
    let length = HeaderValue::from(body.len());
    parts.headers.insert(CONTENT_LENGTH, length);
    (parts, body)
}

async fn change_body(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from(change(bytes(body).await)))
}

/// Sends the header and half the body, then ends the connection.
async fn truncate(response: Response, shutdown: watch::Receiver<Shutdown>) -> Response {
    /// Time for the half to leave before the end.
    const PAUSE: Duration = Duration::from_millis(5);
    let (parts, body) = sized(response).await;
    let half = stream::iter([Ok(body.slice(..body.len() / 2))]);
    let end = stream::once(async move {
        wait(PAUSE, shutdown).await;
        Err(io::Error::other("a fault cuts the body here"))
    });
    Response::from_parts(parts, Body::from_stream(half.chain(end)))
}

/// Sends the body in pieces, with pauses that add up to the time.
async fn dribble(
    response: Response,
    time: Duration,
    shutdown: watch::Receiver<Shutdown>,
) -> Response {
    let (parts, body) = sized(response).await;
    let n_bytes = body.len().div_ceil(PIECES_MAX).max(1);
    let n_pieces = u32::try_from(body.len().div_ceil(n_bytes)).unwrap_or(1);
    let pause = time / n_pieces.max(1);
    let pieces = stream::unfold(body, move |mut rest| {
        let shutdown = shutdown.clone();
        async move {
            if rest.is_empty() {
                return None;
            }
            wait(pause, shutdown).await;
            let piece = rest.split_to(n_bytes.min(rest.len()));
            Some((Ok::<_, Infallible>(piece), rest))
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// A page of a proxy, under the emulator's own headers.
fn bad_gateway(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::BAD_GATEWAY;
    let html = HeaderValue::from_static("text/html");
    parts.headers.insert(CONTENT_TYPE, html);
    Response::from_parts(parts, Body::from(BAD_GATEWAY))
}

/// Writes `TotalCount` without its quotes; a body that has none stays as it is.
fn total_as_number(body: &Bytes) -> Bytes {
    const FIELD: &str = "\"TotalCount\":\"";
    let text = String::from_utf8_lossy(body);
    // The field stands behind the images, whose own texts have their quotes escaped.
    let field = text.rsplit_once(FIELD);
    match field.and_then(|(head, tail)| Some((head, tail.split_once('"')?))) {
        Some((head, (total, rest))) => Bytes::from(format!("{head}\"TotalCount\":{total}{rest}")),
        None => body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_becomes_a_number_and_nothing_else_changes() {
        let body = Bytes::from_static(br#"{"CustomImages":[{"Name":"\"TotalCount\":\"9"}],"TotalCount":"25","PageSize":"10"}"#);
        let changed = total_as_number(&body);
        assert_eq!(
            changed,
            &br#"{"CustomImages":[{"Name":"\"TotalCount\":\"9"}],"TotalCount":25,"PageSize":"10"}"#
                [..]
        );
        assert_eq!(total_as_number(&Bytes::from_static(b"{}")), &b"{}"[..]);
    }
}
