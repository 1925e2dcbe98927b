//! What every handler sees.

use std::sync::OnceLock;

use crate::clock::Stopwatch;
use crate::fixture::Fixture;
use crate::limits::CONTROL_BODY_BYTES_MAX;
use crate::sandbox::Sandboxes;

/// How the control API is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSettings {
    /// Whether it answers at all.
    pub is_on: bool,
    /// Largest body of a request, in bytes.
    pub body_bytes_max: usize,
    /// Names by which it may be called, beside the local ones.
    pub allow_hosts: Vec<String>,
}

impl Default for ControlSettings {
    fn default() -> Self {
        Self {
            is_on: true,
            body_bytes_max: CONTROL_BODY_BYTES_MAX,
            allow_hosts: Vec::new(),
        }
    }
}

/// The state of one emulator.
#[derive(Debug)]
pub struct AppState {
    /// How the control API is reached.
    pub control: ControlSettings,
    /// The fixtures that the emulator was started with.
    pub fixtures: Vec<Fixture>,
    /// Runs since the emulator was built.
    pub uptime: Stopwatch,
    sandboxes: OnceLock<Sandboxes>,
}

/// The emulator cannot answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seed is not in yet")]
pub struct NotReady;

impl AppState {
    /// A state without images: until [`Self::ready`], every answer is a refusal.
    pub fn new(control: ControlSettings, fixtures: Vec<Fixture>) -> Self {
        Self {
            control,
            fixtures,
            uptime: Stopwatch::start(),
            sandboxes: OnceLock::new(),
        }
    }

    /// Opens the state to requests, once the seed is in and a first query has run.
    pub fn ready(&self, sandboxes: Sandboxes) {
        // Only the start sets it, once.
        self.sandboxes.set(sandboxes).ok();
    }

    /// The sandboxes.
    ///
    /// # Errors
    /// [`NotReady`] while the emulator is being seeded.
    pub fn sandboxes(&self) -> Result<&Sandboxes, NotReady> {
        self.sandboxes.get().ok_or(NotReady)
    }
}
