//! One isolated world: its images, its clock, and what it remembers of its clients.

mod edit;
mod error;
mod images;
mod name;
mod registry;
mod state;
mod timeline;
mod tokens;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Clock, Random, Timestamp};
use crate::faults::{Faults, Paging, PagingShift};
use crate::fixture::{FixtureError, Resource};
use crate::journal::Journal;
use crate::resources::{ImageFilter, Page, Regions};
use crate::store::{Filling, Listing, ListingCache, OldCheckpoints, Store, StoreError};

pub(crate) use error::SandboxError;
pub(crate) use images::CheckpointSummary;
use images::Images;
pub use name::SandboxName;
pub(crate) use name::{CheckpointName, InvalidSandboxName};
pub(crate) use registry::NameError;
pub use registry::{Isolation, SandboxSettings, Sandboxes};
use tokens::Tokens;
pub(crate) use tokens::{Replay, TokenUse};

/// A world of its own, which no other sandbox can see.
#[derive(Debug)]
pub struct Sandbox {
    name: SandboxName,
    clock: Clock,
    random: Random,
    regions: Arc<Regions>,
    images: Images,
    faults: Faults,
    journal: Journal,
    tokens: Mutex<Tokens>,
}

impl Sandbox {
    /// The name, which is the AccessKeyId of its clients.
    pub fn name(&self) -> &SandboxName {
        &self.name
    }

    /// The sandbox's own time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The sandbox's own random numbers.
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// The known regions.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// The sandbox's faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The sandbox's recorded requests.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The memory that the sandbox alone takes, in bytes: copies, checkpoints and journal.
    pub fn n_bytes(&self) -> u64 {
        let journal = u64::try_from(self.journal.n_bytes()).unwrap_or(u64::MAX);
        self.images.n_bytes().saturating_add(journal)
    }

    /// Lists one page of the matching images, and counts the listing for those with a timeline.
    ///
    /// With `change`, the listing looks as if it had changed before this page.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn list(
        &self,
        filter: &ImageFilter,
        page: Page,
        change: Option<Paging>,
    ) -> Result<Arc<Listing>, StoreError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.images.settle(&self.regions, now_unix_ms)?;
        let store = self.images.store();
        let listing = match change {
            None => store.list(filter, page)?,
            Some(change) => {
                let PagingShift {
                    offset,
                    n_images_max,
                    total,
                } = change.shift(page);
                let mut listing = store.list_slice(filter, offset, n_images_max)?;
                let total_count = listing.total_count.saturating_add_signed(total);
                Arc::make_mut(&mut listing).total_count = total_count;
                listing
            }
        };
        self.images
            .listed(&listing.image_ids, &self.regions, now_unix_ms)?;
        Ok(listing)
    }

    /// The client tokens that were used last; locked as long as they are held.
    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes these images the seed, and goes back to it. All or nothing.
    ///
    /// # Errors
    /// [`SandboxError`] for the first image that cannot be had, or when the store fails.
    pub fn seed(
        &self,
        images: impl IntoIterator<Item = Result<Resource, FixtureError>>,
    ) -> Result<(), SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        if self.images.is_in_file() {
            return self.images.seed_file(self.clock.now(), |filling| {
                fill(filling, images, now_unix_ms)
            });
        }
        let store = self.images.store();
        let seed = Arc::new(seed_store(images, self.clock.now(), store.cache())?);
        Ok(self.images.seed(seed, now_unix_ms)?)
    }

    /// Goes back to the seed.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.images.go_to_seed(self.clock.now_unix_ms())
    }
}

/// A store in memory that holds a seed, for sandboxes to share.
///
/// # Errors
/// [`SandboxError`] for the first image that cannot be had, or when the store fails.
pub fn seed_store(
    images: impl IntoIterator<Item = Result<Resource, FixtureError>>,
    at: Timestamp,
    cache: &Arc<ListingCache>,
) -> Result<Store, SandboxError> {
    let store = Store::in_memory(cache)?;
    store.seed(at, OldCheckpoints::Delete, |filling| {
        fill(filling, images, 0)
    })?;
    Ok(store)
}

fn fill(
    filling: &mut Filling<'_>,
    images: impl IntoIterator<Item = Result<Resource, FixtureError>>,
    now_unix_ms: i64,
) -> Result<(), SandboxError> {
    for image in images {
        add(filling, &image?, now_unix_ms)?;
    }
    Ok(())
}

/// Adds a resource of a fixture to a store that is being filled.
pub(crate) fn add(
    filling: &mut Filling<'_>,
    resource: &Resource,
    now_unix_ms: i64,
) -> Result<(), StoreError> {
    match resource {
        Resource::Image(image) => filling.add(&image.stored(now_unix_ms)),
        // No kind beside images is known yet.
        Resource::Row(_) => Ok(()),
    }
}
