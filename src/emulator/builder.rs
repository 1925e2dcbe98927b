//! Settings, checked and bound to an address.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::actions::Actions;
use crate::base::{Clock, ClockMode, Timestamp};
use crate::emulator::config::{Config, Reseed, parse_regions};
use crate::emulator::error::StartError;
use crate::emulator::progress::SeedProgress;
use crate::emulator::running::Emulator;
use crate::emulator::start::{BoundEmulator, Seed, Startup};
use crate::faults::Magic;
use crate::fixture::Fixture;
use crate::resources::Kinds;
use crate::sandbox::Isolation;
use crate::server::{AppState, Shutdown};
use crate::store::{ListingCache, Store};

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
pub struct EmulatorBuilder {
    config: Config,
    /// The text given as a clock, when it is not a moment; the start reports it.
    invalid_clock: Option<String>,
}

impl Emulator {
    /// Settings for a new emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }
}

impl EmulatorBuilder {
    /// A builder with all settings at once, as the command line has them.
    #[cfg(feature = "cli")]
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            invalid_clock: None,
        }
    }

    /// Adds a fixture to seed with. Without any, the built-in account is the seed.
    #[must_use]
    pub fn fixture(mut self, fixture: Fixture) -> Self {
        self.config.fixtures.push(fixture);
        self
    }

    /// Listens on this address; port 0 is any free one. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.config.listen = address;
        self
    }

    /// Keeps the default sandbox in this database file. Default: in memory.
    #[must_use]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.config.database = Some(path.into());
        self
    }

    /// Seeds a database again that already holds a seed. Default: what it holds is kept.
    #[must_use]
    pub fn reseed(mut self) -> Self {
        self.config.reseed = Reseed::Always;
        self
    }

    /// Adds a region to the vendor's.
    #[must_use]
    pub fn region(mut self, id: impl Into<String>) -> Self {
        self.config.regions.push(id.into());
        self
    }

    /// Replaces the actions that are answered; for this crate's tests.
    #[doc(hidden)]
    #[must_use]
    pub fn actions(mut self, actions: Actions) -> Self {
        self.config.actions = actions;
        self
    }

    /// Replaces the kinds of resources that are known beside custom images; for this crate's tests.
    #[doc(hidden)]
    #[must_use]
    pub fn kinds(mut self, kinds: Kinds) -> Self {
        self.config.sandboxes.kinds = kinds;
        self
    }

    /// Gives each AccessKeyId a sandbox of its own. Default: all requests share one.
    #[must_use]
    pub fn isolate(mut self) -> Self {
        self.config.sandboxes.isolation = Isolation::ByAccessKey;
        self
    }

    /// Keeps at most `n` sandboxes beside `default`; past them, the least recently used one is
    /// removed. Default: 1,000.
    #[must_use]
    pub fn sandboxes_max(mut self, n: usize) -> Self {
        self.config.sandboxes.n_max = n;
        self
    }

    /// Limits the memory of all sandboxes, in bytes; past it, the least recently used one is
    /// removed. Default: 256 MiB.
    #[must_use]
    pub fn sandboxes_bytes(mut self, n_bytes: u64) -> Self {
        self.config.sandboxes.n_bytes_max = n_bytes;
        self
    }

    /// Removes a sandbox that was not used for this time. Default: never.
    #[must_use]
    pub fn sandbox_ttl(mut self, ttl: Duration) -> Self {
        self.config.sandboxes.ttl = Some(ttl);
        self
    }

    /// Starts every sandbox's clock frozen at a moment, such as `2026-01-01T00:00:00Z`. Default:
    /// clocks run with the system's.
    ///
    /// Any other text is an error of [`Self::start`].
    #[must_use]
    pub fn clock(mut self, at: impl fmt::Display) -> Self {
        let text = at.to_string();
        match Timestamp::parse(&text) {
            Some(at) => {
                self.config.sandboxes.clock = ClockMode::frozen(at);
                self.invalid_clock = None;
            }
            None => self.invalid_clock = Some(text),
        }
        self
    }

    /// Makes request IDs and generated ids the same in every run. Default: they differ.
    #[must_use]
    pub fn rng_seed(mut self, seed: u64) -> Self {
        self.config.sandboxes.rng_seed = Some(seed);
        self
    }

    /// Keeps at most `n` requests in each sandbox's journal; 0 switches it off. Default: 1,000.
    #[must_use]
    pub fn journal_entries(mut self, n: usize) -> Self {
        self.config.sandboxes.journal.n_entries_max = n;
        self
    }

    /// Limits the memory of each sandbox's journal, in bytes; 0 switches it off. Default: 8 MiB.
    #[must_use]
    pub fn journal_bytes(mut self, n_bytes: usize) -> Self {
        self.config.sandboxes.journal.n_bytes_max = n_bytes;
        self
    }

    /// Takes an AccessKeyId with a `+` for a key like any other. Default: it means a fault.
    #[must_use]
    pub fn no_magic(mut self) -> Self {
        self.config.magic = Magic::Off;
        self
    }

    /// Switches the control API off. Default: it is on.
    #[must_use]
    pub fn no_control(mut self) -> Self {
        self.config.control.is_on = false;
        self
    }

    /// Limits the body of a control request, in bytes. Default: 32 MiB.
    #[must_use]
    pub fn control_body_bytes(mut self, n_bytes: usize) -> Self {
        self.config.control.body_bytes_max = n_bytes;
        self
    }

    /// Lets clients call the control API by this host name too. Default: local names only.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.config.control.allow_hosts.push(name.into());
        self
    }

    /// Serves with this many threads, at least one. Default: one, which is plenty for a test.
    #[must_use]
    pub fn worker_threads(mut self, n_threads: usize) -> Self {
        self.config.worker_threads = n_threads;
        self
    }

    /// Limits the memory for cached listings of all sandboxes together, in bytes; 0 switches the
    /// cache off. Default: 6 MiB.
    #[must_use]
    pub fn cache_bytes(mut self, n_bytes: u64) -> Self {
        self.config.cache_bytes_max = n_bytes;
        self
    }

    /// Checks the fixtures, opens the database and takes the address; serves nothing yet.
    ///
    /// Fixtures of more than 1 MiB together are checked while they are seeded, by
    /// [`BoundEmulator::start`].
    ///
    /// # Errors
    /// [`StartError`] for a setting that cannot be used.
    #[doc(hidden)]
    pub fn bind(self) -> Result<BoundEmulator, StartError> {
        if let Some(text) = self.invalid_clock {
            return Err(StartError::Clock { text });
        }
        let config = self.config;
        let regions = Arc::new(parse_regions(&config.regions)?);
        let cache = Arc::new(ListingCache::new(config.cache_bytes_max));
        let store = match &config.database {
            Some(path) => Store::open(path, &cache)?,
            None => Store::in_memory(&cache)?,
        };
        let now = Clock::new(config.sandboxes.clock).now();
        let seed = Seed::choose(&config, &store, &regions, now)?;
        let listener = listen(config.listen)?;
        let (shutdown, receiver) = watch::channel(Shutdown::No);
        // Only new sandboxes are made from fixtures later on.
        let fixtures = match config.sandboxes.isolation {
            Isolation::ByAccessKey => config.fixtures,
            Isolation::Shared => Vec::new(),
        };
        let state = Arc::new(AppState::new(
            config.control,
            config.actions,
            config.magic,
            fixtures,
            shutdown.subscribe(),
        ));
        let progress = Arc::new(SeedProgress::of(seed.n_bytes()));
        Ok(BoundEmulator {
            listener,
            shutdown,
            state,
            startup: Startup {
                store,
                seed,
                regions,
                settings: config.sandboxes,
                progress,
                shutdown: receiver,
            },
            n_threads: config.worker_threads.max(1),
        })
    }

    /// Starts the emulator and waits until it is ready.
    ///
    /// It serves on threads of its own, so a client that blocks the caller's thread is answered
    /// too.
    ///
    /// # Errors
    /// [`StartError`] for a setting that cannot be used, and when the store fails.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.bind()?.start().await
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            return StartError::AddressInUse { address };
        }
        StartError::Listen { address, source }
    })
}
