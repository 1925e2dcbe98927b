//! Timelines: letting their steps take effect, by time and by listings.

use std::sync::Arc;

use serde_json::Map;

use crate::base::limits::FIXTURE_VALUE_BYTES_MAX;
use crate::base::{Span, Timestamp};
use crate::fixture::{FixtureImage, FixtureRow, Timeline, Wait, merge, patch};
use crate::resources::{self, Image, Kind, Regions, Row};
use crate::sandbox::Sandbox;
use crate::sandbox::seed::new_row;
use crate::sandbox::world::States;
use crate::store::{NewRow, Store, StoreError, StoredImage, StoredRow};

/// What a step changes, as a merge patch.
type Patch = Map<String, serde_json::Value>;

impl Sandbox {
    /// The present state, with every change that is due.
    pub(super) fn present(&self) -> Result<Arc<Store>, StoreError> {
        self.settle(self.clock.now_unix_ms())?;
        Ok(self.world.store())
    }

    /// Lets every step of a timeline that is due take effect.
    pub(super) fn settle(&self, now_unix_ms: i64) -> Result<(), StoreError> {
        if !self.world.has_timelines() {
            return Ok(());
        }
        self.world.write(|states| {
            let store = states.store();
            let images = store.image_timelines()?;
            let images: Vec<_> = images
                .iter()
                .filter_map(|stored| self.due_image(stored, now_unix_ms))
                .collect();
            let rows = store.row_timelines()?;
            let rows: Vec<_> = rows
                .iter()
                .filter_map(|stored| self.due_row(stored, now_unix_ms))
                .collect();
            if !images.is_empty() {
                let images = images.iter();
                let images = images.map(|(image, since_unix_ms)| image.stored(*since_unix_ms));
                states.own()?.put(images)?;
            }
            if !rows.is_empty() {
                let rows = rows.iter();
                let rows = rows.map(|(row, since_unix_ms)| new_row(row, *since_unix_ms));
                states.own()?.update_rows(rows)?;
            }
            Ok(())
        })
    }

    /// Counts a listing for the resources that it contained, if anything is yet to happen.
    pub(super) fn listed(
        &self,
        now_unix_ms: i64,
        count: impl FnOnce(&Store) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if !self.world.has_timelines() {
            return Ok(());
        }
        self.world.change(count)?;
        self.settle(now_unix_ms)
    }

    /// An image after the steps that are due, and since when its next one waits.
    fn due_image(&self, stored: &StoredImage, now_unix_ms: i64) -> Option<(FixtureImage, i64)> {
        let change = |document: &str, set: &Patch, at| {
            let image = patch(document, set, &self.regions, at)?.image;
            Ok((resources::document(&image), image))
        };
        let due = apply_due::<Image>(&Pending::image(stored), now_unix_ms, change)?;
        let image = FixtureImage {
            image: due.resource,
            timeline: due.timeline,
        };
        Some((image, due.waiting_since_unix_ms))
    }

    /// A resource of another kind after the steps that are due, and since when its next one waits.
    fn due_row(&self, stored: &StoredRow, now_unix_ms: i64) -> Option<(FixtureRow, i64)> {
        // A database may hold a kind that this version does not know. It stays as it is.
        let kind = self.kinds.find(&stored.kind)?;
        let change = |document: &str, set: &Patch, at| {
            let row = changed_row(kind, &stored.row.id, document, set, &self.regions, at)?;
            Ok((row.document.clone(), row))
        };
        let due = apply_due::<Row>(&Pending::row(stored), now_unix_ms, change)?;
        let row = FixtureRow {
            kind,
            row: due.resource,
            timeline: due.timeline,
        };
        Some((row, due.waiting_since_unix_ms))
    }
}

fn changed_row(
    kind: &Kind,
    id: &str,
    document: &str,
    set: &Patch,
    regions: &Regions,
    at: Timestamp,
) -> Result<Row, String> {
    let mut fields = serde_json::from_str(document).map_err(|error| error.to_string())?;
    merge(&mut fields, set);
    let row = (kind.check)(fields, regions, at)?;
    if row.id != id {
        return Err(format!("`{}` cannot change", kind.id));
    }
    if row.document.len() > FIXTURE_VALUE_BYTES_MAX {
        return Err(format!("it has more than {FIXTURE_VALUE_BYTES_MAX} bytes"));
    }
    Ok(row)
}

/// Cuts what has been waited for off every timeline, so that the state can be kept.
pub(super) fn rebase_all(
    states: &mut dyn States,
    regions: &Regions,
    now_unix_ms: i64,
) -> Result<(), StoreError> {
    let store = states.store();
    let images = store.image_timelines()?;
    let images: Vec<_> = images
        .iter()
        .filter_map(|stored| rebase(stored, regions, now_unix_ms))
        .collect();
    let rows = store.row_timelines()?;
    if !images.is_empty() {
        let images = images.iter().map(|image| image.stored(now_unix_ms));
        states.own()?.put(images)?;
    }
    if !rows.is_empty() {
        let rows = rows.iter().map(|stored| NewRow {
            kind: &stored.kind,
            row: &stored.row,
            timeline: Pending::row(stored).left(now_unix_ms).json(),
            waiting_since_unix_ms: now_unix_ms,
        });
        states.own()?.update_rows(rows)?;
    }
    Ok(())
}

/// An image whose timeline starts now and has just what is left of it.
fn rebase(stored: &StoredImage, regions: &Regions, now_unix_ms: i64) -> Option<FixtureImage> {
    let never = Timestamp::from_unix_s(0)?;
    let image = patch(&stored.document, &Patch::new(), regions, never).ok()?;
    Some(FixtureImage {
        image: image.image,
        timeline: Pending::image(stored).left(now_unix_ms),
    })
}

/// A stored resource with a timeline.
struct Pending<'a> {
    document: &'a str,
    timeline: Option<&'a str>,
    waiting_since_unix_ms: i64,
    n_lists: u32,
}

/// A resource after the steps that were due.
struct Due<T> {
    resource: T,
    /// The steps that are left.
    timeline: Timeline,
    waiting_since_unix_ms: i64,
}

impl<'a> Pending<'a> {
    fn image(stored: &'a StoredImage) -> Self {
        Self {
            document: &stored.document,
            timeline: stored.timeline.as_deref(),
            waiting_since_unix_ms: stored.waiting_since_unix_ms,
            n_lists: stored.n_lists,
        }
    }

    fn row(stored: &'a StoredRow) -> Self {
        Self {
            document: &stored.row.document,
            timeline: stored.timeline.as_deref(),
            waiting_since_unix_ms: stored.waiting_since_unix_ms,
            n_lists: stored.n_lists,
        }
    }

    /// What is left of the timeline now.
    fn left(&self, now_unix_ms: i64) -> Timeline {
        let waited = now_unix_ms.saturating_sub(self.waiting_since_unix_ms);
        Timeline::stored(self.timeline).left(Span::from_ms(waited), self.n_lists)
    }
}

/// Applies every step of a timeline that is due; `None` when none is.
///
/// `change` patches a document at some moment, and gives the new document and what it stands for.
fn apply_due<T>(
    pending: &Pending<'_>,
    now_unix_ms: i64,
    change: impl Fn(&str, &Patch, Timestamp) -> Result<(String, T), String>,
) -> Option<Due<T>> {
    let mut timeline = Timeline::stored(pending.timeline);
    let mut since_unix_ms = pending.waiting_since_unix_ms;
    let mut n_lists = pending.n_lists;
    let mut document = pending.document.to_owned();
    let mut changed = None;
    while let Some(step) = timeline.steps().first() {
        since_unix_ms = match step.wait {
            Wait::After(span) if now_unix_ms.saturating_sub(since_unix_ms) >= span.ms => {
                since_unix_ms + span.ms
            }
            Wait::AfterLists(lists) if n_lists >= lists => now_unix_ms,
            Wait::After(_) | Wait::AfterLists(_) => break,
        };
        n_lists = 0;
        let set = timeline.pop()?.set;
        let at = Timestamp::from_unix_s(since_unix_ms.div_euclid(1_000))?;
        match change(&document, &set, at) {
            Ok((new_document, resource)) => {
                document = new_document;
                changed = Some(resource);
            }
            // Checked when the timeline was put; a region may have gone since, with the flag.
            Err(rule) => tracing::warn!(?rule, "a step of a timeline was left out"),
        }
    }
    if changed.is_none() && timeline.json().as_deref() == pending.timeline {
        return None;
    }
    let unchanged = || change(&document, &Patch::new(), Timestamp::from_unix_s(0)?).ok();
    Some(Due {
        resource: match changed {
            Some(resource) => resource,
            None => unchanged()?.1,
        },
        timeline,
        waiting_since_unix_ms: since_unix_ms,
    })
}
