//! The explanation of a list: what each filter left, and what nearly matched.

use std::collections::BTreeSet;

use crate::actions::explanation::{Findings, FunnelStep};
use crate::actions::list_custom_images::nearness::near_misses;
use crate::actions::list_custom_images::request::ListCustomImagesRequest;
use crate::actions::{Call, Failure};
use crate::base::Effort;
use crate::base::limits::EXPLAINED_IMAGES_MAX;
use crate::resources::{ImageFilter, Page, Sharing};
use crate::sandbox::Sandbox;
use crate::store::StoreError;

/// Finds what explains the answer to a request.
pub(super) fn findings(call: &Call<'_>) -> Result<Findings, Failure> {
    let sandbox = call.sandbox;
    let request = ListCustomImagesRequest::parse(call.params, sandbox.regions())?;
    let funnel = funnel(sandbox, &request.filter, call.effort)?;
    let total_count = funnel.last().map_or(0, |step| step.count);
    let images = sandbox.scan(EXPLAINED_IMAGES_MAX)?;
    Ok(Findings {
        page: page_note(request.page, total_count),
        near_misses: near_misses(&images, &request.filter),
        funnel,
    })
}

/// What each filter leaves, one after the other; the last count is the answer's `TotalCount`.
pub(super) fn funnel(
    sandbox: &Sandbox,
    filter: &ImageFilter,
    effort: Effort,
) -> Result<Vec<FunnelStep>, StoreError> {
    let mut partial = ImageFilter::region(filter.region_id.clone());
    let mut steps = Vec::new();
    let mut step = |partial: &ImageFilter, filter: &'static str, value: String| {
        let count = sandbox.count(partial, effort)?;
        steps.push(FunnelStep {
            filter,
            value,
            count,
        });
        Ok::<(), StoreError>(())
    };
    step(&partial, "RegionId", filter.region_id.to_string())?;
    if let Some(image_ids) = &filter.image_ids {
        partial.image_ids = Some(image_ids.clone());
        step(&partial, "ImageIds", list(image_ids))?;
    }
    if let Some(image_names) = &filter.image_names {
        partial.image_names = Some(image_names.clone());
        step(&partial, "ImageNames", list(image_names))?;
    }
    if let Some(id) = &filter.system_snapshot_id {
        partial.system_snapshot_id = Some(id.clone());
        step(&partial, "SystemSnapshotId", id.clone())?;
    }
    if let Some(id) = &filter.data_snapshot_id {
        partial.data_snapshot_id = Some(id.clone());
        step(&partial, "DataSnapshotId", id.clone())?;
    }
    if let Some(id) = &filter.instance_id {
        partial.instance_id = Some(id.clone());
        step(&partial, "InstanceId", id.clone())?;
    }
    if let Some(id) = &filter.resource_group_id {
        partial.resource_group_id = Some(id.clone());
        step(&partial, "ResourceGroupId", id.clone())?;
    }
    for tag in &filter.tags {
        partial.tags.push(tag.clone());
        let value = tag.value.as_ref().map(|value| format!("={value}"));
        let value = format!("{}{}", tag.key, value.unwrap_or_default());
        step(&partial, "Tag", value)?;
    }
    if let Some(share) = filter.share {
        partial.share = Some(share);
        let is_shared = share == Sharing::Shared;
        step(&partial, "Share", is_shared.to_string())?;
    }
    Ok(steps)
}

fn list(entries: &BTreeSet<String>) -> String {
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    entries.join(",")
}

/// The note on a page past the end of a listing that has images: `page 3 of 2`.
pub(super) fn page_note(page: Page, total_count: u64) -> Option<String> {
    let n_pages = total_count.div_ceil(u64::from(page.size.n_images()));
    let is_past = total_count > 0 && page.offset() >= total_count;
    is_past.then(|| format!("page {} of {n_pages}", page.number.number()))
}
