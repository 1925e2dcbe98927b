//! An explanation of an answer, as a value, as JSON and as text.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::wire::ApiError;

/// How one parameter was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParameterReading {
    /// The name as sent.
    pub(crate) name: String,
    /// The value as sent.
    pub(crate) value: String,
    /// What the emulator made of it.
    pub(crate) reading: String,
}

/// How many resources were left after a filter and all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelStep {
    /// The filter's parameter.
    pub filter: &'static str,
    /// What it asked for.
    pub value: String,
    /// The resources left.
    pub count: u64,
}

/// An image that nearly matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The image's id.
    pub image_id: String,
    /// The image's name.
    pub name: String,
    /// The first filter that removed it.
    pub filter: &'static str,
    /// How near it came.
    pub how: String,
}

/// What an action finds that explains an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// What each filter left, in the order of the documented parameters.
    pub funnel: Vec<FunnelStep>,
    /// The images that nearly matched, the nearest first.
    pub near_misses: Vec<NearMiss>,
    /// Which page it is, when it lies past the end: `page 3 of 2`.
    pub page: Option<String>,
}

/// The sandbox of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExplainedSandbox {
    /// Its name.
    pub(crate) name: String,
    /// How many images it has.
    pub(crate) n_images: u64,
}

/// An explanation of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// The sandbox that was asked.
    pub(crate) sandbox: ExplainedSandbox,
    /// How each parameter was read.
    pub(crate) parameters: Vec<ParameterReading>,
    /// What the action found; nothing when the request is refused.
    pub(crate) findings: Findings,
    /// Why the request is refused, when it is.
    pub(crate) refused: Option<ApiError>,
}

/// The funnel in one line: `sandbox 42 → RegionId cn-hangzhou 12 → Tag env=prod 0`.
pub(crate) fn one_line(n_images: u64, funnel: &[FunnelStep]) -> String {
    /// A longer value is cut here; the full explanation has all of it.
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
            // A list would hide the counts; the full explanation has it.
            "ImageIds" | "ImageNames" => String::new(),
            _ if short.len() < value.len() => format!(" {short}…"),
            _ => format!(" {short}"),
        };
        // Writing to a `String` cannot fail.
        write!(line, " → {filter}{value} {count}").ok();
    }
    line
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
            .findings
            .funnel
            .iter()
            .map(|step| json!({"filter": step.filter, "value": step.value, "count": step.count}))
            .collect();
        let near_misses: Vec<Value> = self
            .findings
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
            "sandbox": {"name": self.sandbox.name, "count": self.sandbox.n_images},
            "parameters": parameters,
            "funnel": funnel,
            "nearMisses": near_misses,
            "page": self.findings.page,
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
            writeln!(
                text,
                "{}",
                one_line(self.sandbox.n_images, &self.findings.funnel)
            )
            .ok();
        }
        if let Some(page) = &self.findings.page {
            writeln!(text, "{page}: past the end").ok();
        }
        writeln!(text, "\nparameters").ok();
        for ParameterReading {
            name,
            value,
            reading,
        } in &self.parameters
        {
            writeln!(
                text,
                "  {}={value:?}: {reading}",
                crate::base::one_line(name)
            )
            .ok();
        }
        if !self.findings.near_misses.is_empty() {
            writeln!(text, "\nnear misses").ok();
        }
        for NearMiss {
            image_id,
            name,
            filter,
            how,
            ..
        } in &self.findings.near_misses
        {
            writeln!(text, "  {image_id} ({name}): {filter}: {how}").ok();
        }
        text
    }
}
