//! A connection's socket: it tells the connection's handle what passes through it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::server::connection::ConnectionHandle;
use crate::server::mistakes::Mistake;

/// A TCP stream that notes progress, and what is no HTTP/1 from its first bytes on.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) stream: TcpStream,
    connection: ConnectionHandle,
    is_new: bool,
    /// The other protocol that the client speaks; reading has failed with it.
    pub(super) mistake: Option<Mistake>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, connection: ConnectionHandle) -> Self {
        Self {
            stream,
            connection,
            is_new: true,
            mistake: None,
        }
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(_)) => self.connection.sent(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.unread(),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n_before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let came = &buffer.filled()[n_before..];
        if came.is_empty() {
            return read;
        }
        self.connection.received();
        if std::mem::take(&mut self.is_new) {
            self.mistake = Mistake::of_bytes(came);
            if self.mistake.is_some() {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.mistake.is_some() {
            // It is answered first, when hyper has let go of it.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
