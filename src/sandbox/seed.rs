//! Filling a store with the resources of fixtures.

use std::sync::Arc;

use crate::base::Timestamp;
use crate::fixture::{FixtureError, FixtureRow, Resource};
use crate::sandbox::SandboxError;
use crate::store::{ListingCache, NewRow, OldCheckpoints, Seeding, Store, StoreError};

/// A store in memory that holds a seed, for sandboxes to share.
pub fn seed_store(
    resources: impl IntoIterator<Item = Result<Resource, FixtureError>>,
    at: Timestamp,
    cache: &Arc<ListingCache>,
) -> Result<Store, SandboxError> {
    let store = Store::in_memory(cache)?;
    store.seed(at, OldCheckpoints::Delete, |seeding| {
        fill(seeding, resources, 0)
    })?;
    Ok(store)
}

pub(super) fn fill(
    seeding: &mut Seeding<'_>,
    resources: impl IntoIterator<Item = Result<Resource, FixtureError>>,
    now_unix_ms: i64,
) -> Result<(), SandboxError> {
    for resource in resources {
        add(seeding, &resource?, now_unix_ms)?;
    }
    Ok(())
}

/// Adds a resource of a fixture to a store that is being seeded.
pub(crate) fn add(
    seeding: &mut Seeding<'_>,
    resource: &Resource,
    now_unix_ms: i64,
) -> Result<(), StoreError> {
    match resource {
        Resource::Image(image) => seeding.add(&image.stored(now_unix_ms)),
        Resource::Row(row) => seeding.add_row(&new_row(row, now_unix_ms)),
    }
}

/// A row of a fixture as a store takes it; its timeline runs from the given moment on.
pub(super) fn new_row(row: &FixtureRow, now_unix_ms: i64) -> NewRow<'_> {
    NewRow {
        kind: row.kind.list,
        row: &row.row,
        timeline: row.timeline.json(),
        waiting_since_unix_ms: now_unix_ms,
    }
}
