//! A sandbox's resources of every kind but custom images, and fixtures of all kinds.

use crate::faults::Paging;
use crate::fixture::{self, Fixture, FixtureRow, Resource};
use crate::resources::{Kind, Page};
use crate::sandbox::seed::new_row;
use crate::sandbox::{Sandbox, SandboxError, slice};
use crate::store::{Put, StoreError, StoredRow};

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
        let fixture = std::slice::from_ref(fixture);
        let resources = fixture::read(fixture, self.kinds, &self.regions, self.clock.now());
        self.put_all(&resources.collect::<Result<Vec<_>, _>>()?)
    }

    /// Adds resources of any kind, or replaces those with the same id. All or nothing.
    pub fn put_all(&self, resources: &[Resource]) -> Result<Put, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let images = resources.iter().filter_map(|resource| match resource {
            Resource::Image(image) => Some(image.stored(now_unix_ms)),
            Resource::Row(_) => None,
        });
        let rows = resources.iter().filter_map(|resource| match resource {
            Resource::Image(_) => None,
            Resource::Row(row) => Some(new_row(row, now_unix_ms)),
        });
        Ok(self.world.change(|store| store.put_all(images, rows))?)
    }

    /// Adds resources of small kinds, or replaces those with the same id. All or nothing.
    pub fn put_rows(&self, rows: &[FixtureRow]) -> Result<Put, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let rows = rows.iter().map(|row| new_row(row, now_unix_ms));
        Ok(self.world.change(|store| store.put_rows(rows))?)
    }

    /// Deletes a resource; returns whether there was one.
    pub fn delete_row(&self, kind: &Kind, id: &str) -> Result<bool, StoreError> {
        self.settle(self.clock.now_unix_ms())?;
        self.world.write(|states| {
            // A resource that is not there copies nothing.
            let is_there = states.store().row(kind.list, id)?.is_some();
            Ok(is_there && states.own()?.delete_row(kind.list, id)?)
        })
    }

    /// Finds a resource by its id.
    pub fn row(&self, kind: &Kind, id: &str) -> Result<Option<StoredRow>, StoreError> {
        self.present()?.row(kind.list, id)
    }

    /// Returns all resources of a kind, newest first, then by id, without counting it as a listing.
    pub fn rows(&self, kind: &Kind) -> Result<Vec<StoredRow>, StoreError> {
        self.present()?.rows(kind.list)
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
    ) -> Result<RowListing, StoreError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.settle(now_unix_ms)?;
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
        self.listed(now_unix_ms, |store| {
            let ids = listing.rows.iter().map(|row| row.row.id.as_str());
            store.count_row_listing(kind.list, ids)
        })?;
        Ok(listing)
    }
}
