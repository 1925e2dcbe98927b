//! Settings, checked and bound to an address.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

use crate::actions::Actions;
use crate::base::limits::CACHE_BYTES_MAX;
use crate::base::{Clock, ClockMode, Timestamp};
use crate::emulator::start::{BoundEmulator, Filling, Seed};
use crate::emulator::{Config, Emulator, LISTEN_DEFAULT, Reseed, SeedProgress, StartError};
use crate::faults::Magic;
use crate::fixture::Fixture;
use crate::journal::JournalSettings;
use crate::sandbox::{Isolation, SandboxSettings};
use crate::server::{AppState, ControlSettings, Shutdown};
use crate::store::{ListingCache, Store};

/// Settings of an emulator that is yet to start.
#[derive(Debug, Clone, Default)]
pub struct EmulatorBuilder {
    config: Config,
    fixtures: Vec<Fixture>,
}

impl EmulatorBuilder {
    /// Adds a fixture to seed with. Without any, the built-in account is the seed.
    #[must_use]
    pub fn fixture(mut self, fixture: Fixture) -> Self {
        self.fixtures.push(fixture);
        self
    }

    /// Listens on this address; port 0 is any free one. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.config.listen = Some(address);
        self
    }

    /// Keeps the images in this database file. Default: in memory.
    #[must_use]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.config.database = Some(path.into());
        self
    }

    /// What to do with a database that already holds a seed. Default: keep it.
    #[must_use]
    pub fn reseed(mut self, reseed: Reseed) -> Self {
        self.config.reseed = reseed;
        self
    }

    /// Adds a region to the vendor's.
    #[must_use]
    pub fn region(mut self, id: impl Into<String>) -> Self {
        self.config.regions.push(id.into());
        self
    }

    /// Gives each AccessKeyId a sandbox of its own. Default: all requests share one.
    #[must_use]
    pub fn isolate(mut self) -> Self {
        self.config.sandboxes.isolation = Isolation::ByAccessKey;
        self
    }

    /// How sandboxes are made, and how many may live.
    #[must_use]
    pub fn sandboxes(mut self, settings: SandboxSettings) -> Self {
        self.config.sandboxes = settings;
        self
    }

    /// Starts every sandbox's clock stopped at a moment. Default: clocks run with the system's.
    #[must_use]
    pub fn clock(mut self, at: Timestamp) -> Self {
        self.config.sandboxes.clock = ClockMode::frozen(at);
        self
    }

    /// Makes request IDs and generated ids the same in every run. Default: they differ.
    #[must_use]
    pub fn rng_seed(mut self, seed: u64) -> Self {
        self.config.sandboxes.rng_seed = Some(seed);
        self
    }

    /// Whether an AccessKeyId with a `+` means a fault. Default: it does.
    #[must_use]
    pub fn magic(mut self, magic: Magic) -> Self {
        self.config.magic = magic;
        self
    }

    /// Answers these actions in the place of the emulated ones; for the tests of this crate.
    #[doc(hidden)]
    #[must_use]
    pub fn actions(mut self, actions: Actions) -> Self {
        self.config.actions = actions;
        self
    }

    /// How much each sandbox's journal keeps.
    #[must_use]
    pub fn journal(mut self, settings: JournalSettings) -> Self {
        self.config.sandboxes.journal = settings;
        self
    }

    /// How the control API is reached.
    #[must_use]
    pub fn control(mut self, settings: ControlSettings) -> Self {
        self.config.control = settings;
        self
    }

    /// Serves with this many threads, at least one. Default: one, which is plenty for a test.
    #[must_use]
    pub fn worker_threads(mut self, n_threads: usize) -> Self {
        self.config.worker_threads = Some(n_threads);
        self
    }

    /// Memory for what listings have found, of all sandboxes together, in bytes; 0 keeps nothing.
    /// Default: 6 MiB.
    #[must_use]
    pub fn cache_bytes(mut self, n_bytes_max: u64) -> Self {
        self.config.cache_bytes_max = Some(n_bytes_max);
        self
    }

    /// Checks the fixtures, opens the database and takes the address; serves nothing yet.
    ///
    /// Fixtures of more than 1 MiB together are checked while they are seeded, by
    /// [`BoundEmulator::start`].
    ///
    /// # Errors
    /// [`StartError`] for everything that can be wrong with the settings.
    pub fn bind(self) -> Result<BoundEmulator, StartError> {
        let regions = Arc::new(self.config.regions()?);
        let cache_bytes_max = self.config.cache_bytes_max.unwrap_or(CACHE_BYTES_MAX);
        let cache = Arc::new(ListingCache::new(cache_bytes_max));
        let store = match &self.config.database {
            Some(path) => Store::open(path, &cache)?,
            None => Store::in_memory(&cache)?,
        };
        let now = Clock::new(self.config.sandboxes.clock).now();
        // Only sandboxes are made from fixtures later on.
        let kept = match self.config.sandboxes.isolation {
            Isolation::ByAccessKey => self.fixtures.clone(),
            Isolation::Shared => Vec::new(),
        };
        let seed = Seed::choose(&self.config, self.fixtures, &store, &regions, now)?;
        let listener = listen(
            self.config
                .listen
                .unwrap_or_else(|| any_port(LISTEN_DEFAULT)),
        )?;
        let (shutdown, receiver) = watch::channel(Shutdown::No);
        let progress = Arc::new(SeedProgress::of(seed.n_bytes()));
        let state = Arc::new(AppState::new(
            self.config.control,
            self.config.actions,
            self.config.magic,
            kept,
            shutdown.subscribe(),
        ));
        let n_threads = self.config.worker_threads.unwrap_or(1).max(1);
        Ok(BoundEmulator {
            listener,
            shutdown,
            state,
            filling: Filling {
                store,
                seed,
                regions,
                settings: self.config.sandboxes,
                progress,
                shutdown: receiver,
            },
            n_threads,
        })
    }

    /// Starts the emulator and waits until it is ready.
    ///
    /// It serves on threads of its own, so a client that blocks the caller's thread is answered
    /// too.
    ///
    /// # Errors
    /// [`StartError`] for everything that can be wrong with the settings.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.bind()?.start().await
    }
}

fn any_port(mut address: SocketAddr) -> SocketAddr {
    address.set_port(0);
    address
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
