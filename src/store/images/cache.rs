//! What listings have found, kept for as long as the data stays the same.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use crate::base::limits::CACHE_BYTES_MAX;
use crate::resources::ImageFilter;
use crate::store::images::Listing;

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
type Findings = Cache<Key, Finding, Weight, foldhash::fast::RandomState>;

/// The number of one state of the data of one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct Generation(pub(in crate::store) u64);

/// What of a listing was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ListingPart {
    /// The number of images that match.
    Count,
    /// The keys of all images that match, in order.
    Keys,
    /// Some of the images.
    Slice { offset: u64, n_images_max: u32 },
}

/// What was found.
#[derive(Debug, Clone)]
pub(super) enum Finding {
    Count(u64),
    Keys(Arc<[i64]>),
    Slice(Arc<Listing>),
}

/// What a finding can hold.
pub(super) trait Cached: Sized {
    fn finding(&self) -> Finding;

    /// `None` for a finding of another type.
    fn of(finding: &Finding) -> Option<Self>;
}

impl Cached for u64 {
    fn finding(&self) -> Finding {
        Finding::Count(*self)
    }

    fn of(finding: &Finding) -> Option<Self> {
        match finding {
            Finding::Count(count) => Some(*count),
            Finding::Keys(_) | Finding::Slice(_) => None,
        }
    }
}

impl Cached for Arc<[i64]> {
    fn finding(&self) -> Finding {
        Finding::Keys(Self::clone(self))
    }

    fn of(finding: &Finding) -> Option<Self> {
        match finding {
            Finding::Keys(keys) => Some(Self::clone(keys)),
            Finding::Count(_) | Finding::Slice(_) => None,
        }
    }
}

impl Cached for Arc<Listing> {
    fn finding(&self) -> Finding {
        Finding::Slice(Self::clone(self))
    }

    fn of(finding: &Finding) -> Option<Self> {
        match finding {
            Finding::Slice(listing) => Some(Self::clone(listing)),
            Finding::Count(_) | Finding::Keys(_) => None,
        }
    }
}

/// The key of a finding, without a copy of the filter.
#[derive(Debug, Clone, Copy)]
pub(super) struct CacheQuery<'a> {
    pub(super) generation: Generation,
    pub(super) filter: &'a ImageFilter,
    pub(super) part: ListingPart,
}

#[derive(Debug)]
struct Key {
    generation: Generation,
    filter: ImageFilter,
    part: ListingPart,
    /// What it and its finding take, in bytes, about.
    n_bytes: u64,
}

impl Key {
    fn as_query(&self) -> CacheQuery<'_> {
        CacheQuery {
            generation: self.generation,
            filter: &self.filter,
            part: self.part,
        }
    }
}

impl PartialEq for CacheQuery<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.generation == other.generation
            && self.part == other.part
            && self.filter == other.filter
    }
}

impl Hash for CacheQuery<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.generation.hash(state);
        self.part.hash(state);
        self.filter.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_query() == other.as_query()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_query().hash(state);
    }
}

impl Equivalent<Key> for CacheQuery<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self == key.as_query()
    }
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Finding> for Weight {
    fn weight(&self, key: &Key, _finding: &Finding) -> u64 {
        key.n_bytes
    }
}

/// The memory that a finding takes with its key, in bytes, about.
fn n_bytes(filter: &ImageFilter, finding: &Finding) -> u64 {
    /// What an entry of the cache and its heap blocks take themselves.
    const ENTRY: usize = 256;
    let finding = match finding {
        Finding::Count(_) => 0,
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
    /// A cache of at most so many bytes; 0 keeps nothing.
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
    pub(in crate::store) fn next_generation(&self) -> Generation {
        Generation(self.next_generation.fetch_add(1, Ordering::Relaxed))
    }

    /// What was found before.
    pub(super) fn get<T: Cached>(&self, query: &CacheQuery<'_>) -> Option<T> {
        if self.n_bytes_max == 0 {
            return None;
        }
        T::of(self.lock().get(query)?)
    }

    /// Keeps what was found.
    pub(super) fn put(&self, query: &CacheQuery<'_>, found: &impl Cached) {
        if self.n_bytes_max == 0 {
            return;
        }
        let finding = found.finding();
        let key = Key {
            generation: query.generation,
            filter: query.filter.clone(),
            part: query.part,
            n_bytes: n_bytes(query.filter, &finding),
        };
        self.lock().insert(key, finding);
    }

    /// The memory that the findings take, in bytes, about.
    pub fn n_bytes(&self) -> u64 {
        self.lock().weight()
    }

    fn lock(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
