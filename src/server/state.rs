//! What every handler sees.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::actions::{Actions, Failure, Gate};
use crate::base::Stopwatch;
use crate::base::limits::{CONTROL_BODY_BYTES_MAX, JOURNAL_LISTENERS_MAX, LONG_REQUESTS_MAX};
use crate::control::ControlError;
use crate::faults::Magic;
use crate::fixture::Fixture;
use crate::sandbox::{FirstUse, Sandbox, Sandboxes};
use crate::server::budget::BodyBudget;
use crate::server::shutdown::Shutdown;
use crate::server::token::ControlToken;
use crate::wire::{ApiError, ErrorCode};

/// How the control API is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ControlSettings {
    /// Whether it answers at all.
    pub is_on: bool,
    /// Largest body of a request, in bytes.
    pub body_bytes_max: usize,
    /// Names by which it may be called, beside the local ones.
    pub allow_hosts: Vec<String>,
    /// What every caller must know, if anything.
    pub token: Option<ControlToken>,
}

impl Default for ControlSettings {
    fn default() -> Self {
        Self {
            is_on: true,
            body_bytes_max: CONTROL_BODY_BYTES_MAX,
            allow_hosts: Vec::new(),
            token: None,
        }
    }
}

/// The state of one emulator.
#[derive(Debug)]
pub(crate) struct AppState {
    /// How the control API is reached.
    pub control: ControlSettings,
    /// The actions that are answered.
    pub actions: Actions,
    /// Whether an AccessKeyId with a `+` means a fault.
    pub magic: Magic,
    /// How far the server has to stop.
    pub shutdown: watch::Receiver<Shutdown>,
    /// Streams of journals that are being listened to.
    pub listeners: Arc<Semaphore>,
    /// The fixtures that the emulator was started with.
    pub fixtures: Vec<Fixture>,
    /// The memory for bodies of requests in flight.
    pub bodies: BodyBudget,
    /// Runs since the emulator was built.
    pub uptime: Stopwatch,
    /// Lines that the process's log has lost.
    pub n_log_lines_lost: Arc<AtomicU64>,
    /// Requests recorded so far.
    n_recorded: AtomicU64,
    /// Places for requests that may take long.
    elsewhere: Arc<Semaphore>,
    sandboxes: OnceLock<Sandboxes>,
}

/// The emulator cannot answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seed is not in yet")]
pub(crate) struct NotReady;

impl From<NotReady> for ControlError {
    fn from(not_ready: NotReady) -> Self {
        let hint = "wait until /readyz answers 200";
        Self::new(503, "NotReady", not_ready.to_string(), hint)
    }
}

impl From<NotReady> for Failure {
    fn from(not_ready: NotReady) -> Self {
        ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, not_ready.to_string()).into()
    }
}

impl AppState {
    /// A state without sandboxes: until [`Self::ready`], every request is refused.
    pub(crate) fn new(
        control: ControlSettings,
        actions: Actions,
        magic: Magic,
        fixtures: Vec<Fixture>,
        n_log_lines_lost: Arc<AtomicU64>,
        bodies: BodyBudget,
        shutdown: watch::Receiver<Shutdown>,
    ) -> Self {
        Self {
            control,
            actions,
            magic,
            shutdown,
            listeners: Arc::new(Semaphore::new(JOURNAL_LISTENERS_MAX)),
            fixtures,
            bodies,
            uptime: Stopwatch::start(),
            n_log_lines_lost,
            n_recorded: AtomicU64::new(0),
            elsewhere: Arc::new(Semaphore::new(LONG_REQUESTS_MAX)),
            sandboxes: OnceLock::new(),
        }
    }

    /// Opens the state to requests; called once the seed is in and a first query has run.
    pub(crate) fn ready(&self, sandboxes: Sandboxes) {
        // Only the start sets it, once.
        self.sandboxes.set(sandboxes).ok();
    }

    /// The sandboxes; not ready while the emulator is being seeded.
    pub(crate) fn sandboxes(&self) -> Result<&Sandboxes, NotReady> {
        self.sandboxes.get().ok_or(NotReady)
    }

    /// What every request is checked against; not ready while the emulator is being seeded.
    pub(crate) fn gate(&self) -> Result<Gate<'_>, NotReady> {
        Ok(Gate {
            actions: self.actions,
            sandboxes: self.sandboxes()?,
            magic: self.magic,
            first_use: FirstUse::Makes,
        })
    }

    /// Waits for a place among the requests that run for as long as they take.
    ///
    /// Each of them has a thread of its own, while another one serves the connections.
    pub(super) async fn elsewhere(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.elsewhere).acquire_owned().await.ok()
    }

    /// Checks the memory of all sandboxes now and then, since journals grow with every request.
    pub(super) fn weigh_journals(&self, recorded: &Sandbox) {
        const EVERY: u64 = 256;
        let n_recorded = self.n_recorded.fetch_add(1, Ordering::Relaxed);
        if n_recorded.is_multiple_of(EVERY)
            && let Ok(sandboxes) = self.sandboxes()
        {
            sandboxes.keep_within_limits(recorded.name());
        }
    }
}
