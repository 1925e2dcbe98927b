//! How far a server has to stop.

use tokio::sync::watch;

/// How far a server has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// Not at all: serve.
    No,
    /// Accept no more and finish what is in flight, within 4 seconds.
    Graceful,
    /// Drop everything at once.
    Immediate,
}

/// Waits until the server has to stop.
pub(super) async fn requested(shutdown: &mut watch::Receiver<Shutdown>) {
    // A dropped sender has nobody left to serve.
    shutdown
        .wait_for(|shutdown| *shutdown != Shutdown::No)
        .await
        .ok();
}
