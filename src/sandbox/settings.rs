//! How the sandboxes of an emulator are made.

use std::time::Duration;

use crate::base::ClockMode;
use crate::base::limits::{SANDBOXES_BYTES_MAX, SANDBOXES_MAX};
use crate::journal::JournalSettings;
use crate::resources::Kinds;

/// Whether each AccessKeyId has a sandbox of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// No: all requests share the sandbox `default`.
    #[default]
    Shared,
    /// Yes; requests that name no key use the sandbox `default`.
    ByAccessKey,
}

/// How sandboxes are made, and how many there may be.
#[derive(Debug, Clone, Copy)]
pub struct SandboxSettings {
    /// Whether there is more than one.
    pub isolation: Isolation,
    /// Sandboxes beside the default one; past them, the least recently used one is removed.
    pub n_max: usize,
    /// Memory for their copies and checkpoints, in bytes; past it, the least recently used one is removed.
    pub n_bytes_max: u64,
    /// How long an unused one is kept; `None` keeps it until the emulator stops.
    pub ttl: Option<Duration>,
    /// How each one's clock starts.
    pub clock: ClockMode,
    /// The seed of each one's random numbers; `None` draws another one each time.
    pub rng_seed: Option<u64>,
    /// How much each one's journal keeps.
    pub journal: JournalSettings,
    /// What each one can hold beside custom images; for the tests of this crate.
    #[doc(hidden)]
    pub kinds: Kinds,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            isolation: Isolation::Shared,
            n_max: SANDBOXES_MAX,
            n_bytes_max: SANDBOXES_BYTES_MAX,
            ttl: None,
            clock: ClockMode::default(),
            rng_seed: None,
            journal: JournalSettings::default(),
            kinds: Kinds::default(),
        }
    }
}
