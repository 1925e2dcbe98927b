//! An explanation of an answer, as a value, as JSON and as text.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::base::one_line;
use crate::wire::ApiError;

/// How one parameter was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ParameterReading {
    /// The name as sent.
    pub(crate) name: String,
    /// The value as sent, without secrets.
    pub(crate) value: String,
    /// How the emulator read it.
    pub(crate) reading: String,
}

/// How many resources were left after a filter and all before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunnelStep {
    /// The filter's parameter.
    pub filter: &'static str,
    /// What it asked for.
    pub value: String,
    /// The resources left.
    pub count: u64,
}

/// An image that nearly matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NearMiss {
    /// The image's id.
    pub image_id: String,
    /// The image's name.
    pub name: String,
    /// The first filter that removed it.
    pub filter: &'static str,
    /// How it differs from what the filter asks for.
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

/// An explanation of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// The name of the sandbox that was asked.
    pub(crate) sandbox: String,
    /// How many images the sandbox has.
    pub(crate) n_images: u64,
    /// How each parameter was read.
    pub(crate) parameters: Vec<ParameterReading>,
    /// What the action found; nothing when the request is refused.
    pub(crate) findings: Findings,
    /// Why the request is refused, when it is.
    pub(crate) refused: Option<ApiError>,
}

/// The funnel in one line: `sandbox 42 → RegionId cn-hangzhou 12 → Tag env=prod 0`.
pub(crate) fn funnel_line(n_images: u64, funnel: &[FunnelStep]) -> String {
    /// A longer value is cut here; the full explanation has all of it.
    const VALUE_CHARS_MAX: usize = 60;
    let mut line = format!("sandbox {n_images}");
    for step in funnel {
        let short: String = step.value.chars().take(VALUE_CHARS_MAX).collect();
        let value = match step.filter {
            // A list would hide the counts; the full explanation has it.
            "ImageIds" | "ImageNames" => String::new(),
            _ if short.len() < step.value.len() => format!(" {short}…"),
            _ => format!(" {short}"),
        };
        // Writing to a `String` cannot fail.
        write!(line, " → {}{value} {}", step.filter, step.count).ok();
    }
    line
}

impl Explanation {
    /// The explanation as JSON.
    pub(crate) fn json(&self) -> Value {
        let refused = self.refused.as_ref().map(
            |error| json!({"code": error.code, "message": error.message, "reason": error.reason}),
        );
        json!({
            "sandbox": {"name": self.sandbox, "count": self.n_images},
            "parameters": self.parameters,
            "funnel": self.findings.funnel,
            "nearMisses": self.findings.near_misses,
            "page": self.findings.page,
            "refused": refused,
        })
    }

    /// The explanation as text, for people.
    pub(crate) fn text(&self) -> String {
        let mut text = match &self.refused {
            None => one_line(&funnel_line(self.n_images, &self.findings.funnel)).into_owned(),
            Some(error) => {
                let refused = format!("refused: {} {}", error.code, error.message);
                let reason = error.reason.as_deref().unwrap_or_default();
                format!("{}\n  {}", one_line(&refused), one_line(reason))
            }
        };
        // Writing to a `String` cannot fail.
        if let Some(page) = &self.findings.page {
            write!(text, "\n{page}: past the end").ok();
        }
        text.push_str("\n\nparameters\n");
        for parameter in &self.parameters {
            let (name, reading) = (one_line(&parameter.name), one_line(&parameter.reading));
            writeln!(text, "  {name}={:?}: {reading}", parameter.value).ok();
        }
        if !self.findings.near_misses.is_empty() {
            text.push_str("\nnear misses\n");
        }
        for miss in &self.findings.near_misses {
            let (id, name, filter, how) = (&miss.image_id, &miss.name, miss.filter, &miss.how);
            let line = format!("  {id} ({name}): {filter}: {how}");
            writeln!(text, "{}", one_line(&line)).ok();
        }
        text
    }
}
