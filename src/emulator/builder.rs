//! The settings of an emulator; the command line fills the same ones.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::actions::Actions;
use crate::emulator::listen::Listen;
use crate::emulator::running::Emulator;
use crate::faults::Magic;
use crate::fixture::Fixture;
use crate::resources::Kinds;
use crate::sandbox::{Isolation, SandboxSettings};
use crate::server::{ControlSettings, ControlToken};
use crate::store::Durability;

/// The settings of an emulator that has not started yet.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use swas_emulator::Emulator;
///
/// let emulator = Emulator::builder()
///     .isolate()
///     .clock("2026-01-01T00:00:00Z")
///     .rng_seed(7)
///     .start()
///     .await?;
/// assert_eq!(emulator.sandbox("ci-7").clock().now()?, "2026-01-01T00:00:00Z");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "it does nothing until it is started"]
pub struct EmulatorBuilder {
    pub(super) fixtures: Vec<Fixture>,
    /// The addresses to listen on; none is a free port of localhost.
    pub(super) listen: Vec<Listen>,
    pub(super) database: Option<PathBuf>,
    pub(super) durability: Durability,
    pub(super) reseed: bool,
    /// Region ids beside the vendor's.
    pub(super) regions: Vec<String>,
    pub(super) actions: Actions,
    pub(super) sandboxes: SandboxSettings,
    /// The moment at which clocks start, as given; the start reports one that is not a moment.
    pub(super) clock: Option<String>,
    pub(super) magic: Magic,
    pub(super) control: ControlSettings,
    pub(super) worker_threads: usize,
    pub(super) cache_bytes_max: Option<u64>,
    /// Lines that the process's log has lost.
    pub(super) n_log_lines_lost: Arc<AtomicU64>,
    pub(super) bodies_bytes_max: Option<usize>,
}

impl Emulator {
    /// Settings for a new emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }
}

impl EmulatorBuilder {
    /// Adds a fixture to seed with. Without any, the built-in account is the seed.
    pub fn fixture(mut self, fixture: Fixture) -> Self {
        self.fixtures.push(fixture);
        self
    }

    /// Listens on this address; port 0 is any free one. May be called repeatedly: port 0 is then the
    /// port of the first address. Default: [`Self::listen_on_localhost`] with port 0.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen.push(Listen::On(address));
        self
    }

    /// Listens on one port of both loopback addresses, `127.0.0.1` and `[::1]`, which is what clients
    /// mean by `localhost`; where IPv6 is off, on the first alone.
    pub fn listen_on_localhost(mut self, port: u16) -> Self {
        self.listen.push(Listen::Localhost(port));
        self
    }

    /// Keeps the default sandbox in this database file. Default: in memory.
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.database = Some(path.into());
        self
    }

    /// Says when a change of the database reaches the disk. Default: [`Durability::Normal`].
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Seeds a database again that already holds a seed. Default: what it holds is kept.
    pub fn reseed(mut self) -> Self {
        self.reseed = true;
        self
    }

    /// Adds a region to the vendor's.
    pub fn region(mut self, id: impl Into<String>) -> Self {
        self.regions.push(id.into());
        self
    }

    /// Replaces the actions that are answered; for this crate's tests.
    #[doc(hidden)]
    pub fn actions(mut self, actions: Actions) -> Self {
        self.actions = actions;
        self
    }

    /// Replaces the kinds of resources that are known beside custom images; for this crate's tests.
    #[doc(hidden)]
    pub fn kinds(mut self, kinds: Kinds) -> Self {
        self.sandboxes.kinds = kinds;
        self
    }

    /// Gives each AccessKeyId a sandbox of its own. Default: all requests share one.
    pub fn isolate(mut self) -> Self {
        self.sandboxes.isolation = Isolation::ByAccessKey;
        self
    }

    /// Keeps at most `n` sandboxes beside `default`; past them, the least recently used one is
    /// removed. Default: 1,000.
    pub fn sandboxes_max(mut self, n: usize) -> Self {
        self.sandboxes.n_max = n;
        self
    }

    /// Limits the memory of all sandboxes, in bytes; past it, the least recently used one is
    /// removed. Default: 256 MiB.
    pub fn sandboxes_bytes(mut self, n_bytes: u64) -> Self {
        self.sandboxes.n_bytes_max = n_bytes;
        self
    }

    /// Removes a sandbox that was not used for this time. Default: never.
    pub fn sandbox_ttl(mut self, ttl: Duration) -> Self {
        self.sandboxes.ttl = Some(ttl);
        self
    }

    /// Starts every sandbox's clock frozen at a moment, such as `2026-01-01T00:00:00Z`. Default:
    /// clocks run with the system's.
    ///
    /// Any other text is an error of [`Self::start`].
    pub fn clock(mut self, at: impl fmt::Display) -> Self {
        self.clock = Some(at.to_string());
        self
    }

    /// Makes request IDs and generated ids the same in every run. Default: they differ.
    pub fn rng_seed(mut self, seed: u64) -> Self {
        self.sandboxes.rng_seed = Some(seed);
        self
    }

    /// Keeps at most `n` requests in each sandbox's journal; 0 switches it off. Default: 1,000.
    pub fn journal_entries(mut self, n: usize) -> Self {
        self.sandboxes.journal.n_entries_max = n;
        self
    }

    /// Limits the memory of each sandbox's journal, in bytes; 0 switches it off. Default: 8 MiB.
    pub fn journal_bytes(mut self, n_bytes: usize) -> Self {
        self.sandboxes.journal.n_bytes_max = n_bytes;
        self
    }

    /// Takes an AccessKeyId with a `+` for a key like any other. Default: it means a fault.
    pub fn no_magic(mut self) -> Self {
        self.magic = Magic::Off;
        self
    }

    /// Switches the control API off. Default: it is on.
    pub fn no_control(mut self) -> Self {
        self.control.is_on = false;
        self
    }

    /// Lets only clients use the control API that send `Authorization: Bearer TOKEN`. Default:
    /// everybody who reaches the port.
    ///
    /// A token that a header cannot hold is an error of [`Self::start`].
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control.token = Some(ControlToken::from(token.into()));
        self
    }

    /// Limits the body of a control request, in bytes. Default: 32 MiB.
    pub fn control_body_bytes(mut self, n_bytes: usize) -> Self {
        self.control.body_bytes_max = n_bytes;
        self
    }

    /// Lets clients call the control API by this host name too. Default: local names only.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.control.allow_hosts.push(name.into());
        self
    }

    /// Reports this count of lost lines of the log in `/_emulator/health`; for the binary.
    #[cfg(feature = "cli")]
    pub(crate) fn log_lines_lost(mut self, n_lines: Arc<AtomicU64>) -> Self {
        self.n_log_lines_lost = n_lines;
        self
    }

    /// Serves with this many threads, at least one. Default: one, which is plenty for a test.
    pub fn worker_threads(mut self, n_threads: usize) -> Self {
        self.worker_threads = n_threads;
        self
    }

    /// Limits the memory for cached listings of all sandboxes together, in bytes; 0 switches the
    /// cache off. Default: 6 MiB.
    pub fn cache_bytes(mut self, n_bytes: u64) -> Self {
        self.cache_bytes_max = Some(n_bytes);
        self
    }
    /// Limits the memory for bodies of all requests in flight, in bytes. Default: 256 MiB.
    #[doc(hidden)]
    pub fn bodies_bytes(mut self, n_bytes: usize) -> Self {
        self.bodies_bytes_max = Some(n_bytes);
        self
    }
}
