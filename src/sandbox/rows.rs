//! A sandbox's resources of every kind but custom images, and fixtures of all kinds.

use std::borrow::Borrow;

use crate::base::Effort;
use crate::faults::Paging;
use crate::fixture::{self, Fixture, FixtureError, FixtureImage, FixtureRow, Resource};
use crate::resources::{Kind, Page};
use crate::sandbox::seed::new_row;
use crate::sandbox::world::Extent;
use crate::sandbox::{Sandbox, SandboxError, slice};
use crate::store::{Put, Store, StoreError, StoredRow};

/// A page of the matching resources of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowListing {
    /// All resources that match, on every page.
    pub total_count: u64,
    /// Those of the page, newest first, then by id.
    pub rows: Vec<StoredRow>,
}

impl Sandbox {
    /// Reads resources by the rules of fixtures, and adds each or replaces the one with its id.
    ///
    /// All or nothing.
    pub fn put(&self, fixture: &Fixture) -> Result<Put, SandboxError> {
        /// A fixture of this size is read before anything is changed: it has few resources.
        const N_BYTES_SHORT: u64 = 64 << 10;
        let n_bytes = fixture.n_bytes();
        let fixture = std::slice::from_ref(fixture);
        let resources = fixture::read(fixture, self.kinds, &self.regions, self.clock.now());
        if n_bytes > N_BYTES_SHORT {
            return self.put_each(resources, Extent::Many);
        }
        self.put_all(&resources.collect::<Result<Vec<_>, _>>()?)
    }

    /// Adds resources of any kind, or replaces those with the same id. All or nothing.
    pub fn put_all(&self, resources: &[Resource]) -> Result<Put, SandboxError> {
        let extent = Extent::of(resources.len());
        self.put_each(resources.iter().map(Ok), extent)
    }

    /// Adds images, at most so many, as they come, or replaces those with the same id. All or
    /// nothing.
    pub(crate) fn put_images(
        &self,
        images: impl Iterator<Item = FixtureImage>,
        n_images_max: usize,
    ) -> Result<Put, SandboxError> {
        let resources = images.map(|image| Ok(Resource::Image(image)));
        self.put_each(resources, Extent::of(n_images_max))
    }

    fn put_each<R: Borrow<Resource>>(
        &self,
        resources: impl Iterator<Item = Result<R, FixtureError>>,
        extent: Extent,
    ) -> Result<Put, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.world.change(Effort::Long, extent, |store| {
            store.put_each(|putter| {
                for resource in resources {
                    match resource?.borrow() {
                        Resource::Image(image) => putter.add_image(&image.stored(now_unix_ms))?,
                        Resource::Row(row) => putter.add_row(&new_row(row, now_unix_ms))?,
                    }
                }
                Ok(())
            })
        })
    }

    /// Adds resources of small kinds, or replaces those with the same id. All or nothing.
    pub fn put_rows(&self, rows: &[FixtureRow]) -> Result<Put, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let extent = Extent::of(rows.len());
        let rows = rows.iter().map(|row| new_row(row, now_unix_ms));
        let put = |store: &Store| store.put_rows(rows);
        Ok(self.world.change(Effort::Long, extent, put)?)
    }

    /// Deletes a resource; returns whether there was one.
    pub fn delete_row(&self, kind: &Kind, id: &str) -> Result<bool, StoreError> {
        self.settle(self.clock.now_unix_ms(), Effort::Long)?;
        // A resource that is not there copies nothing.
        if self.world.store().row(kind.list, id)?.is_none() {
            return Ok(false);
        }
        self.world.change(Effort::Long, Extent::Few, |store| {
            store.delete_row(kind.list, id)
        })
    }

    /// Finds a resource by its id.
    pub fn row(&self, kind: &Kind, id: &str) -> Result<Option<StoredRow>, StoreError> {
        self.settle(self.clock.now_unix_ms(), Effort::Long)?;
        self.world.store().row(kind.list, id)
    }

    /// Returns all resources of a kind, newest first, then by id, without counting it as a listing.
    pub fn rows(&self, kind: &Kind) -> Result<Vec<StoredRow>, StoreError> {
        self.settle(self.clock.now_unix_ms(), Effort::Long)?;
        self.world.store().rows(kind.list)
    }

    /// Lists one page of the matching resources, and counts the listing for those with a timeline.
    ///
    /// With `change`, the listing looks as if it had changed before this page.
    pub fn list_rows(
        &self,
        kind: &Kind,
        matches: impl Fn(&StoredRow) -> bool,
        page: Page,
        change: Option<Paging>,
        effort: Effort,
    ) -> Result<RowListing, StoreError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.settle(now_unix_ms, effort)?;
        let mut rows = self.world.store().rows(kind.list)?;
        rows.retain(matches);
        let slice = slice(page, change);
        let n_rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let listing = RowListing {
            total_count: n_rows.saturating_add_signed(slice.total),
            rows: rows
                .into_iter()
                .skip(usize::try_from(slice.offset).unwrap_or(usize::MAX))
                .take(usize::try_from(slice.n_images_max).unwrap_or(usize::MAX))
                .collect(),
        };
        let ids = || listing.rows.iter().map(|row| row.row.id.as_str());
        self.listed(
            now_unix_ms,
            effort,
            |store| store.row_timelines(kind.list, ids()),
            |store| store.count_row_listing(kind.list, ids()),
        )?;
        Ok(listing)
    }
}
