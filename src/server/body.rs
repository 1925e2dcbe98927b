//! Reading a request's body, never more of it than the limit.

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::base::limits::{BODY_DRAIN_BYTES_MAX, BODY_DRAIN_TIME_MAX};

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// It is larger than the limit.
    #[error("a request body has at most {n_bytes_max} bytes")]
    TooLarge {
        /// The limit.
        n_bytes_max: usize,
    },
    /// The client went away, or broke the transfer encoding.
    #[error("the request body could not be read to its end: {0}")]
    Broken(axum::Error),
}

/// Reads a body up to a limit.
///
/// The remainder of a larger one is discarded, for at most 8 MiB or 2 seconds: otherwise a client
/// that still sends would see a broken pipe instead of the refusal.
pub(super) async fn read<B>(mut body: B, n_bytes_max: usize) -> Result<Vec<u8>, BodyError>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let broken = |error| BodyError::Broken(axum::Error::new(error));
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > n_bytes_max {
            let n_read = bytes.len() + data.len();
            drop(bytes);
            let drain = drain(body, n_read, n_bytes_max + BODY_DRAIN_BYTES_MAX);
            // The answer is the same, whether the body or the time ended first.
            timeout(BODY_DRAIN_TIME_MAX, drain).await.ok();
            return Err(BodyError::TooLarge { n_bytes_max });
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

async fn drain(
    mut body: impl HttpBody<Data = Bytes> + Unpin,
    mut n_read: usize,
    n_bytes_max: usize,
) {
    while n_read < n_bytes_max
        && let Some(Ok(frame)) = body.frame().await
    {
        n_read += frame.data_ref().map_or(0, Bytes::len);
    }
}
