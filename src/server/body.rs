//! Reading a request's body, never more of it than the limit.

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::base::limits::{BODY_DRAIN_BYTES_MAX, BODY_DRAIN_TIME_MAX, PROGRESS_TIME_MAX};
use crate::server::budget::{BodyBudget, Share};

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// It is larger than the limit.
    #[error("a request body has at most {n_bytes_max} bytes")]
    TooLarge {
        /// The limit.
        n_bytes_max: usize,
    },
    /// The bodies of all requests in flight take all memory that they may take.
    #[error("the bodies of all requests in flight have at most {n_bytes_max} bytes together")]
    TooMany {
        /// The limit.
        n_bytes_max: usize,
    },
    /// Nothing of it has come for too long.
    #[error("nothing of the request body came for {} s", PROGRESS_TIME_MAX.as_secs())]
    Stalled,
    /// The client went away, or broke the transfer encoding.
    #[error("the request body could not be read to its end: {0}")]
    Broken(axum::Error),
}

/// A body that was read, and its share of the memory for bodies.
#[derive(Debug)]
pub(super) struct HeldBody {
    pub(super) bytes: Vec<u8>,
    /// Given back when it is dropped, so it is kept as long as the bytes are.
    pub(super) share: Share,
}

/// Reads a body up to a limit, as long as it makes progress.
///
/// Its memory is taken from the budget as it comes: a length that is only announced costs nothing.
///
/// The remainder of a body that is refused is discarded, for at most 8 MiB or 2 seconds: otherwise a
/// client that still sends would see a broken pipe instead of the refusal.
pub(super) async fn read<B>(
    mut body: B,
    n_bytes_max: usize,
    budget: &BodyBudget,
) -> Result<HeldBody, BodyError>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let mut bytes: Vec<u8> = Vec::new();
    let mut share = budget.share();
    loop {
        let frame = timeout(PROGRESS_TIME_MAX, body.frame()).await;
        let Some(frame) = frame.map_err(|_elapsed| BodyError::Stalled)? else {
            return Ok(HeldBody { bytes, share });
        };
        let broken = |error| BodyError::Broken(axum::Error::new(error));
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        let n_read = bytes.len() + data.len();
        let refused = if n_read > n_bytes_max {
            BodyError::TooLarge { n_bytes_max }
        } else if !make_room(&mut bytes, n_read, n_bytes_max, &mut share) {
            let n_bytes_max = budget.n_bytes_max();
            BodyError::TooMany { n_bytes_max }
        } else {
            bytes.extend_from_slice(&data);
            continue;
        };
        drop((bytes, share, data));
        let drain = drain(body, n_read, n_bytes_max + BODY_DRAIN_BYTES_MAX);
        // The answer is the same, whether the body or the time ended first.
        timeout(BODY_DRAIN_TIME_MAX, drain).await.ok();
        return Err(refused);
    }
}

/// Makes room for a length as a vector does, but for no more than a body may have, and out of the
/// budget; false when the budget has not so much.
fn make_room(bytes: &mut Vec<u8>, n_bytes: usize, n_bytes_max: usize, share: &mut Share) -> bool {
    if n_bytes <= bytes.capacity() {
        return true;
    }
    let doubled = n_bytes.max((2 * bytes.capacity()).min(n_bytes_max));
    let capacity = [doubled, n_bytes].into_iter().find(|n| share.grow(*n));
    if let Some(capacity) = capacity {
        bytes.reserve_exact(capacity - bytes.len());
    }
    capacity.is_some()
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
