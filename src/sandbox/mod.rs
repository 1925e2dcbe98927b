//! One isolated world: its resources, its clock, and what it remembers of its clients.
#![allow(
    clippy::missing_errors_doc,
    reason = "only tests and benches see these functions from outside"
)]

mod error;
mod export;
mod images;
mod name;
mod registry;
mod rows;
mod seed;
mod settings;
mod states;
mod timeline;
mod tokens;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Clock, Effort, Random};
use crate::faults::{Faults, Paging, PagingShift};
use crate::journal::Journal;
use crate::resources::{ImageFilter, Kinds, Page, Regions};
use crate::store::{Listing, StoreError};

pub(crate) use error::NameError;
pub use error::SandboxError;
pub use export::Export;
pub(crate) use name::InvalidSandboxName;
pub use name::{CheckpointName, SandboxName};
pub(crate) use registry::FirstUse;
pub use registry::Sandboxes;
pub use rows::RowListing;
pub(crate) use seed::add;
pub use seed::seed_store;
pub use settings::{Isolation, SandboxSettings};
pub(crate) use tokens::{Replay, TokenUse};
use tokens::{Tokens, Weight};
use world::World;

/// A world of its own, which no other sandbox can see.
#[derive(Debug)]
pub struct Sandbox {
    name: SandboxName,
    clock: Clock,
    random: Random,
    regions: Arc<Regions>,
    kinds: Kinds,
    world: World,
    faults: Faults,
    journal: Journal,
    tokens: Mutex<Tokens>,
    token_weight: Weight,
    secret: Option<String>,
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
    pub(crate) fn regions(&self) -> &Regions {
        &self.regions
    }

    /// The kinds that it knows beside custom images.
    pub(crate) fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// The `AccessKeySecret` that it was created with; `None` when it was made on first use, where
    /// each client has a secret of its own.
    pub fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// The sandbox's faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The sandbox's recorded requests.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The memory that the sandbox alone takes, in bytes: copies, checkpoints, journal, client tokens
    /// and faults.
    pub fn n_bytes(&self) -> u64 {
        let beside = self.journal.n_bytes() + self.token_weight.n_bytes() + self.faults.n_bytes();
        let beside = u64::try_from(beside).unwrap_or(u64::MAX);
        self.world.n_bytes().saturating_add(beside)
    }

    /// Lists one page of the matching images, and counts the listing for those with a timeline.
    ///
    /// With `change`, the listing looks as if it had changed before this page.
    pub(crate) fn list(
        &self,
        filter: &ImageFilter,
        page: Page,
        change: Option<Paging>,
        effort: Effort,
    ) -> Result<Arc<Listing>, StoreError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.settle(now_unix_ms, effort)?;
        let slice = slice(page, change);
        let (offset, n_images_max) = (slice.offset, slice.n_images_max);
        let mut listing = match effort {
            Effort::Brief => self
                .world
                .store()
                .list_briefly(filter, offset, n_images_max),
            Effort::Long => self.world.present()?.list(filter, offset, n_images_max),
        }?;
        if slice.total != 0 {
            let total_count = listing.total_count.saturating_add_signed(slice.total);
            Arc::make_mut(&mut listing).total_count = total_count;
        }
        let ids = || listing.image_ids.iter().map(String::as_str);
        self.listed(
            now_unix_ms,
            effort,
            |store| store.image_timelines(ids()),
            |store| store.count_listing(ids()),
        )?;
        Ok(listing)
    }

    /// The client tokens that were used last; locked as long as they are held.
    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slice of a listing that a page shows, after a change if there was one.
fn slice(page: Page, change: Option<Paging>) -> PagingShift {
    let unchanged = PagingShift {
        offset: page.offset(),
        n_images_max: page.size.n_images(),
        total: 0,
    };
    change.map_or(unchanged, |change| change.shift(page))
}
