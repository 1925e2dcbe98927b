//! A handle on a request's connection, through which a fault can end it.

use std::sync::Arc;

use tokio::sync::watch;

/// How a connection ends at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// With a RST: the client sees a reset.
    Reset,
    /// With a FIN and not a byte more: the client sees the end.
    Close,
}

/// A request's connection.
#[derive(Debug, Clone)]
pub(super) struct ConnectionHandle(Arc<watch::Sender<Option<Cut>>>);

impl ConnectionHandle {
    /// A handle, and the end at which the connection hears of it.
    pub(super) fn new() -> (Self, watch::Receiver<Option<Cut>>) {
        let (sender, receiver) = watch::channel(None);
        (Self(Arc::new(sender)), receiver)
    }

    /// Ends the connection; what the handler does afterwards reaches nobody.
    pub(super) fn cut(&self, cut: Cut) {
        self.0.send_replace(Some(cut));
    }
}
