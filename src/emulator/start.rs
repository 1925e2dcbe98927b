//! From settings to a running server: seed, serve, first query.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use tokio::runtime;
use tokio::sync::{oneshot, watch};

use crate::base::Timestamp;
use crate::base::limits::FIXTURE_HELD_BYTES_MAX;
use crate::emulator::config::{Config, Reseed};
use crate::emulator::error::StartError;
use crate::emulator::progress::SeedProgress;
use crate::emulator::running::Emulator;
use crate::fixture::{self, Fixture};
use crate::resources::Regions;
use crate::sandbox::{SandboxSettings, Sandboxes, add};
use crate::server::{AppState, Shutdown, router, serve};
use crate::store::{OldCheckpoints, Store};

/// What the store is seeded with at the start.
#[derive(Debug)]
pub(super) enum Seed {
    /// Nothing: the database holds a seed already.
    Kept,
    /// The images of these fixtures.
    New {
        fixtures: Vec<Fixture>,
        at: Timestamp,
    },
}

impl Seed {
    pub(super) fn choose(
        config: &Config,
        store: &Store,
        regions: &Regions,
        now: Timestamp,
    ) -> Result<Self, StartError> {
        if config.reseed == Reseed::Never
            && let Some(seeded_at) = store.seeded_at()?
        {
            if !config.fixtures.is_empty() {
                tracing::warn!(
                    seeded_at = %seeded_at,
                    "the database holds a seed already, so the fixtures are ignored; `--reseed` starts over"
                );
            }
            return Ok(Self::Kept);
        }
        let fixtures = if config.fixtures.is_empty() {
            vec![Fixture::built_in()]
        } else {
            config.fixtures.clone()
        };
        let seed = Self::New { fixtures, at: now };
        if let Self::New { fixtures, at } = &seed
            && seed.n_bytes() <= FIXTURE_HELD_BYTES_MAX
        {
            // Read twice, so that a mistake is reported before anything waits for the seed.
            fixture::read(fixtures, config.sandboxes.kinds, regions, *at)
                .try_for_each(|image| image.map(drop))?;
        }
        Ok(seed)
    }

    /// The bytes of the fixtures that are yet to be read.
    pub(super) fn n_bytes(&self) -> u64 {
        match self {
            Self::Kept => 0,
            Self::New { fixtures, .. } => fixtures.iter().map(Fixture::n_bytes).sum(),
        }
    }
}

/// Everything that the sandboxes are made of.
#[derive(Debug)]
pub(super) struct Startup {
    pub(super) store: Store,
    pub(super) seed: Seed,
    pub(super) regions: Arc<Regions>,
    pub(super) settings: SandboxSettings,
    pub(super) progress: Arc<SeedProgress>,
    pub(super) shutdown: watch::Receiver<Shutdown>,
}

impl Startup {
    /// Seeds the store and runs a first query, which proves that it answers.
    fn run(self) -> Result<Sandboxes, StartError> {
        if let Seed::New { fixtures, at } = &self.seed {
            self.write(fixtures, *at)?;
        }
        let sandboxes = if self.store.is_in_file() {
            Sandboxes::with_file(self.settings, self.regions, self.store)?
        } else {
            Sandboxes::in_memory(self.settings, self.regions, self.store)?
        };
        sandboxes.default_sandbox().counts()?;
        Ok(sandboxes)
    }

    /// Writes each resource as it is read; a stop takes all of them back.
    fn write(&self, fixtures: &[Fixture], at: Timestamp) -> Result<(), StartError> {
        let now_unix_ms = at.unix_s().saturating_mul(1_000);
        self.store.seed(at, OldCheckpoints::Delete, |writer| {
            let mut resources = fixture::read(fixtures, self.settings.kinds, &self.regions, at);
            while let Some(resource) = resources.next() {
                if *self.shutdown.borrow() != Shutdown::No {
                    return Err(StartError::Stopped);
                }
                add(writer, &resource?, now_unix_ms)?;
                self.progress.written(resources.n_bytes());
            }
            Ok(())
        })
    }
}

/// An emulator that has its address, but does not serve yet.
#[derive(Debug)]
pub struct BoundEmulator {
    pub(super) listener: TcpListener,
    pub(super) shutdown: watch::Sender<Shutdown>,
    pub(super) state: Arc<AppState>,
    pub(super) startup: Startup,
    pub(super) n_threads: usize,
}

impl BoundEmulator {
    /// The address that the emulator will serve on.
    ///
    /// # Errors
    /// The system's own, when the socket's address cannot be read.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// How far the seed has come, to read while [`Self::start`] runs.
    pub fn progress(&self) -> Arc<SeedProgress> {
        Arc::clone(&self.startup.progress)
    }

    /// Serves, seeds, and waits until the first query has run.
    ///
    /// If the future is dropped, the emulator stops and nothing of the seed is kept.
    ///
    /// # Errors
    /// [`StartError`] when a fixture breaks a rule, the threads cannot be started, or the store
    /// fails.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let Self {
            listener,
            shutdown,
            state,
            startup,
            n_threads,
        } = self;
        let address = listener.local_addr().map_err(StartError::Threads)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(n_threads)
            .thread_name("swas-emulator")
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        let shutdown_receiver = shutdown.subscribe();
        let (ready, when_ready) = oneshot::channel();
        let (ending, ended) = oneshot::channel::<()>();
        let app = router(Arc::clone(&state));
        let seen = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("swas-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    // A socket that was bound a moment ago can be registered; if not, nobody waits.
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    let serving = tokio::spawn(serve(listener, app, shutdown_receiver));
                    let seeded = tokio::task::block_in_place(|| startup.run());
                    let seeded = seeded.map(|sandboxes| state.ready(sandboxes));
                    let sweeping = tokio::spawn(sweep(state));
                    // A caller that stopped waiting has dropped the emulator, which ends `serving`.
                    ready.send(seeded).ok();
                    if let Err(error) = serving.await {
                        tracing::error!(?error, "the server's loop failed");
                    }
                    sweeping.abort();
                });
                drop((runtime, ending));
            })
            .map_err(StartError::Threads)?;
        let emulator = Emulator {
            address,
            shutdown,
            state: seen,
            ended: Some(ended),
            thread: Some(thread),
        };
        when_ready.await.map_err(|_| StartError::Ended)??;
        Ok(emulator)
    }
}

/// Removes sandboxes that are not used any more, also when no request comes.
async fn sweep(state: Arc<AppState>) {
    while let Some(pause) = state.sandboxes().ok().and_then(Sandboxes::sweep) {
        tokio::time::sleep(pause).await;
    }
}
