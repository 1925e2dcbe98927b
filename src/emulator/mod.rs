//! The façade: build an emulator, start it, ask where it is, stop it.

mod builder;
mod config;
mod error;
mod handle;
mod progress;
mod start;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use crate::base::{Clock, ClockMode};

use crate::fixture::{self, Fixture};
use crate::resources::Kinds;
use crate::server::{AppState, Shutdown};

pub use builder::EmulatorBuilder;
pub(crate) use config::{Config, LISTEN_DEFAULT, parse_regions};
pub use config::{InvalidRegion, Reseed};
pub use error::StartError;
pub use handle::{HandleError, SandboxHandle};
pub use progress::SeedProgress;
pub use start::BoundEmulator;

/// A running emulator; dropped, it is stopped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    state: Arc<AppState>,
    shutdown: watch::Sender<Shutdown>,
    /// Told nothing: its other end is dropped when the thread ends.
    ended: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Settings for a new emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// The address that the emulator serves on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as an SDK's endpoint with its scheme, such as `http://127.0.0.1:8808`.
    ///
    /// SDKs that take the scheme apart want [`Self::address`] as the endpoint and `http` as the
    /// protocol.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The sandbox of clients with this AccessKeyId; `default` is the one of all others.
    ///
    /// Any other than `default` needs [`EmulatorBuilder::isolate`]; calls on it fail without.
    pub fn sandbox(&self, access_key_id: impl Into<String>) -> SandboxHandle {
        SandboxHandle::new(Arc::clone(&self.state), access_key_id)
    }

    /// Stops accepting, finishes what is in flight within 5 seconds, and stops.
    pub async fn shutdown(mut self) {
        self.shutdown.send_replace(Shutdown::Graceful);
        if let Some(ended) = self.ended.take() {
            // The thread drops its end when it ends, whatever ends it.
            ended.await.ok();
        }
        self.join();
    }

    fn join(&mut self) {
        // A panic of the thread has been told by the panic hook; there is nothing left to stop.
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

/// Checks fixtures by every rule, without starting anything; tells how many images they hold.
///
/// `added_regions` are known beside the vendor's.
///
/// # Errors
/// [`StartError`] for the first thing that is wrong.
pub fn check_fixtures(fixtures: &[Fixture], added_regions: &[String]) -> Result<usize, StartError> {
    let regions = parse_regions(added_regions)?;
    let now = Clock::new(ClockMode::default()).now();
    let mut n_images = 0;
    for image in fixture::read(fixtures, Kinds::default(), &regions, now) {
        image?;
        n_images += 1;
    }
    Ok(n_images)
}
