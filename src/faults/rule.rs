//! A rule: which requests it strikes, when, and how.

use std::collections::BTreeMap;

use oorandom::Rand64;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::base::limits::FAULT_ID_CHARS_MAX;
use crate::base::{did_you_mean, nearest};
use crate::faults::effect::{Delay, Effect};
use crate::faults::form;
use crate::faults::strike::Strike;
use crate::faults::times::Times;
use crate::wire::{ACTION_NAMES, Params, action_name};

/// What a rule sees of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The action's name, as sent.
    pub action: Option<&'a str>,
    /// The AccessKeyId, as sent.
    pub access_key_id: Option<&'a str>,
    /// The parameters, as sent.
    pub params: &'a Params,
}

/// The names that a rule may use, as the table of actions has them.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    /// Whether a request of an action, or of any action, may have a parameter.
    pub(crate) is_parameter: &'a dyn Fn(Option<&str>, &str) -> bool,
    /// Whether a name can follow `Missing` or `Invalid` in a code.
    pub(crate) is_in_code: &'a dyn Fn(&str) -> bool,
}

/// A fault and the requests that it strikes.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(super) id: String,
    matcher: Match,
    delay: Option<Delay>,
    effect: Option<Effect>,
    times: Times,
    /// The numbers that delays are drawn from.
    random: Rand64,
    /// The rule as it was given, without its id.
    json: Map<String, Value>,
    /// The length of its JSON, in bytes.
    pub(super) n_bytes: usize,
}

/// A fault rule, and how often it struck.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSummary {
    /// The rule as it was given, with its id.
    pub json: Map<String, Value>,
    /// How often it struck.
    pub n_hits: u64,
    /// How often it still will; `None` is without end.
    pub left: Option<u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Match {
    action: Option<String>,
    access_key_id: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Form {
    id: Option<String>,
    #[serde(default, rename = "match")]
    matcher: Match,
    effect: Map<String, Value>,
    times: Option<u64>,
    after: Option<u64>,
    every: Option<u64>,
    probability: Option<f64>,
    rng_seed: Option<u64>,
}

impl Rule {
    /// Reads a rule that uses known names; an error is the text of what is wrong with it.
    pub(crate) fn parse(value: &Value, names: &Names<'_>) -> Result<Self, String> {
        let json = value.as_object().cloned();
        let mut json = json.ok_or_else(|| format!("a rule must be an object, got {value}"))?;
        json.shift_remove("id");
        let form = Form::deserialize(value).map_err(|error| error.to_string())?;
        form.matcher.check(names)?;
        let times = form.times()?;
        let (delay, effect) = form::parse(form.effect, names.is_in_code)?;
        let id = form.id.unwrap_or_default();
        if id.len() > FAULT_ID_CHARS_MAX || id.contains(['/', '\n']) {
            return Err(format!(
                "`id` has at most {FAULT_ID_CHARS_MAX} characters and no `/`"
            ));
        }
        Ok(Self {
            id,
            matcher: form.matcher,
            delay,
            effect,
            times,
            random: Rand64::new(u128::from(form.rng_seed.unwrap_or_default())),
            json,
            n_bytes: value.to_string().len(),
        })
    }

    /// The rule with its id, and how often it struck.
    pub(super) fn summary(&self) -> RuleSummary {
        let mut json = Map::from_iter([("id".to_owned(), json!(self.id))]);
        json.extend(self.json.clone());
        RuleSummary {
            json,
            n_hits: self.times.n_hits,
            left: self.times.left(),
        }
    }

    /// Strikes a request, if the rule matches it and its times allow it.
    pub(super) fn strike(&mut self, subject: &Subject<'_>) -> Option<Strike> {
        if !self.matcher.matches(subject) || !self.is_for_page(subject) || !self.times.strike() {
            return None;
        }
        Some(Strike {
            by: self.id.clone(),
            delay_ms: self.delay.map(|delay| delay.draw_ms(&mut self.random)),
            effect: self.effect.clone(),
        })
    }

    /// A change between two pages is seen on the pages behind it only.
    fn is_for_page(&self, subject: &Subject<'_>) -> bool {
        let Some(Effect::Paging(paging)) = &self.effect else {
            return true;
        };
        let page = subject.params.value("PageNumber");
        page.and_then(|page| page.parse().ok())
            .is_some_and(|page: u32| page > paging.after_page.get())
    }
}

impl Form {
    fn times(&self) -> Result<Times, String> {
        let positive = |name: &str, value: Option<u64>| match value {
            Some(0) => Err(format!("`{name}` must be at least 1")),
            value => Ok(value),
        };
        let chance = match self.probability {
            None if self.rng_seed.is_some() && !self.effect.contains_key("delay") => {
                return Err("`rngSeed` goes with `probability` or `delay`".to_owned());
            }
            None => None,
            Some(probability) if (0.0..=1.0).contains(&probability) => {
                let seed = self.rng_seed.unwrap_or_default();
                Some((probability, Rand64::new(u128::from(seed) << 64)))
            }
            Some(probability) => {
                return Err(format!("`probability` must be in 0..=1, got {probability}"));
            }
        };
        Ok(Times {
            n_max: positive("times", self.times)?,
            after: self.after.unwrap_or_default().min(u64::from(u32::MAX)),
            every: positive("every", self.every)?,
            chance,
            ..Times::default()
        })
    }
}

impl Match {
    fn check(&self, names: &Names<'_>) -> Result<(), String> {
        if let Some(action) = &self.action
            && action_name(action).is_none()
        {
            let meant = did_you_mean(nearest(action, ACTION_NAMES));
            return Err(format!("the product has no action `{action}`{meant}"));
        }
        let action = self.action.as_deref();
        let is_unknown = |name: &&String| !(names.is_parameter)(action, name);
        match self.parameters.keys().find(is_unknown) {
            Some(name) => Err(format!("no request has a parameter `{name}`")),
            None => Ok(()),
        }
    }

    fn matches(&self, subject: &Subject<'_>) -> bool {
        let equal = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        equal(&self.action, subject.action)
            && equal(&self.access_key_id, subject.access_key_id)
            && self
                .parameters
                .iter()
                .all(|(name, value)| subject.params.value(name).unwrap_or_default() == value)
    }
}
