//! How an effect is read from JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::limits::FAULT_DELAY_MAX;
use crate::base::{Span, nearest};
use crate::faults::effect::{Delay, Effect, FaultError, Paging, PagingChange};
use crate::wire::ErrorCode;

impl Delay {
    /// Reads `"750ms"` or `{"min": "1s", "max": "2s"}`.
    fn parse(value: &Value) -> Result<Self, String> {
        let rule = || {
            format!(
                "`delay` must be a time such as `750ms`, or `{{\"min\": \"1s\", \"max\": \"2s\"}}`, of at most {}, got {value}",
                Span::from_ms(300_000)
            )
        };
        let bounds = if let Some(bounds) = value.as_object() {
            let known = bounds.keys().all(|key| key == "min" || key == "max");
            bounds.get("min").zip(bounds.get("max")).filter(|_| known)
        } else {
            Some((value, value))
        };
        let (min, max) = bounds
            .and_then(|(min, max)| duration(min).zip(duration(max)))
            .filter(|(min, max)| min <= max)
            .ok_or_else(rule)?;
        Ok(Self { min, max })
    }
}

/// Reads a time of at most five minutes.
fn duration(value: &Value) -> Option<Duration> {
    let ms = u64::try_from(Span::parse(value.as_str()?)?.ms).ok()?;
    Some(Duration::from_millis(ms)).filter(|duration| *duration <= FAULT_DELAY_MAX)
}

impl FaultError {
    /// The error that a code of the vendor's tables stands for, with its exact status and text.
    ///
    /// `Missing<Param>` and `Invalid<Param>` are codes for each parameter, as the gateway has them;
    /// `is_in_code` tells which. The text of an error names the code that was perhaps meant.
    pub(crate) fn of_code(code: &str, is_in_code: impl Fn(&str) -> bool) -> Result<Self, String> {
        let found = ErrorCode::find(code)
            .map(|known| (known.status, known.message.to_owned()))
            .or_else(|| parameter_error(code, is_in_code).map(|message| (400, message)));
        if let Some((status, message)) = found {
            return Ok(Self {
                status,
                code: code.to_owned(),
                message,
                retry_after_ms: None,
            });
        }
        let meant = nearest(code, ErrorCode::names());
        let meant = meant
            .map(|name| format!(", did you mean `{name}`?"))
            .unwrap_or_default();
        Err(format!("no code `{code}` is in the vendor's tables{meant}"))
    }

    fn parse(value: &Value, is_in_code: impl Fn(&str) -> bool) -> Result<Self, String> {
        const FIELDS: [&str; 4] = ["status", "code", "message", "x-acs-retry-after"];
        if let Some(code) = value.as_str() {
            return Self::of_code(code, is_in_code);
        }
        let fields = value
            .as_object()
            .ok_or_else(|| format!("`error` must be a code or an object, got {value}"))?;
        if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(format!(
                "`error` has no field `{name}`; it has {}",
                FIELDS.join(", ")
            ));
        }
        let code = fields
            .get("code")
            .and_then(Value::as_str)
            .filter(|code| !code.is_empty());
        let code = code.ok_or("`error` needs a `code`, a string")?;
        let text = |name: &str| match fields.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value) => Err(format!("`{name}` must be a string, got {value}")),
        };
        let status = match fields.get("status") {
            None => None,
            Some(status) => Some(
                status
                    .as_u64()
                    .and_then(|status| u16::try_from(status).ok())
                    .filter(|status| (400..=599).contains(status))
                    .ok_or_else(|| format!("`status` must be in 400..=599, got {status}"))?,
            ),
        };
        let message = text("message")?;
        let mut error = match (status, message) {
            (Some(status), Some(message)) => Self {
                status,
                code: code.to_owned(),
                message,
                retry_after_ms: None,
            },
            (status, message) => {
                let known = Self::of_code(code, is_in_code).map_err(|error| {
                    format!("{error} (an own code needs `status` and `message`)")
                })?;
                let status = status.unwrap_or(known.status);
                Self {
                    status,
                    message: message.unwrap_or(known.message.clone()),
                    ..known
                }
            }
        };
        error.retry_after_ms = retry_after_ms(fields.get("x-acs-retry-after"))?;
        Ok(error)
    }
}

fn retry_after_ms(value: Option<&Value>) -> Result<Option<u64>, String> {
    value
        .map(|value| {
            value.as_u64().ok_or_else(|| {
                format!("`x-acs-retry-after` must be milliseconds, a whole number, got {value}")
            })
        })
        .transpose()
}

/// The text of `Missing<Param>` or `Invalid<Param>`, for a parameter that exists.
fn parameter_error(code: &str, is_in_code: impl Fn(&str) -> bool) -> Option<String> {
    let parameter = |prefix| code.strip_prefix(prefix).filter(|name| is_in_code(name));
    if let Some(name) = parameter("Missing") {
        return Some(format!("{name} is mandatory for this action."));
    }
    let name = parameter("Invalid")?;
    Some(format!("Specified parameter {name} is not valid."))
}

/// The keys of an effect; each stands alone, but for `delay`.
#[rustfmt::skip]
const KEYS: [&str; 11] = [
    "error", "delay", "reset", "empty", "truncate", "dribble", "malformed", "html502", "wrongType",
    "paging", "x-acs-retry-after",
];

/// Reads an effect: one key, and `delay` beside it if wished.
///
/// The text of an error is the rule that is broken, with the value.
pub(super) fn parse(
    value: &Value,
    is_in_code: impl Fn(&str) -> bool,
) -> Result<(Option<Delay>, Option<Effect>), String> {
    let fields = value.as_object().ok_or_else(|| {
        format!(
            "`effect` must be an object such as {{\"error\": \"Throttling.User\"}}, got {value}"
        )
    })?;
    let (mut delay, mut effect, mut retry_after) = (None, None, None);
    for (key, value) in fields {
        let read = match key.as_str() {
            "delay" => {
                delay = Some(Delay::parse(value)?);
                continue;
            }
            "x-acs-retry-after" => {
                retry_after = retry_after_ms(Some(value))?;
                continue;
            }
            "error" => Effect::Error(FaultError::parse(value, &is_in_code)?),
            "dribble" => Effect::Dribble(duration(value).ok_or_else(|| {
                format!("`dribble` must be a time such as `2s`, of at most 5m, got {value}")
            })?),
            "paging" => Effect::Paging(paging(value)?),
            "reset" => flag(key, value, Effect::Reset)?,
            "empty" => flag(key, value, Effect::Empty)?,
            "truncate" => flag(key, value, Effect::Truncate)?,
            "malformed" => flag(key, value, Effect::Malformed)?,
            "html502" => flag(key, value, Effect::Html502)?,
            "wrongType" => flag(key, value, Effect::WrongType)?,
            unknown => {
                let meant = nearest(unknown, KEYS);
                let meant = meant
                    .map(|key| format!(", did you mean `{key}`?"))
                    .unwrap_or_default();
                return Err(format!("there is no effect `{unknown}`{meant}"));
            }
        };
        if effect.replace(read).is_some() {
            return Err("an effect has one key, and `delay` beside it if wished".to_owned());
        }
    }
    match (&mut effect, retry_after) {
        (Some(Effect::Error(error)), Some(ms)) => error.retry_after_ms = Some(ms),
        (_, Some(_)) => return Err("`x-acs-retry-after` stands beside `error` only".to_owned()),
        (_, None) => {}
    }
    if delay.is_none() && effect.is_none() {
        return Err(format!(
            "`effect` is empty; it has one of {}",
            KEYS[..10].join(", ")
        ));
    }
    Ok((delay, effect))
}

fn flag(key: &str, value: &Value, effect: Effect) -> Result<Effect, String> {
    if *value == json!(true) {
        Ok(effect)
    } else {
        Err(format!("`{key}` must be true, got {value}"))
    }
}

fn paging(value: &Value) -> Result<Paging, String> {
    let recipes = PagingChange::ALL.map(|(name, _)| name);
    let rule = || {
        format!(
            "`paging` must be one of {}, or {{\"change\": …, \"afterPage\": 2}}, got {value}",
            recipes.join(", ")
        )
    };
    let (name, after_page) = match (value.as_str(), value.as_object()) {
        (Some(name), _) => (name, 1),
        (None, Some(fields)) => {
            let known = fields
                .keys()
                .all(|key| key == "change" || key == "afterPage");
            let name = fields
                .get("change")
                .and_then(Value::as_str)
                .filter(|_| known);
            let after_page = fields.get("afterPage").map_or(Some(1), Value::as_u64);
            let after_page = after_page.and_then(|page| u32::try_from(page).ok());
            let after_page = after_page.filter(|page| *page > 0).ok_or_else(rule)?;
            (name.ok_or_else(rule)?, after_page)
        }
        (None, None) => return Err(rule()),
    };
    let found = PagingChange::ALL
        .into_iter()
        .find(|(known, _)| *known == name);
    let (_, change) = found.ok_or_else(rule)?;
    Ok(Paging { change, after_page })
}
