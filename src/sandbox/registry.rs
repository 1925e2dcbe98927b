//! All sandboxes of one emulator: which one a request belongs to, and when one goes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::limits::{SANDBOXES_BYTES_MAX, SANDBOXES_MAX};
use crate::base::{Clock, ClockMode, Random, Span, Stopwatch, Timestamp};
use crate::faults::Faults;
use crate::journal::{Journal, JournalSettings};
use crate::resources::Regions;
use crate::sandbox::images::Images;
use crate::sandbox::{InvalidSandboxName, Sandbox, SandboxName};
use crate::store::{ListingCache, SEED, Store, StoreError};

/// Whether each AccessKeyId has a sandbox of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// No: all requests share the sandbox `default`.
    #[default]
    Shared,
    /// Yes; requests that name no key use the sandbox `default`.
    ByAccessKey,
}

/// How sandboxes are made, and how many may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxSettings {
    /// Whether there is more than one.
    pub isolation: Isolation,
    /// Sandboxes beside the default one; past them, the least recently used one goes.
    pub n_max: usize,
    /// Memory for their copies and checkpoints, in bytes; past it, the least recently used one goes.
    pub n_bytes_max: u64,
    /// How long one lives without being used; `None` is for ever.
    pub ttl: Option<Duration>,
    /// How each one's clock starts.
    pub clock: ClockMode,
    /// The seed of each one's random numbers; `None` is another one each time.
    pub rng_seed: Option<u64>,
    /// How much each one's journal keeps.
    pub journal: JournalSettings,
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
        }
    }
}

/// Why a name gives no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// It is no AccessKeyId that a sandbox can have.
    #[error(transparent)]
    Invalid(#[from] InvalidSandboxName),
    /// All requests share the sandbox `default`.
    #[error("there is no sandbox `{name}`: all requests share the sandbox `default`")]
    NotIsolated {
        /// The name as given.
        name: SandboxName,
    },
    /// There is a sandbox of that name already.
    #[error("there is a sandbox `{name}` already")]
    Taken {
        /// The name as given.
        name: SandboxName,
    },
    /// It could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is told of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxSummary {
    /// Its name.
    pub name: SandboxName,
    /// The memory of its copy and its checkpoints, in bytes.
    pub n_bytes: u64,
    /// When it goes unless it is used before.
    pub expires_at: Option<Timestamp>,
}

/// The sandboxes of one emulator.
#[derive(Debug)]
pub struct Sandboxes {
    settings: SandboxSettings,
    regions: Arc<Regions>,
    seed: Arc<Store>,
    default: Arc<Sandbox>,
    /// Streams that are no sandbox's, so that what draws from them leaves every sandbox alone.
    names: Random,
    strays: Random,
    others: Mutex<HashMap<SandboxName, Entry>>,
}

#[derive(Debug)]
struct Entry {
    sandbox: Arc<Sandbox>,
    unused: Stopwatch,
}

impl Sandboxes {
    /// Sandboxes in memory, which all start as `seed`.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn in_memory(
        settings: SandboxSettings,
        regions: Arc<Regions>,
        seed: Store,
    ) -> Result<Self, StoreError> {
        Self::new(settings, regions, Arc::new(seed), None)
    }

    /// Sandboxes whose default one is in a database file; the others are in memory and start as the
    /// file's seed.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn with_file(
        settings: SandboxSettings,
        regions: Arc<Regions>,
        file: Store,
    ) -> Result<Self, StoreError> {
        let seed = match settings.isolation {
            Isolation::Shared => Store::in_memory(file.cache())?,
            Isolation::ByAccessKey => {
                let copy = file.copy()?;
                copy.restore_checkpoint(SEED, 0)?;
                copy.delete_checkpoints()?;
                copy
            }
        };
        Self::new(settings, regions, Arc::new(seed), Some(file))
    }

    fn new(
        settings: SandboxSettings,
        regions: Arc<Regions>,
        seed: Arc<Store>,
        file: Option<Store>,
    ) -> Result<Self, StoreError> {
        let name = SandboxName::default_name();
        let clock = Clock::new(settings.clock);
        let images = match file {
            Some(file) => Images::in_file(file, &seed)?,
            None => Images::shared(&seed, &seed, clock.now_unix_ms())?,
        };
        let default = Arc::new(Sandbox {
            random: Random::of(settings.rng_seed, name.as_str()),
            regions: Arc::clone(&regions),
            tokens: Mutex::default(),
            faults: Faults::default(),
            journal: Journal::new(settings.journal),
            name,
            clock,
            images,
        });
        Ok(Self {
            settings,
            regions,
            seed,
            default,
            // No sandbox can have these names.
            names: Random::of(settings.rng_seed, "/names"),
            strays: Random::of(settings.rng_seed, "/strays"),
            others: Mutex::default(),
        })
    }

    /// The sandbox of requests that name no other.
    pub fn default_sandbox(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// What the listings of all sandboxes have found.
    pub fn cache(&self) -> &Arc<ListingCache> {
        self.seed.cache()
    }

    /// Whether each AccessKeyId has a sandbox of its own.
    pub fn isolation(&self) -> Isolation {
        self.settings.isolation
    }

    /// The random numbers of requests that belong to no sandbox.
    pub fn strays(&self) -> &Random {
        &self.strays
    }

    /// A clock as a new sandbox has it.
    pub fn new_clock(&self) -> Clock {
        Clock::new(self.settings.clock)
    }

    /// The sandbox of a request, by the AccessKeyId that it names; made on first use.
    ///
    /// # Errors
    /// [`NameError::Invalid`] for a key that no sandbox can have, [`NameError::Store`] when one
    /// cannot be made.
    pub fn of_request(&self, access_key_id: Option<&str>) -> Result<Arc<Sandbox>, NameError> {
        match (self.settings.isolation, access_key_id) {
            (Isolation::Shared, _) | (_, None) => Ok(Arc::clone(&self.default)),
            (Isolation::ByAccessKey, Some(name)) => {
                Ok(self.get_or_make(&SandboxName::parse(name)?)?)
            }
        }
    }

    /// The sandbox of a name; `None` is the default one. Made on first use.
    ///
    /// # Errors
    /// [`NameError`] when the name is invalid, or is not `default` and there is no isolation.
    pub fn named(&self, name: Option<&str>) -> Result<Arc<Sandbox>, NameError> {
        let name = name.map_or_else(|| Ok(SandboxName::default_name()), SandboxName::parse)?;
        self.require_isolation(&name)?;
        Ok(self.get_or_make(&name)?)
    }

    fn require_isolation(&self, name: &SandboxName) -> Result<(), NameError> {
        if self.settings.isolation == Isolation::Shared && !name.is_default() {
            return Err(NameError::NotIsolated { name: name.clone() });
        }
        Ok(())
    }

    fn get_or_make(&self, name: &SandboxName) -> Result<Arc<Sandbox>, StoreError> {
        if name.is_default() {
            return Ok(Arc::clone(&self.default));
        }
        let mut others = self.lock();
        self.expire(&mut others);
        if let Some(entry) = others.get_mut(name) {
            entry.unused = Stopwatch::start();
            return Ok(Arc::clone(&entry.sandbox));
        }
        self.make(&mut others, name, &self.seed)
    }

    /// Makes a sandbox, with a seed of its own or the common one; without a name, under a new one.
    ///
    /// # Errors
    /// [`NameError::NotIsolated`], [`NameError::Taken`], [`NameError::Store`] when it cannot be made.
    pub fn create(
        &self,
        name: Option<SandboxName>,
        seed: Option<Store>,
    ) -> Result<Arc<Sandbox>, NameError> {
        let made = || SandboxName::parse(&format!("sandbox-{:016x}", self.names.number()));
        let name = name.map_or_else(made, Ok)?;
        self.require_isolation(&name)?;
        let mut others = self.lock();
        self.expire(&mut others);
        if name.is_default() || others.contains_key(&name) {
            return Err(NameError::Taken { name });
        }
        let seed = seed.map_or_else(|| Arc::clone(&self.seed), Arc::new);
        Ok(self.make(&mut others, &name, &seed)?)
    }

    fn make(
        &self,
        others: &mut HashMap<SandboxName, Entry>,
        name: &SandboxName,
        seed: &Arc<Store>,
    ) -> Result<Arc<Sandbox>, StoreError> {
        let clock = self.new_clock();
        let sandbox = Arc::new(Sandbox {
            name: name.clone(),
            images: Images::shared(seed, &self.seed, clock.now_unix_ms())?,
            clock,
            random: Random::of(self.settings.rng_seed, name.as_str()),
            regions: Arc::clone(&self.regions),
            tokens: Mutex::default(),
            faults: Faults::default(),
            journal: Journal::new(self.settings.journal),
        });
        let entry = Entry {
            sandbox: Arc::clone(&sandbox),
            unused: Stopwatch::start(),
        };
        others.insert(name.clone(), entry);
        self.evict(others, name);
        Ok(sandbox)
    }

    /// Ends a sandbox; tells whether there was one.
    pub fn end(&self, name: &SandboxName) -> bool {
        self.lock().remove(name).is_some()
    }

    /// What there is: the default sandbox first, then the others by name.
    pub fn summaries(&self) -> Vec<SandboxSummary> {
        let mut others = self.lock();
        self.expire(&mut others);
        let mut summaries: Vec<_> = others
            .values()
            .map(|entry| SandboxSummary {
                name: entry.sandbox.name.clone(),
                n_bytes: entry.sandbox.images.n_bytes(),
                expires_at: self.expires_at(entry.unused),
            })
            .collect();
        summaries.sort_by(|a, b| a.name.cmp(&b.name));
        let default = &self.default;
        let n_bytes = default.images.n_bytes();
        summaries.insert(
            0,
            SandboxSummary {
                name: default.name.clone(),
                n_bytes,
                expires_at: None,
            },
        );
        summaries
    }

    /// When a sandbox goes that is not used again from now on.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.expires_at(Stopwatch::start())
    }

    fn expires_at(&self, unused: Stopwatch) -> Option<Timestamp> {
        let left = self.settings.ttl?.saturating_sub(unused.elapsed());
        let clock = Clock::new(ClockMode::default());
        clock
            .advance(Span::from_ms(i64::try_from(left.as_millis()).ok()?))
            .ok()?;
        Some(clock.now())
    }

    /// Lets sandboxes go that hold too much, after one of them has changed.
    pub fn keep_within_limits(&self, changed: &SandboxName) {
        let mut others = self.lock();
        self.expire(&mut others);
        self.evict(&mut others, changed);
    }

    /// Lets sandboxes go that were not used for too long; tells when to look again.
    pub fn sweep(&self) -> Option<Duration> {
        /// Looked for at least and at most so often.
        const EVERY: [Duration; 2] = [Duration::from_millis(100), Duration::from_mins(1)];
        let ttl = self.settings.ttl?;
        self.expire(&mut self.lock());
        Some(ttl.clamp(EVERY[0], EVERY[1]))
    }

    fn expire(&self, others: &mut HashMap<SandboxName, Entry>) {
        let Some(ttl) = self.settings.ttl else { return };
        others.retain(|name, entry| {
            let keep = entry.unused.elapsed() < ttl;
            if !keep {
                tracing::info!(
                    sandbox = name.as_str(),
                    "a sandbox was not used any more and went"
                );
            }
            keep
        });
    }

    /// Lets the least recently used ones go until the rest is within the limits; never `used`.
    fn evict(&self, others: &mut HashMap<SandboxName, Entry>, used: &SandboxName) {
        loop {
            let n_bytes: u64 = others.values().map(|entry| entry.sandbox.n_bytes()).sum();
            if others.len() <= self.settings.n_max && n_bytes <= self.settings.n_bytes_max {
                return;
            }
            let oldest = others
                .iter()
                .filter(|(name, _)| *name != used)
                .max_by_key(|(_, entry)| entry.unused.elapsed());
            let Some(name) = oldest.map(|(name, _)| name.clone()) else {
                return;
            };
            tracing::warn!(
                sandbox = name.as_str(),
                n_sandboxes = others.len(),
                n_bytes,
                "the least recently used sandbox went, to keep within the limits"
            );
            others.remove(&name);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SandboxName, Entry>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
