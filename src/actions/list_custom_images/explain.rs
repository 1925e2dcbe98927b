//! Why a list came back as it did: how parameters were read, what each filter left, what nearly
//! matched.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::actions::list_custom_images::nearness::{NearMiss, near_misses};
use crate::actions::list_custom_images::request::{ListCustomImagesRequest, unknown_parameters};
use crate::base::limits::EXPLAINED_IMAGES_MAX;
use crate::resources::{ImageFilter, Page, Sharing};
use crate::sandbox::{Sandbox, SandboxError};
use crate::store::StoreError;
use crate::wire::{Action, ApiError, Params, is_common_parameter, is_secret_parameter};

/// How one parameter was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParameterReading {
    /// The name as sent.
    pub name: String,
    /// The value as sent.
    pub value: String,
    /// What was made of it.
    pub reading: String,
}

/// How many images were left after a filter and all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunnelStep {
    /// The filter's parameter.
    pub filter: &'static str,
    /// What it asked for.
    pub value: String,
    /// The images left.
    pub count: u64,
}

/// An explanation of one listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// The sandbox and how many images it has.
    pub sandbox: (String, u64),
    /// How each parameter was read.
    pub parameters: Vec<ParameterReading>,
    /// What each filter left, in the order of the documented parameters.
    pub funnel: Vec<FunnelStep>,
    /// The images that nearly matched, the nearest first.
    pub near_misses: Vec<NearMiss>,
    /// What there is to say of the page asked for.
    pub page: Option<String>,
    /// Why the request is refused, when it is.
    pub refused: Option<ApiError>,
}

/// Explains what a request with these parameters gets, and why; no action means this one.
///
/// # Errors
/// [`SandboxError`] when the store fails.
pub(crate) fn explain(
    sandbox: &Sandbox,
    action: Option<&str>,
    params: &Params,
) -> Result<Explanation, SandboxError> {
    let request = match action.map(Action::checked) {
        Some(Err(refused)) => Err(refused),
        Some(Ok(_)) | None => ListCustomImagesRequest::parse(params, sandbox.regions()),
    };
    let n_images = sandbox.counts()?.values().sum();
    let mut explanation = Explanation {
        sandbox: (sandbox.name().to_string(), n_images),
        parameters: readings(params, request.as_ref().err()),
        funnel: Vec::new(),
        near_misses: Vec::new(),
        page: None,
        refused: None,
    };
    match request {
        Err(refused) => explanation.refused = Some(refused),
        Ok(request) => {
            explanation.funnel = funnel(sandbox, &request.filter)?;
            let total_count = explanation.funnel.last().map_or(0, |step| step.count);
            explanation.page = page_note(request.page, total_count);
            let images = sandbox.scan(EXPLAINED_IMAGES_MAX)?;
            explanation.near_misses = near_misses(&images, &request.filter);
        }
    }
    Ok(explanation)
}

/// What each filter leaves, one after the other; the last count is the answer's `TotalCount`.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub(crate) fn funnel(
    sandbox: &Sandbox,
    filter: &ImageFilter,
) -> Result<Vec<FunnelStep>, StoreError> {
    let mut partial = ImageFilter::region(filter.region_id.clone());
    let mut steps = Vec::new();
    let mut step = |partial: &ImageFilter, name: &'static str, value: String| {
        let count = sandbox.count(partial)?;
        steps.push(FunnelStep {
            filter: name,
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
        let value = tag
            .value
            .as_deref()
            .map_or_else(String::new, |value| format!("={value}"));
        step(&partial, "Tag", format!("{}{value}", tag.key))?;
    }
    if let Some(share) = filter.share {
        partial.share = Some(share);
        let value = if share == Sharing::Shared {
            "true"
        } else {
            "false"
        };
        step(&partial, "Share", value.to_owned())?;
    }
    Ok(steps)
}

fn list(entries: &std::collections::BTreeSet<String>) -> String {
    entries
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",")
}

/// The funnel in one line: `sandbox 42 → RegionId cn-hangzhou 12 → Tag env=prod 0`.
pub(crate) fn one_line(n_images: u64, funnel: &[FunnelStep]) -> String {
    /// Longer values are told by the full explanation.
    const VALUE_CHARS_MAX: usize = 60;
    let mut line = format!("sandbox {n_images}");
    for FunnelStep {
        filter,
        value,
        count,
    } in funnel
    {
        let short: String = value.chars().take(VALUE_CHARS_MAX).collect();
        let value = match *filter {
            // A list would hide the counts; the full explanation tells it.
            "ImageIds" | "ImageNames" => String::new(),
            _ if short.len() < value.len() => format!(" {short}…"),
            _ => format!(" {short}"),
        };
        // Writing to a `String` cannot fail.
        write!(line, " → {filter}{value} {count}").ok();
    }
    line
}

/// What there is to say of a page that has no images though there are some: `page 3 of 2`.
pub(crate) fn page_note(page: Page, total_count: u64) -> Option<String> {
    let n_pages = total_count.div_ceil(u64::from(page.size.n_images()));
    let is_past = total_count > 0 && page.offset() >= total_count;
    is_past.then(|| format!("page {} of {n_pages}", page.number.number()))
}

fn readings(params: &Params, refused: Option<&ApiError>) -> Vec<ParameterReading> {
    let unknown = unknown_parameters(params);
    let refused_name = refused.and_then(|error| error.parameter.as_deref());
    params
        .iter_first()
        .map(|(name, value)| {
            let warning = unknown
                .iter()
                .find(|warning| warning.unread() == Some(name));
            let reading = if let Some(warning) = warning {
                format!("ignored: {warning}")
            } else if refused_name == Some(name) {
                let reason = refused.and_then(|error| error.reason.as_deref());
                format!("refused: {}", reason.unwrap_or("it breaks a rule"))
            } else if is_common_parameter(name) {
                "common parameter".to_owned()
            } else if value.is_empty() {
                "absent: the value is empty".to_owned()
            } else {
                reading(name).to_owned()
            };
            let value = if is_secret_parameter(name) {
                "***"
            } else {
                value
            };
            ParameterReading {
                name: name.to_owned(),
                value: value.to_owned(),
                reading,
            }
        })
        .collect()
}

fn reading(name: &str) -> &'static str {
    match name {
        "RegionId" => "images of this region",
        "ImageIds" | "ImageNames" => "images with one of these, byte for byte",
        "PageSize" => "images per page",
        "PageNumber" => "which page, from 1",
        "ClientToken" => "changes nothing: a read has no effect to repeat",
        "Share" => "by InShareUser: true keeps images shared across accounts, false the others",
        name if name.starts_with("Tag.") => "images with this tag, and all other tags asked for",
        _ => "images with exactly this value",
    }
}

impl Explanation {
    /// The explanation as JSON.
    pub(crate) fn json(&self) -> Value {
        let parameters: Vec<Value> = self
            .parameters
            .iter()
            .map(|one| json!({"name": one.name, "value": one.value, "reading": one.reading}))
            .collect();
        let funnel: Vec<Value> = self
            .funnel
            .iter()
            .map(|step| json!({"filter": step.filter, "value": step.value, "count": step.count}))
            .collect();
        let near_misses: Vec<Value> = self
            .near_misses
            .iter()
            .map(|miss| {
                json!({
                    "imageId": miss.image_id,
                    "name": miss.name,
                    "filter": miss.filter,
                    "how": miss.how,
                })
            })
            .collect();
        let refused = self.refused.as_ref().map(
            |error| json!({"code": error.code, "message": error.message, "reason": error.reason}),
        );
        json!({
            "sandbox": {"name": self.sandbox.0, "count": self.sandbox.1},
            "parameters": parameters,
            "funnel": funnel,
            "nearMisses": near_misses,
            "page": self.page,
            "refused": refused,
        })
    }

    /// The explanation as text, for people.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        if let Some(error) = &self.refused {
            writeln!(text, "refused: {} {}", error.code, error.message).ok();
            writeln!(text, "  {}", error.reason.as_deref().unwrap_or_default()).ok();
        } else {
            writeln!(text, "{}", one_line(self.sandbox.1, &self.funnel)).ok();
        }
        if let Some(page) = &self.page {
            writeln!(text, "{page}: past the end").ok();
        }
        writeln!(text, "\nparameters").ok();
        for ParameterReading {
            name,
            value,
            reading,
        } in &self.parameters
        {
            writeln!(text, "  {name}={value:?}: {reading}").ok();
        }
        if !self.near_misses.is_empty() {
            writeln!(text, "\nnear misses").ok();
        }
        for NearMiss {
            image_id,
            name,
            filter,
            how,
            ..
        } in &self.near_misses
        {
            writeln!(text, "  {image_id} ({name}): {filter}: {how}").ok();
        }
        text
    }
}
