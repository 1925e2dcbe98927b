//! Timelines: their steps take effect, by time and by listings.

use serde_json::Map;

use crate::base::limits::FIXTURE_VALUE_BYTES_MAX;
use crate::base::{Effort, Timestamp};
use crate::fixture::{FixtureImage, FixtureRow, Timeline, Wait, merge, patch, timeline_left};
use crate::resources::{self, Kind, Regions, Row};
use crate::sandbox::Sandbox;
use crate::sandbox::seed::new_row;
use crate::sandbox::world::{Extent, Present, Quiet};
use crate::store::{Contents, NewRow, Pending, Store, StoreError, StoredImage, StoredRow};

/// What a step changes, as a merge patch.
type Patch = Map<String, serde_json::Value>;

impl Sandbox {
    /// The present state with every change that is due, to be read for as long as it takes.
    pub(super) fn settled(&self) -> Result<Present, StoreError> {
        self.settle(self.clock.now_unix_ms(), Effort::Long)?;
        self.world.present()
    }

    /// Applies every step of a timeline that is due.
    pub(super) fn settle(&self, now_unix_ms: i64, effort: Effort) -> Result<(), StoreError> {
        self.world.start_timelines(effort)?;
        let Some(n_changes) = self.world.watch().may_be_due(now_unix_ms) else {
            return Ok(());
        };
        let pending = self.world.store().timelines(effort)?;
        if let Some(quiet) = quiet(&pending, now_unix_ms) {
            self.world.watch().is_quiet(n_changes, quiet);
            return Ok(());
        }
        let extent = Extent::of(pending.images.len() + pending.rows.len());
        drop(pending);
        self.world.change(effort, extent, |store| {
            // Read again: now nobody else changes anything.
            let pending = store.timelines(Effort::Long)?;
            let images = pending.images.iter();
            let images = images.filter_map(|stored| self.due_image(stored, now_unix_ms));
            let images: Vec<_> = images.collect();
            let rows = pending.rows.iter();
            let rows = rows.filter_map(|stored| self.due_row(stored, now_unix_ms));
            let rows: Vec<_> = rows.collect();
            if images.is_empty() && rows.is_empty() {
                return Ok(());
            }
            let images = images.iter().map(|(image, since)| image.stored(*since));
            let rows = rows.iter().map(|(row, since)| new_row(row, *since));
            store.update_all(images, rows)
        })
    }

    /// Counts a listing for the resources that it contained, if a step of one waits for listings.
    pub(super) fn listed(
        &self,
        now_unix_ms: i64,
        effort: Effort,
        timelines: impl FnOnce(&Store) -> Result<Vec<String>, StoreError>,
        count: impl FnOnce(&Store) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if !self.world.watch().counts_lists() {
            return Ok(());
        }
        let timelines = timelines(&self.world.store())?;
        if !timelines.iter().any(|json| Timeline::waits_for_lists(json)) {
            return Ok(());
        }
        self.world.change(effort, Extent::Few, count)?;
        self.settle(now_unix_ms, effort)
    }

    /// An image after the steps that are due, and since when its next one waits.
    fn due_image(&self, stored: &StoredImage, now_unix_ms: i64) -> Option<(FixtureImage, i64)> {
        let change = |document: &str, set: &Patch, at| {
            let image = patch(document, set, &self.regions, at)?.image;
            Ok((resources::document(&image), image))
        };
        let due = apply_due(&stored.document, &stored.pending, now_unix_ms, change)?;
        let (image, timeline) = (due.resource, due.timeline);
        Some((FixtureImage { image, timeline }, due.since_unix_ms))
    }

    /// A resource of another kind after the steps that are due, and since when its next one waits.
    fn due_row(&self, stored: &StoredRow, now_unix_ms: i64) -> Option<(FixtureRow, i64)> {
        // A database may hold a kind that this version does not know. It stays as it is.
        let kind = self.kinds.find(&stored.kind)?;
        let change = |document: &str, set: &Patch, at| {
            let row = changed_row(kind, &stored.row.id, document, set, &self.regions, at)?;
            Ok((row.document.clone(), row))
        };
        let due = apply_due(&stored.row.document, &stored.pending, now_unix_ms, change)?;
        let row = FixtureRow {
            kind,
            row: due.resource,
            timeline: due.timeline,
        };
        Some((row, due.since_unix_ms))
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

/// For how long nothing happens; `None` when a step is due, or may be.
fn quiet(pending: &Contents, now_unix_ms: i64) -> Option<Quiet> {
    let images = pending.images.iter().map(|image| &image.pending);
    let rows = pending.rows.iter().map(|row| &row.pending);
    let mut quiet = Quiet {
        until_unix_ms: i64::MAX,
        counts_lists: false,
    };
    for pending in images.chain(rows) {
        let timeline = Timeline::stored(pending.timeline.as_deref());
        match timeline.steps().first()?.wait {
            Wait::After(span) => {
                let due_unix_ms = pending.since_unix_ms.saturating_add(span.ms);
                quiet.until_unix_ms = quiet.until_unix_ms.min(due_unix_ms);
            }
            Wait::AfterLists(lists) if pending.n_lists >= lists => return None,
            Wait::AfterLists(_) => quiet.counts_lists = true,
        }
    }
    (now_unix_ms < quiet.until_unix_ms).then_some(quiet)
}

/// Cuts what has been waited for off every timeline, so that the state can be kept.
pub(super) fn rebase_all(
    store: &Store,
    regions: &Regions,
    now_unix_ms: i64,
) -> Result<(), StoreError> {
    let pending = store.timelines(Effort::Long)?;
    let rebased = |stored: &StoredImage| {
        let never = Timestamp::from_unix_s(0)?;
        let image = patch(&stored.document, &Patch::new(), regions, never).ok()?;
        Some(FixtureImage {
            image: image.image,
            timeline: timeline_left(&stored.pending, now_unix_ms),
        })
    };
    let images: Vec<_> = pending.images.iter().filter_map(rebased).collect();
    if images.is_empty() && pending.rows.is_empty() {
        return Ok(());
    }
    let images = images.iter().map(|image| image.stored(now_unix_ms));
    let rows = pending.rows.iter().map(|stored| NewRow {
        timeline: timeline_left(&stored.pending, now_unix_ms).json(),
        waiting_since_unix_ms: now_unix_ms,
        ..stored.as_new()
    });
    store.update_all(images, rows)
}

/// A resource after the steps that were due.
struct Due<T> {
    resource: T,
    /// The steps that are left.
    timeline: Timeline,
    since_unix_ms: i64,
}

/// Applies every step of a timeline that is due; `None` when none is.
///
/// `change` patches a document at some moment, and gives the new document and what it stands for.
fn apply_due<T>(
    document: &str,
    pending: &Pending,
    now_unix_ms: i64,
    change: impl Fn(&str, &Patch, Timestamp) -> Result<(String, T), String>,
) -> Option<Due<T>> {
    let mut timeline = Timeline::stored(pending.timeline.as_deref());
    let mut since_unix_ms = pending.since_unix_ms;
    let mut n_lists = pending.n_lists;
    let mut document = document.to_owned();
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
            // Checked when the timeline was put; a region may be unknown since, without its flag.
            Err(rule) => tracing::warn!(?rule, "a step of a timeline was left out"),
        }
    }
    if changed.is_none() && timeline.json() == pending.timeline {
        return None;
    }
    let unchanged = || change(&document, &Patch::new(), Timestamp::from_unix_s(0)?).ok();
    Some(Due {
        resource: match changed {
            Some(resource) => resource,
            None => unchanged()?.1,
        },
        timeline,
        since_unix_ms,
    })
}
