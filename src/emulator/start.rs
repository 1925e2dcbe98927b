//! From settings to a running server: bind, seed, serve, first query.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use tokio::runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;

use crate::base::limits::{
    BLOCKING_THREAD_IDLE_MAX, BLOCKING_THREADS_MAX, BODIES_BYTES_MAX, CACHE_BYTES_MAX,
    DROP_TIME_MAX, FIXTURE_HELD_BYTES_MAX,
};
use crate::base::{Clock, ClockMode, Timestamp};
use crate::emulator::builder::EmulatorBuilder;
use crate::emulator::check::parse_regions;
use crate::emulator::error::StartError;
use crate::emulator::listen::{Listen, listen};
use crate::emulator::progress::SeedProgress;
use crate::emulator::running::Emulator;
use crate::fixture::{self, Fixture};
use crate::resources::Regions;
use crate::sandbox::{Isolation, SandboxSettings, Sandboxes, add};
use crate::server::{AppState, BodyBudget, Shutdown, is_open, router, serve};
use crate::store::{ListingCache, OldCheckpoints, Store};

impl EmulatorBuilder {
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

    /// Checks the fixtures, opens the database and takes the address; serves nothing yet.
    ///
    /// Fixtures of more than 1 MiB together are checked while they are seeded, by
    /// [`BoundEmulator::start`].
    ///
    /// # Errors
    /// [`StartError`] for a setting that cannot be used.
    #[doc(hidden)]
    pub fn bind(self) -> Result<BoundEmulator, StartError> {
        let mut settings = self.sandboxes;
        if let Some(text) = self.clock.clone() {
            let at = Timestamp::parse(&text).ok_or(StartError::Clock { text })?;
            settings.clock = ClockMode::frozen(at);
        }
        if self
            .control
            .token
            .as_ref()
            .is_some_and(|token| !token.is_valid())
        {
            return Err(StartError::ControlToken);
        }
        let regions = Arc::new(parse_regions(&self.regions)?);
        let cache_bytes_max = self.cache_bytes_max.unwrap_or(CACHE_BYTES_MAX);
        let cache = Arc::new(ListingCache::new(cache_bytes_max));
        let store = match &self.database {
            Some(path) => Store::open_with(path, self.durability, &cache)?,
            None => Store::in_memory(&cache)?,
        };
        let now = Clock::new(settings.clock).now();
        let seed = self.seed(&store)?;
        let n_bytes = seed.iter().map(Fixture::n_bytes).sum();
        if n_bytes <= FIXTURE_HELD_BYTES_MAX {
            // Read twice, so that a mistake is reported before anything waits for the seed.
            fixture::read(&seed, settings.kinds, &regions, now)
                .try_for_each(|resource| resource.map(drop))?;
        }
        let listeners = match self.listen.as_slice() {
            [] => listen(&[Listen::Localhost(0)])?,
            wanted => listen(wanted)?,
        };
        let addresses = local_addresses(&listeners).map_err(StartError::Threads)?;
        if is_open(&self.control, &addresses) {
            tracing::warn!(
                ?addresses,
                "other machines may reach the control API and change everything; `--control-token` lets \
                 only its holders in, `--no-control` nobody"
            );
        }
        let shutdown = watch::Sender::new(Shutdown::No);
        // Only new sandboxes are made from fixtures later on.
        let fixtures = match settings.isolation {
            Isolation::ByAccessKey => self.fixtures,
            Isolation::Shared => Vec::new(),
        };
        let state = AppState::new(
            self.control,
            self.actions,
            self.magic,
            fixtures,
            self.n_log_lines_lost,
            BodyBudget::new(self.bodies_bytes_max.unwrap_or(BODIES_BYTES_MAX)),
            shutdown.subscribe(),
        );
        Ok(BoundEmulator {
            listeners,
            shutdown,
            state: Arc::new(state),
            startup: Startup {
                store,
                seed,
                now,
                regions,
                settings,
                progress: Arc::new(SeedProgress::of(n_bytes)),
            },
            n_threads: self.worker_threads.max(1),
        })
    }

    /// The fixtures to seed the store with: none when it keeps the seed that it has.
    fn seed(&self, store: &Store) -> Result<Vec<Fixture>, StartError> {
        if !self.reseed
            && let Some(seeded_at) = store.seeded_at()?
        {
            if !self.fixtures.is_empty() {
                tracing::warn!(
                    seeded_at = %seeded_at,
                    "the database holds a seed already, so the fixtures are ignored; `--reseed` starts over"
                );
            }
            return Ok(Vec::new());
        }
        if self.fixtures.is_empty() {
            return Ok(vec![Fixture::built_in()]);
        }
        Ok(self.fixtures.clone())
    }
}

/// Everything that the sandboxes are made of.
#[derive(Debug)]
struct Startup {
    store: Store,
    /// The fixtures to seed the store with; none when it keeps its seed.
    seed: Vec<Fixture>,
    now: Timestamp,
    regions: Arc<Regions>,
    settings: SandboxSettings,
    progress: Arc<SeedProgress>,
}

impl Startup {
    /// Seeds the store and runs a first query, which proves that it answers.
    fn run(self, shutdown: &watch::Receiver<Shutdown>) -> Result<Sandboxes, StartError> {
        if !self.seed.is_empty() {
            self.write(shutdown)?;
        }
        let sandboxes = if self.store.is_in_file() {
            Sandboxes::with_file(self.settings, self.regions, self.store)?
        } else {
            Sandboxes::in_memory(self.settings, self.regions, self.store)?
        };
        sandboxes.default_sandbox().counts()?;
        Ok(sandboxes)
    }

    /// Writes each resource as it is read; a stop undoes all of it.
    fn write(&self, shutdown: &watch::Receiver<Shutdown>) -> Result<(), StartError> {
        let now_unix_ms = self.now.unix_s().saturating_mul(1_000);
        let mut resources = fixture::read(&self.seed, self.settings.kinds, &self.regions, self.now);
        self.store
            .seed_first(self.now, OldCheckpoints::Delete, |writer| {
                while let Some(resource) = resources.next() {
                    if *shutdown.borrow() != Shutdown::No {
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
    listeners: Vec<TcpListener>,
    shutdown: watch::Sender<Shutdown>,
    state: Arc<AppState>,
    startup: Startup,
    n_threads: usize,
}

impl BoundEmulator {
    /// The address that the emulator will serve on; the first, if there are more.
    ///
    /// # Errors
    /// [`io::Error`] when the socket's address cannot be read.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listeners[0].local_addr()
    }

    /// All addresses that the emulator will serve on.
    ///
    /// # Errors
    /// [`io::Error`] when a socket's address cannot be read.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        local_addresses(&self.listeners)
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
        let addresses = self.addresses().map_err(StartError::Threads)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(self.n_threads)
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_keep_alive(BLOCKING_THREAD_IDLE_MAX)
            .thread_name("swas-emulator")
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        let (ready, when_ready) = oneshot::channel();
        let (ending, ended) = oneshot::channel::<()>();
        let app = router(Arc::clone(&self.state));
        let state = Arc::clone(&self.state);
        let stop = self.shutdown.subscribe();
        let thread = thread::Builder::new()
            .name("swas-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    // A socket that cannot be registered ends the thread: `StartError::Ended`.
                    let listeners = self.listeners.into_iter();
                    let listeners = listeners.map(tokio::net::TcpListener::from_std);
                    let Ok(listeners) = listeners.collect() else {
                        return;
                    };
                    let serving = tokio::spawn(serve(listeners, app, stop));
                    let seeded = seed(self.startup, state.shutdown.clone()).await;
                    let seeded = seeded.map(|sandboxes| state.ready(sandboxes));
                    let sweeping = tokio::spawn(sweep(state));
                    // A caller that stopped waiting has dropped the emulator, which ends `serving`.
                    ready.send(seeded).ok();
                    if let Err(error) = serving.await {
                        tracing::error!(?error, "the server's loop failed");
                    }
                    sweeping.abort();
                });
                // What still runs now is not waited for: it ends with the process, or by itself.
                runtime.shutdown_timeout(DROP_TIME_MAX);
                drop(ending);
            })
            .map_err(StartError::Threads)?;
        let emulator = Emulator {
            addresses,
            shutdown: self.shutdown,
            state: self.state,
            ended: Some(ended),
            thread: Some(thread),
        };
        when_ready.await.map_err(|_| StartError::Ended)??;
        Ok(emulator)
    }
}

/// Makes the sandboxes; a stop does not wait until they are made.
async fn seed(
    startup: Startup,
    mut shutdown: watch::Receiver<Shutdown>,
) -> Result<Sandboxes, StartError> {
    let stop = shutdown.clone();
    let seeding = spawn_blocking(move || startup.run(&stop));
    tokio::select! {
        // A panic of the seed ends this thread too: `StartError::Ended`.
        seeded = seeding => seeded.unwrap_or(Err(StartError::Ended)),
        // A dropped sender stops as well.
        _ = shutdown.wait_for(|shutdown| *shutdown != Shutdown::No) => Err(StartError::Stopped),
    }
}

fn local_addresses(listeners: &[TcpListener]) -> io::Result<Vec<SocketAddr>> {
    listeners.iter().map(TcpListener::local_addr).collect()
}

/// Removes sandboxes that are not used any more, also when no request comes.
async fn sweep(state: Arc<AppState>) {
    while let Some(pause) = state.sandboxes().ok().and_then(Sandboxes::sweep) {
        tokio::time::sleep(pause).await;
    }
}
