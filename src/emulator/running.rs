//! A running emulator: its address, its sandboxes, and how it stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use crate::emulator::handle::SandboxHandle;
use crate::server::{AppState, Shutdown};

/// A running emulator; dropping it stops it.
///
/// A drop takes at most half a second, [`Self::shutdown`] half a second more than requests get. A
/// change of very many images that still runs then goes on in its thread until it is done: nobody
/// sees it, and a database file is closed after it.
#[derive(Debug)]
pub struct Emulator {
    /// At least one.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) state: Arc<AppState>,
    pub(super) shutdown: watch::Sender<Shutdown>,
    /// Receives nothing: its other end is dropped when the thread ends.
    pub(super) ended: Option<oneshot::Receiver<()>>,
    pub(super) thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// The address that the emulator serves on; the first, if there are more.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses that the emulator serves on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The address as an SDK's endpoint with its scheme, such as `http://127.0.0.1:8808`.
    ///
    /// SDKs with a setting for the protocol take [`Self::address`] as the endpoint and `http` as the
    /// protocol.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The sandbox of clients with this AccessKeyId; `default` is the one of all others.
    ///
    /// Any other than `default` needs [`isolate`](crate::EmulatorBuilder::isolate): without it,
    /// the calls of the handle fail.
    pub fn sandbox(&self, access_key_id: impl Into<String>) -> SandboxHandle {
        SandboxHandle::new(Arc::clone(&self.state), access_key_id)
    }

    /// Stops accepting, finishes the requests in flight within 4 seconds, and stops.
    pub async fn shutdown(mut self) {
        self.shutdown.send_replace(Shutdown::Graceful);
        if let Some(ended) = self.ended.take() {
            // The thread drops its end when it ends, also by a panic.
            ended.await.ok();
        }
        self.join();
    }

    fn join(&mut self) {
        // The panic hook has reported a panic of the thread; nothing is left to stop.
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shutdown.send_replace(Shutdown::Immediate);
        self.join();
    }
}
