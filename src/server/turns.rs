//! Bodies that tell their connection whose turn it is: the client's or the server's.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};

use crate::server::connection::ConnectionHandle;

/// A request's body; when it is dropped, read or not, it is the server's turn.
pub(super) struct RequestBody {
    body: Incoming,
    /// None when there is nothing to read.
    connection: Option<ConnectionHandle>,
}

impl RequestBody {
    pub(super) fn new(body: Incoming, connection: &ConnectionHandle) -> Self {
        let connection = (!body.is_end_stream()).then(|| connection.clone());
        Self { body, connection }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.answer_begins();
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body; when it is dropped, the answer has ended.
pub(super) struct AnswerBody {
    body: Body,
    connection: ConnectionHandle,
}

impl AnswerBody {
    pub(super) fn new(body: Body, connection: ConnectionHandle) -> Self {
        Self { body, connection }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.connection.answer_ends();
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
