//! What every handler sees.

use std::sync::OnceLock;

use crate::clock::{Clock, Stopwatch};
use crate::domain::Regions;
use crate::sandbox::Sandbox;

/// The state of one emulator.
#[derive(Debug)]
pub struct AppState {
    /// The known regions.
    pub regions: Regions,
    /// Where the time comes from.
    pub clock: Clock,
    /// Runs since the emulator was built.
    pub uptime: Stopwatch,
    sandbox: OnceLock<Sandbox>,
}

/// The emulator cannot answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seed is not in yet")]
pub struct NotReady;

impl AppState {
    /// A state without images: until [`Self::ready`], every answer is a refusal.
    pub fn new(regions: Regions, clock: Clock) -> Self {
        Self {
            regions,
            clock,
            uptime: Stopwatch::start(),
            sandbox: OnceLock::new(),
        }
    }

    /// Opens the state to requests, once the seed is in and a first query has run.
    pub fn ready(&self, sandbox: Sandbox) {
        // Only the start sets it, once.
        self.sandbox.set(sandbox).ok();
    }

    /// The sandbox of a request.
    ///
    /// # Errors
    /// [`NotReady`] while the emulator is being seeded.
    pub fn sandbox(&self) -> Result<&Sandbox, NotReady> {
        self.sandbox.get().ok_or(NotReady)
    }
}
