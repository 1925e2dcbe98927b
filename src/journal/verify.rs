//! Verification: expectations compared with the recorded requests, and a failure's text.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Deserialize;

use crate::base::limits::EXPECTATIONS_MAX;
use crate::base::one_line;
use crate::journal::find::Difference;
use crate::journal::{RecordedRequest, RequestMatch};
use crate::wire::is_common_parameter;

/// Expectations, in any order or in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields, rename_all_fields = "camelCase")]
pub(crate) enum Verification {
    /// Only a list: in any order.
    AnyOrder(Vec<Expectation>),
    /// An object that can ask for the order.
    Ordered {
        #[serde(default)]
        in_order: bool,
        expectations: Vec<Expectation>,
    },
}

/// How often a request is expected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Expectation {
    #[serde(default, rename = "match")]
    like: RequestMatch,
    times: Option<usize>,
    at_least: Option<usize>,
    at_most: Option<usize>,
    #[serde(default)]
    never: bool,
}

impl Verification {
    /// The expectations, in the order given.
    fn expectations(&self) -> &[Expectation] {
        match self {
            Self::AnyOrder(expectations) | Self::Ordered { expectations, .. } => expectations,
        }
    }

    /// Checks the form of the expectations and returns their number.
    pub(crate) fn check(&self) -> Result<usize, String> {
        let expectations = self.expectations();
        if expectations.is_empty() {
            return Err("an empty list expects nothing".to_owned());
        }
        // Each of them is compared with every request.
        if expectations.len() > EXPECTATIONS_MAX {
            let n_expectations = expectations.len();
            return Err(format!(
                "a list has at most {EXPECTATIONS_MAX} expectations, got {n_expectations}"
            ));
        }
        for (idx, expectation) in expectations.iter().enumerate() {
            let checked = expectation.check();
            checked.map_err(|rule| format!("expectation {}: {rule}", idx + 1))?;
        }
        Ok(expectations.len())
    }

    /// Compares the expectations with the recorded requests, oldest first.
    ///
    /// Fails at the first that is not met. The error's text says what was expected, what came, and
    /// how the nearest request differs.
    pub(crate) fn verify(&self, requests: &[Arc<RecordedRequest>]) -> Result<(), String> {
        let in_order = matches!(self, Self::Ordered { in_order: true, .. });
        let expectations = self.expectations();
        let mut rest = requests;
        for (idx, expectation) in expectations.iter().enumerate() {
            let mut came = expectation.positions(rest);
            // In order, an expectation takes as many as it needs, and more up to the next one.
            let mut n_taken = 0;
            if in_order {
                if let Some(last) = expectation.lower().checked_sub(1) {
                    n_taken = came.get(last).map_or(0, |last| last + 1);
                }
                let end = next_begins(&expectations[idx + 1..], rest, n_taken);
                came.retain(|position| *position < end);
            }
            if !expectation.allows(came.len()) {
                let whole = in_order.then_some(requests);
                return Err(expectation.failure(idx, came.len(), rest, whole));
            }
            rest = &rest[n_taken..];
        }
        Ok(())
    }
}

/// Where the next expectation that needs a request finds its first one.
fn next_begins(next: &[Expectation], requests: &[Arc<RecordedRequest>], n_taken: usize) -> usize {
    let next = next.iter().find(|expectation| expectation.lower() > 0);
    let positions = next.map_or_else(Vec::new, |next| next.positions(requests));
    let first = positions.into_iter().find(|idx| *idx >= n_taken);
    first.unwrap_or(requests.len())
}

impl Expectation {
    fn check(&self) -> Result<(), String> {
        let is_range = self.at_least.is_some() || self.at_most.is_some();
        let is_exact = self.times.is_some();
        if u8::from(is_exact) + u8::from(self.never) + u8::from(is_range) > 1 {
            let rule = "one of `times`, `never`, and `atLeast` with or without `atMost`";
            return Err(rule.to_owned());
        }
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least > most => {
                Err("`atLeast` is more than `atMost`".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn lower(&self) -> usize {
        if self.never {
            return 0;
        }
        let default = usize::from(self.at_most.is_none());
        self.times.or(self.at_least).unwrap_or(default)
    }

    fn upper(&self) -> Option<usize> {
        if self.never {
            Some(0)
        } else {
            self.times.or(self.at_most)
        }
    }

    /// The requests that are meant, by position.
    fn positions(&self, requests: &[Arc<RecordedRequest>]) -> Vec<usize> {
        (0..requests.len())
            .filter(|idx| self.like.matches(&requests[*idx]))
            .collect()
    }

    fn allows(&self, n_came: usize) -> bool {
        n_came >= self.lower() && self.upper().is_none_or(|upper| n_came <= upper)
    }

    fn wanted(&self) -> String {
        let times = |n| match n {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        match (self.lower(), self.upper()) {
            (_, Some(0)) => "never".to_owned(),
            (lower, Some(upper)) if lower == upper => times(lower),
            (0, Some(upper)) => format!("at most {}", times(upper)),
            (lower, Some(upper)) => format!("{lower} to {upper} times"),
            (lower, None) => format!("at least {}", times(lower)),
        }
    }

    fn failure(
        &self,
        idx: usize,
        n_came: usize,
        requests: &[Arc<RecordedRequest>],
        whole: Option<&[Arc<RecordedRequest>]>,
    ) -> String {
        let mut text = format!(
            "expectation {} was not met\n  expected: {}, {}\n  came:     {n_came} of {} recorded requests",
            idx + 1,
            self.wanted(),
            described(&self.like),
            whole.unwrap_or(requests).len(),
        );
        if whole.is_some() {
            let n_left = requests.len();
            // Writing to a `String` cannot fail.
            write!(
                text,
                ", of which {n_left} came after the expectation before"
            )
            .ok();
        }
        if self.upper().is_some_and(|upper| n_came > upper) {
            let mut requests = requests.iter();
            if let Some(first) = requests.find(|request| self.like.matches(request)) {
                write!(text, "\n  the first of them: {}", summary(first)).ok();
            }
            return text;
        }
        match self.nearest(requests) {
            Some((nearest, differences)) => {
                write!(text, "\n  nearest:  {}", summary(nearest)).ok();
                for difference in differences {
                    let Difference { field, wanted, .. } = difference;
                    let found = difference.found.map(|found| format!("{found:?}"));
                    let found = found.as_deref().unwrap_or("nothing");
                    let field = one_line(&field);
                    write!(text, "\n    {field}: expected {wanted:?}, came {found}").ok();
                }
            }
            None if requests.is_empty() => text.push_str("\n  no request was recorded there"),
            None => {}
        }
        text
    }

    /// The request that differs in the fewest fields, the newest of them, if any differs.
    fn nearest<'a>(
        &self,
        requests: &'a [Arc<RecordedRequest>],
    ) -> Option<(&'a RecordedRequest, Vec<Difference>)> {
        requests
            .iter()
            .rev()
            .map(|request| (&**request, self.like.differences(request)))
            .filter(|(_, differences)| !differences.is_empty())
            .min_by_key(|(_, differences)| differences.len())
    }
}

fn described(like: &RequestMatch) -> String {
    let mut parts: Vec<String> = like.action.iter().cloned().collect();
    let parameters = like.parameters.iter();
    parts.extend(parameters.map(|(name, value)| format!("{name}={value}")));
    parts.extend(like.access_key_id.as_ref().map(|id| format!("by {id}")));
    parts.extend(like.status.map(|status| format!("answered {status}")));
    parts.extend(like.code.as_ref().map(|code| format!("with {code}")));
    if parts.is_empty() {
        "any request".to_owned()
    } else {
        one_line(&parts.join(" ")).into_owned()
    }
}

/// A request in one line, without what every request has.
fn summary(request: &RecordedRequest) -> String {
    let mut text = request.action.as_deref().unwrap_or("no action").to_owned();
    let parameters = request.parameters.iter();
    for (name, value) in parameters.filter(|(name, _)| !is_common_parameter(name)) {
        write!(text, " {name}={value}").ok();
    }
    write!(text, " answered {}", request.status).ok();
    if let Some(code) = &request.code {
        write!(text, " {code}").ok();
    }
    one_line(&text).into_owned()
}
