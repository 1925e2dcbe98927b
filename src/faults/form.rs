//! How an effect is read from JSON. An error is a text: the rule that is broken, with the value.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::base::limits::FAULT_DELAY_MAX;
use crate::base::{Span, did_you_mean, nearest};
use crate::faults::effect::{Delay, Effect};
use crate::faults::paging::{FIRST_PAGE, Paging, PagingChange};
use crate::wire::{ApiError, ErrorCode};

/// The keys of an effect; each stands alone, but for `delay`.
#[rustfmt::skip]
const KEYS: [&str; 11] = [
    "error", "delay", "reset", "empty", "truncate", "dribble", "malformed", "html502", "wrongType",
    "paging", "x-acs-retry-after",
];

/// The effects that are set with `true`.
#[rustfmt::skip]
const FLAGS: [Effect; 6] = [
    Effect::Reset, Effect::Empty, Effect::Truncate, Effect::Malformed, Effect::Html502, Effect::WrongType,
];

/// What a time must be.
const TIME: &str = "a time of at most 5m, such as `750ms`";

/// Reads an effect: one key, and optionally `delay` beside it.
pub(super) fn parse(
    mut fields: Map<String, Value>,
    is_in_code: impl Fn(&str) -> bool,
) -> Result<(Option<Delay>, Option<Effect>), String> {
    let delay = fields.shift_remove("delay");
    let delay = delay.map(|value| delay_of(&value)).transpose()?;
    let retry_after = fields.shift_remove("x-acs-retry-after");
    if fields.len() > 1 {
        return Err("an effect has one key, and optionally `delay` beside it".to_owned());
    }
    let mut effect = match fields.iter().next() {
        Some((key, value)) => Some(effect_of(key, value, is_in_code)?),
        None => None,
    };
    match (&mut effect, retry_after) {
        (Some(Effect::Error(error)), Some(value)) => {
            let ms = value.as_u64().ok_or_else(|| {
                format!("`x-acs-retry-after` must be milliseconds, a whole number, got {value}")
            })?;
            error.retry_after_ms = Some(ms);
        }
        (_, Some(_)) => return Err("`x-acs-retry-after` stands beside `error` only".to_owned()),
        (_, None) => {}
    }
    if delay.is_none() && effect.is_none() {
        let keys = KEYS[..10].join(", ");
        return Err(format!("`effect` is empty; it has one of {keys}"));
    }
    Ok((delay, effect))
}

/// Reads `"750ms"` or `{"min": "1s", "max": "2s"}`.
fn delay_of(value: &Value) -> Result<Delay, String> {
    let ends = match value.as_object() {
        None => Some((value, value)),
        Some(ends) if ends.len() == 2 => ends.get("min").zip(ends.get("max")),
        Some(_) => None,
    };
    let times = ends.and_then(|(min, max)| time_ms(min).zip(time_ms(max)));
    match times {
        Some((min_ms, max_ms)) if min_ms <= max_ms => Ok(Delay { min_ms, max_ms }),
        _ => Err(format!(
            "`delay` must be {TIME}, or `{{\"min\": \"1s\", \"max\": \"2s\"}}`, got {value}"
        )),
    }
}

/// Reads a time of at most five minutes.
fn time_ms(value: &Value) -> Option<u64> {
    let ms = u64::try_from(Span::parse(value.as_str()?)?.ms).ok()?;
    (Duration::from_millis(ms) <= FAULT_DELAY_MAX).then_some(ms)
}

fn effect_of(
    key: &str,
    value: &Value,
    is_in_code: impl Fn(&str) -> bool,
) -> Result<Effect, String> {
    match key {
        "error" => error_of(value, is_in_code).map(Effect::Error),
        "dribble" => time_ms(value)
            .map(|ms| Effect::Dribble(Duration::from_millis(ms)))
            .ok_or_else(|| format!("`dribble` must be {TIME}, got {value}")),
        "paging" => paging_of(value).map(Effect::Paging),
        _ => match FLAGS.into_iter().find(|flag| flag.to_string() == key) {
            Some(flag) if value.as_bool() == Some(true) => Ok(flag),
            Some(_) => Err(format!("`{key}` must be true, got {value}")),
            None => {
                let meant = did_you_mean(nearest(key, KEYS));
                Err(format!("there is no effect `{key}`{meant}"))
            }
        },
    }
}

/// An error of the user's own, or one of the vendor's with changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorForm {
    code: String,
    status: Option<u16>,
    message: Option<String>,
    #[serde(rename = "x-acs-retry-after")]
    retry_after_ms: Option<u64>,
}

fn error_of(value: &Value, is_in_code: impl Fn(&str) -> bool) -> Result<ApiError, String> {
    if let Some(code) = value.as_str() {
        return error_of_code(code, is_in_code);
    }
    let form = ErrorForm::deserialize(value)
        .map_err(|error| format!("`error` must be a code or an object: {error}"))?;
    if form.code.is_empty() {
        return Err("`error` needs a `code`, a string".to_owned());
    }
    let (status, message) = match (form.status, form.message) {
        (Some(status), Some(message)) => (status, message.into()),
        (status, message) => {
            let known = error_of_code(&form.code, is_in_code)
                .map_err(|error| format!("{error} (an own code needs `status` and `message`)"))?;
            let message = message.map_or(known.message, Into::into);
            (status.unwrap_or(known.status), message)
        }
    };
    if !(400..=599).contains(&status) {
        return Err(format!("`status` must be in 400..=599, got {status}"));
    }
    Ok(ApiError {
        status,
        code: form.code.into(),
        message,
        reason: None,
        parameter: None,
        retry_after_ms: form.retry_after_ms,
    })
}

/// The error of a code of the vendor's tables, with its exact status and text.
///
/// `Missing<Param>` and `Invalid<Param>` are codes for each parameter, as in the vendor's gateway;
/// `is_in_code` says for which names. The text of an error has the code that was probably meant.
pub(super) fn error_of_code(
    code: &str,
    is_in_code: impl Fn(&str) -> bool,
) -> Result<ApiError, String> {
    if let Some(known) = ErrorCode::find(code) {
        return Ok(known.into());
    }
    let parameter = |problem| code.strip_prefix(problem).filter(|name| is_in_code(name));
    if let Some(name) = parameter("Missing") {
        return Ok(ApiError::missing(name));
    }
    if let Some(name) = parameter("Invalid") {
        return Ok(ApiError::invalid(name, ""));
    }
    let meant = did_you_mean(nearest(code, ErrorCode::names()));
    Err(format!("no code `{code}` is in the vendor's tables{meant}"))
}

/// Reads `"insert-before"` or `{"change": "insert-before", "afterPage": 2}`.
fn paging_of(value: &Value) -> Result<Paging, String> {
    let paging = if value.is_string() {
        PagingChange::deserialize(value).map(|change| Paging {
            change,
            after_page: FIRST_PAGE,
        })
    } else {
        Paging::deserialize(value)
    };
    paging.map_err(|error| {
        format!("`paging` must be a change, or `{{\"change\": …, \"afterPage\": 2}}`: {error}")
    })
}
