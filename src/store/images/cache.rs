//! What listings have found, kept for as long as the data stays the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use crate::base::limits::{CACHE_BYTES_MAX, CACHE_KEY_BYTES_MAX};
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

/// The memory that a finding takes, without its key, in bytes, about.
fn n_bytes(finding: &Finding) -> usize {
    /// What an entry of the cache and its heap blocks take themselves.
    const ENTRY: usize = 256;
    let finding = match finding {
        Finding::Keys(keys) => size_of_val::<[i64]>(keys),
        Finding::Slice(listing) => listing.n_bytes(),
    };
    finding + ENTRY
}

/// The memory that a key with this filter takes, in bytes, about.
fn key_bytes(filter: &ImageFilter) -> usize {
    /// A heap block's own cost, and the text's place in a list or tree.
    const TEXT: usize = 48;
    // Every field by its name, so that a new one is not forgotten.
    let ImageFilter {
        region_id,
        image_ids,
        image_names,
        system_snapshot_id,
        data_snapshot_id,
        instance_id,
        resource_group_id,
        tags,
        share: _,
    } = filter;
    let lists = [image_ids, image_names].into_iter().flatten().flatten();
    let single = [
        system_snapshot_id,
        data_snapshot_id,
        instance_id,
        resource_group_id,
    ];
    let tags = tags.iter().flat_map(|tag| {
        let value = tag.value.as_deref().unwrap_or_default();
        [tag.key.as_str(), value]
    });
    let texts = lists.chain(single.into_iter().flatten());
    let texts = texts.map(String::as_str).chain(tags);
    let texts = texts.chain([region_id.as_str()]);
    size_of::<Key>() + texts.map(|text| text.len() + TEXT).sum::<usize>()
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

    /// Keeps what was found, unless its key is too long.
    pub(super) fn put(&self, query: &CacheQuery<'_>, finding: Finding) {
        let key_bytes = key_bytes(query.filter);
        if self.n_bytes_max == 0 || key_bytes > CACHE_KEY_BYTES_MAX {
            return;
        }
        let key = Key {
            generation: query.generation,
            slice: query.slice,
            filter: query.filter.clone(),
        };
        let n_bytes = key_bytes + n_bytes(&finding);
        let n_bytes = u64::try_from(n_bytes).unwrap_or(u64::MAX);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Regions, TagFilter};

    type Change = fn(&mut ImageFilter, String);

    fn filter(change: Change, text: String) -> ImageFilter {
        let mut filter = ImageFilter {
            region_id: Regions::default().parse("cn-hangzhou").unwrap(),
            image_ids: None,
            image_names: None,
            system_snapshot_id: None,
            data_snapshot_id: None,
            instance_id: None,
            resource_group_id: None,
            tags: Vec::new(),
            share: None,
        };
        change(&mut filter, text);
        filter
    }

    fn put(cache: &ListingCache, filter: &ImageFilter) {
        let query = CacheQuery {
            generation: cache.next_generation(),
            slice: None,
            filter,
        };
        cache.put(&query, Finding::Keys(Arc::new([])));
    }

    /// Puts a text into each field in its turn.
    const CHANGES: [Change; 8] = [
        |filter, text| filter.image_ids = Some([text].into()),
        |filter, text| filter.image_names = Some([text].into()),
        |filter, text| filter.system_snapshot_id = Some(text),
        |filter, text| filter.data_snapshot_id = Some(text),
        |filter, text| filter.instance_id = Some(text),
        |filter, text| filter.resource_group_id = Some(text),
        |filter, key| filter.tags = vec![TagFilter { key, value: None }],
        |filter, text| {
            let (key, value) = ("k".to_owned(), Some(text));
            filter.tags = vec![TagFilter { key, value }];
        },
    ];

    #[test]
    fn each_text_of_a_key_counts_and_a_key_has_a_longest_length() {
        for change in CHANGES {
            let cache = ListingCache::default();
            put(&cache, &filter(change, "x".repeat(10_000)));
            let n_bytes = cache.n_bytes();
            assert!((10_000..12_000).contains(&n_bytes), "{n_bytes}");
            put(&cache, &filter(change, "x".repeat(CACHE_KEY_BYTES_MAX)));
            assert_eq!(cache.n_bytes(), n_bytes);
        }
    }

    #[test]
    fn what_is_kept_stays_within_its_bytes() {
        let cache = ListingCache::new(100_000);
        for n in 0..100 {
            let instance_id = format!("{n:010000}");
            let change: Change = |filter, text| filter.instance_id = Some(text);
            put(&cache, &filter(change, instance_id));
            assert!(cache.n_bytes() <= 100_000);
        }
        assert!(cache.n_bytes() > 80_000);
    }
}
