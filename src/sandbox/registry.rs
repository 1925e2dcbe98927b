//! All sandboxes of one emulator: which one a request belongs to, and when one is removed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::limits::BRIEF_COPY_BYTES_MAX;
use crate::base::{Clock, ClockMode, Random, Span, Stopwatch, Timestamp};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::resources::{Kinds, Regions};
use crate::sandbox::tokens::Tokens;
use crate::sandbox::world::World;
use crate::sandbox::{Isolation, NameError, Sandbox, SandboxName, SandboxSettings};
use crate::store::{ListingCache, SEED, Store, StoreError};

/// Summary of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SandboxSummary {
    /// Its name.
    pub name: SandboxName,
    /// The memory of its copy and its checkpoints, in bytes.
    pub n_bytes: u64,
    /// When it is removed unless it is used before.
    pub expires_at: Option<Timestamp>,
}

/// What the first use of a name does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstUse {
    /// It makes the sandbox from the seed.
    Makes,
    /// It shows the sandbox as it would be made, and keeps nothing of it.
    Shows,
}

/// The sandboxes of one emulator.
#[derive(Debug)]
pub struct Sandboxes {
    settings: SandboxSettings,
    regions: Arc<Regions>,
    seed: Arc<Store>,
    default: Arc<Sandbox>,
    /// Random numbers that belong to no sandbox, so that drawing one changes no sandbox's answers.
    names: Random,
    strays: Random,
    others: Mutex<HashMap<SandboxName, Entry>>,
}

#[derive(Debug)]
struct Entry {
    sandbox: Arc<Sandbox>,
    unused: Stopwatch,
}

fn sandbox(
    settings: SandboxSettings,
    regions: &Arc<Regions>,
    name: SandboxName,
    clock: Clock,
    world: World,
) -> Sandbox {
    let tokens = Tokens::default();
    Sandbox {
        token_weight: tokens.weight(),
        random: Random::of(settings.rng_seed, name.as_str()),
        regions: Arc::clone(regions),
        kinds: settings.kinds,
        tokens: Mutex::new(tokens),
        faults: Faults::default(),
        journal: Journal::new(settings.journal),
        secret: None,
        name,
        clock,
        world,
    }
}

impl Sandboxes {
    /// Sandboxes in memory, which all start as `seed`.
    pub fn in_memory(
        settings: SandboxSettings,
        regions: Arc<Regions>,
        seed: Store,
    ) -> Result<Self, StoreError> {
        Self::new(settings, regions, Arc::new(seed), None)
    }

    /// Sandboxes whose default one is in a database file; the others are in memory and start as the
    /// file's seed.
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
        let clock = Clock::new(settings.clock);
        let world = match file {
            Some(file) => World::in_file(file)?,
            None => World::in_memory(&seed, &seed, clock.now_unix_ms())?,
        };
        let name = SandboxName::default_name();
        let default = Arc::new(sandbox(settings, &regions, name, clock, world));
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
    pub(crate) fn cache(&self) -> &Arc<ListingCache> {
        self.seed.cache()
    }

    /// The random numbers of requests that belong to no sandbox.
    pub fn strays(&self) -> &Random {
        &self.strays
    }

    /// The kinds that are known beside custom images.
    pub(crate) fn kinds(&self) -> Kinds {
        self.settings.kinds
    }

    /// A clock as a new sandbox has it.
    pub(crate) fn new_clock(&self) -> Clock {
        Clock::new(self.settings.clock)
    }

    /// The sandbox of a request, by the AccessKeyId that it names.
    pub(crate) fn of_request(
        &self,
        access_key_id: Option<&str>,
        first_use: FirstUse,
    ) -> Result<Arc<Sandbox>, NameError> {
        match access_key_id {
            Some(name) if self.settings.isolation == Isolation::ByAccessKey => {
                Ok(self.find(SandboxName::parse(name)?, first_use)?)
            }
            Some(_) | None => Ok(Arc::clone(&self.default)),
        }
    }

    /// The sandbox of a name; `None` is the default one. Made on first use.
    pub fn named(&self, name: Option<&str>) -> Result<Arc<Sandbox>, NameError> {
        self.used(name, FirstUse::Makes)
    }

    /// The sandbox of a name; `None` is the default one.
    pub(crate) fn used(
        &self,
        name: Option<&str>,
        first_use: FirstUse,
    ) -> Result<Arc<Sandbox>, NameError> {
        Ok(self.find(self.name(name)?, first_use)?)
    }

    /// The sandbox of a name, if there is one already.
    pub(crate) fn existing(&self, name: Option<&str>) -> Result<Option<Arc<Sandbox>>, NameError> {
        let name = self.name(name)?;
        if name.is_default() {
            return Ok(Some(Arc::clone(&self.default)));
        }
        let mut others = self.lock();
        self.expire(&mut others);
        Ok(Self::use_again(&mut others, &name))
    }

    fn name(&self, name: Option<&str>) -> Result<SandboxName, NameError> {
        let name = name.map_or_else(|| Ok(SandboxName::default_name()), SandboxName::parse)?;
        self.require_isolation(&name)?;
        Ok(name)
    }

    fn require_isolation(&self, name: &SandboxName) -> Result<(), NameError> {
        if self.settings.isolation == Isolation::Shared && !name.is_default() {
            return Err(NameError::NotIsolated { name: name.clone() });
        }
        Ok(())
    }

    fn find(&self, name: SandboxName, first_use: FirstUse) -> Result<Arc<Sandbox>, StoreError> {
        if name.is_default() {
            return Ok(Arc::clone(&self.default));
        }
        let mut others = self.lock();
        self.expire(&mut others);
        if let Some(sandbox) = Self::use_again(&mut others, &name) {
            return Ok(sandbox);
        }
        let sandbox = self.new_sandbox(name, &self.seed)?;
        Ok(match first_use {
            FirstUse::Makes => self.add(&mut others, sandbox),
            FirstUse::Shows => Arc::new(sandbox),
        })
    }

    fn use_again(
        others: &mut HashMap<SandboxName, Entry>,
        name: &SandboxName,
    ) -> Option<Arc<Sandbox>> {
        let entry = others.get_mut(name)?;
        entry.unused = Stopwatch::start();
        Some(Arc::clone(&entry.sandbox))
    }

    /// Makes a sandbox, with a seed of its own or the common one; without a name, under a new one.
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
        let mut sandbox = self.new_sandbox(name, &seed)?;
        // The first of its random numbers.
        sandbox.secret = Some(sandbox.random.uuid().replace('-', ""));
        Ok(self.add(&mut others, sandbox))
    }

    fn new_sandbox(&self, name: SandboxName, seed: &Arc<Store>) -> Result<Sandbox, StoreError> {
        let clock = self.new_clock();
        let world = World::in_memory(seed, &self.seed, clock.now_unix_ms())?;
        Ok(sandbox(self.settings, &self.regions, name, clock, world))
    }

    fn add(&self, others: &mut HashMap<SandboxName, Entry>, sandbox: Sandbox) -> Arc<Sandbox> {
        let sandbox = Arc::new(sandbox);
        let entry = Entry {
            sandbox: Arc::clone(&sandbox),
            unused: Stopwatch::start(),
        };
        others.insert(sandbox.name.clone(), entry);
        self.evict(others, &sandbox.name);
        sandbox
    }

    /// Removes a sandbox; returns whether there was one.
    pub fn end(&self, name: &SandboxName) -> bool {
        self.lock().remove(name).is_some()
    }

    /// What there is: the default sandbox first, then the others by name.
    pub(crate) fn summaries(&self) -> Vec<SandboxSummary> {
        let mut others = self.lock();
        self.expire(&mut others);
        let summary = |sandbox: &Sandbox, expires_at| SandboxSummary {
            name: sandbox.name.clone(),
            n_bytes: sandbox.world.n_bytes(),
            expires_at,
        };
        let mut summaries: Vec<_> = others
            .values()
            .map(|entry| summary(&entry.sandbox, self.expires_at(entry.unused)))
            .collect();
        summaries.sort_by(|a, b| a.name.cmp(&b.name));
        summaries.insert(0, summary(&self.default, None));
        summaries
    }

    /// When a sandbox is removed that is not used again from now on.
    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
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

    /// Removes sandboxes that hold too much, after one of them has changed.
    pub(crate) fn keep_within_limits(&self, changed: &SandboxName) {
        let mut others = self.lock();
        self.expire(&mut others);
        self.evict(&mut others, changed);
    }

    /// Removes sandboxes that were unused for too long; returns how long to pause before the next look.
    pub(crate) fn sweep(&self) -> Option<Duration> {
        const PAUSE_MIN: Duration = Duration::from_millis(100);
        const PAUSE_MAX: Duration = Duration::from_mins(1);
        let ttl = self.settings.ttl?;
        self.expire(&mut self.lock());
        Some(ttl.clamp(PAUSE_MIN, PAUSE_MAX))
    }

    fn expire(&self, others: &mut HashMap<SandboxName, Entry>) {
        let Some(ttl) = self.settings.ttl else { return };
        for (name, entry) in others.extract_if(|_, entry| entry.unused.elapsed() >= ttl) {
            tracing::info!(
                sandbox = name.as_str(),
                "a sandbox was not used any more and went"
            );
            discard(entry);
        }
    }

    /// Removes the least recently used ones until the rest is within the limits; never `used`.
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
            if let Some(entry) = others.remove(&name) {
                discard(entry);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SandboxName, Entry>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops a sandbox; a large one on a thread of its own, since that takes long.
fn discard(entry: Entry) {
    if entry.sandbox.n_bytes() > BRIEF_COPY_BYTES_MAX {
        // Without a thread it is dropped here.
        std::thread::Builder::new()
            .name("swas-emulator".to_owned())
            .spawn(move || drop(entry))
            .ok();
    }
}
