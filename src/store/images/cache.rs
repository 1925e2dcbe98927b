//! What listings have found, kept for as long as the data stays the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use crate::base::limits::CACHE_BYTES_MAX;
use crate::resources::ImageFilter;
use crate::store::images::listing::{Listing, Slice};

/// Findings of every store of one emulator, within one bound of memory.
///
/// Each state of the images has a number of its own, its generation, which no other state of any
/// store has. A finding is kept under the generation in which it was found, so an outdated one is
/// never found again and is evicted in its turn.
#[derive(Debug)]
pub struct ListingCache {
    findings: Mutex<Findings>,
    next_generation: AtomicU64,
    n_bytes_max: u64,
}

/// A filter may hold 100 names, and its hash is needed for each request.
type Findings = Cache<Key, Weighed, Weight, foldhash::fast::RandomState>;

/// What was found.
#[derive(Debug, Clone)]
pub(super) enum Finding {
    /// The keys of all images that match, in order.
    Keys(Arc<[i64]>),
    /// Some of the images.
    Slice(Arc<Listing>),
}

/// The key of a finding, without a copy of the filter.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) struct CacheQuery<'a> {
    pub(super) generation: u64,
    /// `None` for the keys of all images that match.
    pub(super) slice: Option<Slice>,
    pub(super) filter: &'a ImageFilter,
}

/// A key with the same fields in the same order, so that its hash is the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    generation: u64,
    slice: Option<Slice>,
    filter: ImageFilter,
}

impl Equivalent<Key> for CacheQuery<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.generation == key.generation && self.slice == key.slice && *self.filter == key.filter
    }
}

#[derive(Debug)]
struct Weighed {
    finding: Finding,
    /// What it and its key take, in bytes, about.
    n_bytes: u64,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Weighed> for Weight {
    fn weight(&self, _key: &Key, weighed: &Weighed) -> u64 {
        weighed.n_bytes
    }
}

/// The memory that a finding takes with its key, in bytes, about.
fn n_bytes(filter: &ImageFilter, finding: &Finding) -> u64 {
    /// What an entry of the cache and its heap blocks take themselves.
    const ENTRY: usize = 256;
    let finding = match finding {
        Finding::Keys(keys) => size_of_val::<[i64]>(keys),
        Finding::Slice(listing) => listing.n_bytes(),
    };
    let n_bytes = size_of::<Key>() + text_bytes(filter) + finding + ENTRY;
    u64::try_from(n_bytes).unwrap_or(u64::MAX)
}

/// The bytes of the texts that a filter holds, about.
fn text_bytes(filter: &ImageFilter) -> usize {
    /// A heap block's own cost, and the text's place in a list or tree.
    const TEXT: usize = 48;
    let lists = [&filter.image_ids, &filter.image_names]
        .into_iter()
        .flatten()
        .flatten();
    let tags = filter
        .tags
        .iter()
        .flat_map(|tag| [Some(&tag.key), tag.value.as_ref()])
        .flatten();
    lists.chain(tags).map(|text| text.len() + TEXT).sum()
}

impl Default for ListingCache {
    fn default() -> Self {
        Self::new(CACHE_BYTES_MAX)
    }
}

impl ListingCache {
    /// A cache of at most `n_bytes_max` bytes; 0 keeps nothing.
    pub fn new(n_bytes_max: u64) -> Self {
        /// A first page of ten images, about; only sizes tables.
        const FINDING_BYTES: u64 = 8 << 10;
        let n_findings = usize::try_from(n_bytes_max / FINDING_BYTES).unwrap_or_default();
        Self {
            findings: Mutex::new(Findings::with(
                n_findings,
                n_bytes_max,
                Weight,
                foldhash::fast::RandomState::default(),
                DefaultLifecycle::default(),
            )),
            next_generation: AtomicU64::new(0),
            n_bytes_max,
        }
    }

    /// A generation that no state has had.
    pub(in crate::store) fn next_generation(&self) -> u64 {
        self.next_generation.fetch_add(1, Ordering::Relaxed)
    }

    /// What was found before.
    pub(super) fn get(&self, query: &CacheQuery<'_>) -> Option<Finding> {
        if self.n_bytes_max == 0 {
            return None;
        }
        Some(self.lock().get(query)?.finding.clone())
    }

    /// Keeps what was found.
    pub(super) fn put(&self, query: &CacheQuery<'_>, finding: Finding) {
        if self.n_bytes_max == 0 {
            return;
        }
        let key = Key {
            generation: query.generation,
            slice: query.slice,
            filter: query.filter.clone(),
        };
        let n_bytes = n_bytes(query.filter, &finding);
        self.lock().insert(key, Weighed { finding, n_bytes });
    }

    /// The memory that the findings take, in bytes, about.
    pub fn n_bytes(&self) -> u64 {
        self.lock().weight()
    }

    fn lock(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
