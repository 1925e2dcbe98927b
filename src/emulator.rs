//! The façade: build an emulator, start it, ask where it is, stop it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::{oneshot, watch};

use crate::clock::{Clock, Timestamp};
use crate::config::{Config, InvalidRegion, LISTEN_DEFAULT, Reseed, parse_regions};
use crate::domain::{Image, ImageFilter, Page, Regions};
use crate::fixture::{self, Fixture, FixtureError, InvalidFixture};
use crate::sandbox::Sandbox;
use crate::server::{AppState, Shutdown, router, serve};
use crate::store::{Store, StoreError};
use crate::wire;

/// Why an emulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A fixture cannot be read or breaks a rule.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// An added region has no valid id.
    #[error(transparent)]
    Region(#[from] InvalidRegion),
    /// The database cannot be opened or seeded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process listens on the address.
    #[error(
        "address {address} is in use already; stop what listens there, or choose another with \
         `--listen`, such as `--listen 127.0.0.1:0` for any free port"
    )]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The threads of the server cannot be started.
    #[error("cannot start the server's threads")]
    Threads(#[source] io::Error),
    /// The server's thread ended before it was ready; its panic is on standard error.
    #[error("the server ended before it was ready")]
    Ended,
}

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

    /// Serves with this many threads, at least one. Default: one, which is plenty for a test.
    #[must_use]
    pub fn worker_threads(mut self, n_threads: usize) -> Self {
        self.config.worker_threads = Some(n_threads);
        self
    }

    /// Checks the fixtures, opens the database and takes the address; serves nothing yet.
    ///
    /// # Errors
    /// [`StartError`] for everything that can be wrong with the settings.
    pub fn bind(self) -> Result<BoundEmulator, StartError> {
        let clock = Clock;
        let regions = self.config.regions()?;
        let store = match &self.config.database {
            Some(path) => Store::open(path)?,
            None => Store::in_memory()?,
        };
        let now = clock.now();
        let seed = Seed::choose(&self.config, self.fixtures, &store, &regions, now)?;
        let listener = listen(
            self.config
                .listen
                .unwrap_or_else(|| any_port(LISTEN_DEFAULT)),
        )?;
        let state = Arc::new(AppState::new(regions, clock));
        let n_threads = self.config.worker_threads.unwrap_or(1).max(1);
        Ok(BoundEmulator {
            listener,
            state,
            store,
            seed,
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

/// What the store is filled with at the start.
#[derive(Debug)]
enum Seed {
    /// Nothing: the database holds a seed already.
    Kept,
    /// These images.
    New { images: Vec<Image>, at: Timestamp },
}

impl Seed {
    fn choose(
        config: &Config,
        fixtures: Vec<Fixture>,
        store: &Store,
        regions: &Regions,
        now: Timestamp,
    ) -> Result<Self, StartError> {
        if config.reseed == Reseed::Never
            && let Some(seeded_at) = store.seeded_at()?
        {
            if !fixtures.is_empty() {
                tracing::warn!(
                    seeded_at = %seeded_at,
                    "the database holds a seed already, so the fixtures are ignored; `--reseed` starts over"
                );
            }
            return Ok(Self::Kept);
        }
        let fixtures = if fixtures.is_empty() {
            vec![Fixture::built_in()]
        } else {
            fixtures
        };
        let images = fixture::parse(&fixtures, regions, now).map_err(FixtureError::from)?;
        Ok(Self::New { images, at: now })
    }

    fn fill(self, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::Kept => Ok(()),
            Self::New { images, at } => store.seed(
                images.iter().map(|image| (image, wire::document(image))),
                at,
            ),
        }
    }
}

/// An emulator that has its address, but does not serve yet.
#[derive(Debug)]
pub struct BoundEmulator {
    listener: TcpListener,
    state: Arc<AppState>,
    store: Store,
    seed: Seed,
    n_threads: usize,
}

impl BoundEmulator {
    /// The address that the emulator will serve on.
    ///
    /// # Errors
    /// The system's own, when the socket's address cannot be told.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves, seeds, and waits until the first query has run.
    ///
    /// # Errors
    /// [`StartError`] when the threads cannot be started or the store fails.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let Self {
            listener,
            state,
            store,
            seed,
            n_threads,
        } = self;
        let address = listener.local_addr().map_err(StartError::Threads)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(n_threads)
            .thread_name("swas-emulator")
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        let (shutdown, shutdown_receiver) = watch::channel(Shutdown::No);
        let (ready, when_ready) = oneshot::channel();
        let app = router(Arc::clone(&state));
        let thread = thread::Builder::new()
            .name("swas-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    // A socket that was bound a moment ago can be registered; if not, nobody waits.
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    let serving = tokio::spawn(serve(listener, app, shutdown_receiver));
                    let seeded = tokio::task::block_in_place(|| fill(seed, store));
                    let seeded = seeded.map(|sandbox| state.ready(sandbox));
                    // A caller that stopped waiting has dropped the emulator, which ends `serving`.
                    ready.send(seeded).ok();
                    if let Err(error) = serving.await {
                        tracing::error!(?error, "the server's loop failed");
                    }
                });
            })
            .map_err(StartError::Threads)?;
        let emulator = Emulator {
            address,
            shutdown,
            thread: Some(thread),
        };
        when_ready.await.map_err(|_| StartError::Ended)??;
        Ok(emulator)
    }
}

/// Seeds the store and runs a first query, which proves that it answers.
fn fill(seed: Seed, store: Store) -> Result<Sandbox, StoreError> {
    seed.fill(&store)?;
    let sandbox = Sandbox::new(store);
    if let Ok(region_id) = Regions::default().parse("cn-hangzhou") {
        sandbox.list(&ImageFilter::region(region_id), Page::default())?;
    }
    Ok(sandbox)
}

/// A running emulator; dropped, it is stopped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    shutdown: watch::Sender<Shutdown>,
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

    /// Stops accepting, finishes what is in flight within 5 seconds, and stops.
    pub async fn shutdown(mut self) {
        self.shutdown.send_replace(Shutdown::Graceful);
        self.shutdown.closed().await;
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
    let images = fixture::parse(fixtures, &regions, Clock.now());
    Ok(images
        .map_err(|error: InvalidFixture| FixtureError::from(error))?
        .len())
}
