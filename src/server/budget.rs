//! The memory that bodies of requests in flight may take together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes that all requests share.
#[derive(Debug, Clone)]
pub(crate) struct BodyBudget(Arc<Left>);

#[derive(Debug)]
struct Left {
    n_bytes: AtomicUsize,
    n_bytes_max: usize,
}

impl BodyBudget {
    pub(crate) fn new(n_bytes_max: usize) -> Self {
        Self(Arc::new(Left {
            n_bytes: AtomicUsize::new(n_bytes_max),
            n_bytes_max,
        }))
    }

    /// The size of the whole budget.
    pub(super) fn n_bytes_max(&self) -> usize {
        self.0.n_bytes_max
    }

    /// An empty share, which grows with a body.
    pub(super) fn share(&self) -> Share {
        Share {
            left: Arc::clone(&self.0),
            n_bytes: 0,
        }
    }
}

/// What one request has of the budget; dropped, it is given back.
#[derive(Debug)]
pub(super) struct Share {
    left: Arc<Left>,
    n_bytes: usize,
}

impl Share {
    /// Grows to a size, unless nothing is left.
    pub(super) fn grow(&mut self, n_bytes: usize) -> bool {
        let n_more = n_bytes.saturating_sub(self.n_bytes);
        let less = |left: usize| left.checked_sub(n_more);
        let left = &self.left.n_bytes;
        let is_left = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        if is_left.is_ok() {
            self.n_bytes += n_more;
        }
        is_left.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.left.n_bytes.fetch_add(self.n_bytes, Ordering::Relaxed);
    }
}
