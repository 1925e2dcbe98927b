//! Letting timelines take effect.

use crate::base::Timestamp;
use crate::fixture::{FixtureImage, Timeline, Wait, patch};
use crate::resources::Regions;
use crate::store::StoredImage;

/// An image after the steps that were due.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) image: FixtureImage,
    pub(super) waiting_since_unix_ms: i64,
}

/// Applies every step of an image's timeline that is due; `None` when none is.
pub(super) fn apply_due(
    stored: &StoredImage,
    regions: &Regions,
    now_unix_ms: i64,
) -> Option<Changed> {
    let mut timeline = Timeline::stored(stored.timeline.as_deref());
    let mut since_unix_ms = stored.waiting_since_unix_ms;
    let mut n_lists = stored.n_lists;
    let mut document = stored.document.clone();
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
        match patch(&document, &set, regions, at) {
            Ok(image) => {
                document = crate::resources::document(&image.image);
                changed = Some(image.image);
            }
            // Checked when the timeline was put; a region may have gone since, with the flag.
            Err(rule) => tracing::warn!(?rule, "a step of a timeline was left out"),
        }
    }
    let image = match changed {
        Some(image) => image,
        None if timeline.json() == stored.timeline => return None,
        None => {
            patch(
                &document,
                &serde_json::Map::new(),
                regions,
                Timestamp::from_unix_s(0)?,
            )
            .ok()?
            .image
        }
    };
    let image = FixtureImage { image, timeline };
    Some(Changed {
        image,
        waiting_since_unix_ms: since_unix_ms,
    })
}

/// An image whose timeline starts now and has just what is left of it.
pub(super) fn rebase(
    stored: &StoredImage,
    regions: &Regions,
    now_unix_ms: i64,
) -> Option<FixtureImage> {
    let waited = now_unix_ms.saturating_sub(stored.waiting_since_unix_ms);
    let timeline = Timeline::stored(stored.timeline.as_deref())
        .left(crate::base::Span::from_ms(waited), stored.n_lists);
    let never = Timestamp::from_unix_s(0)?;
    let image = patch(&stored.document, &serde_json::Map::new(), regions, never)
        .ok()?
        .image;
    Some(FixtureImage { image, timeline })
}
