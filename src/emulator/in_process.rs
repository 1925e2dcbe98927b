//! An emulator that is asked without a socket.

use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{Request, Response};

use crate::emulator::Emulator;
use crate::server::{Router, router};

/// The way into a running emulator that passes no socket.
pub struct InProcess(Router);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

impl InProcess {
    /// The way into this emulator.
    pub fn of(emulator: &Emulator) -> Self {
        Self(router(Arc::clone(&emulator.state)))
    }

    /// Answers a request; `None` when a fault ends its connection.
    pub async fn answer(&self, request: Request<Vec<u8>>) -> Option<Response<Bytes>> {
        self.0.answer_in_process(request).await
    }
}
