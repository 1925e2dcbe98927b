//! What a fault does to an answer.

use std::fmt;
use std::time::Duration;

use oorandom::Rand64;
use serde_json::{Value, json};

use crate::base::limits::FAULT_DELAY_MAX;
use crate::base::{Span, nearest};
use crate::wire::ErrorCode;

/// What happens to an answer; one of these at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// An error of the vendor's, or one of the user's own, in the place of the answer.
    Error(FaultError),
    /// The connection is reset: a real RST.
    Reset,
    /// The connection is closed without a byte.
    Empty,
    /// The header, then half the body, then the end of the connection.
    Truncate,
    /// The body in small pieces, over so much time.
    Dribble(Duration),
    /// A body that is no JSON, under the answer's own header.
    Malformed,
    /// A proxy's page: 502, HTML.
    Html502,
    /// `TotalCount` as a number, where the vendor has a string.
    WrongType,
    /// A change between two pages of a listing.
    Paging(Paging),
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "error {}", error.code),
            Self::Reset => f.write_str("reset"),
            Self::Empty => f.write_str("empty"),
            Self::Truncate => f.write_str("truncate"),
            Self::Dribble(time) => write!(f, "dribble {}ms", time.as_millis()),
            Self::Malformed => f.write_str("malformed"),
            Self::Html502 => f.write_str("html502"),
            Self::WrongType => f.write_str("wrongType"),
            Self::Paging(paging) => {
                let (name, _) = PagingChange::ALL
                    .into_iter()
                    .find(|(_, change)| *change == paging.change)
                    .unwrap_or(("", paging.change));
                write!(f, "paging {name} after page {}", paging.after_page)
            }
        }
    }
}

/// An error that a fault answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// The body's `Code`.
    pub code: String,
    /// The body's `Message`.
    pub message: String,
    /// The header `x-acs-retry-after`, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// A listing that seems to change after one of its pages; the store does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// What seems to happen.
    pub change: PagingChange,
    /// After which page, from 1; the pages behind it are struck.
    pub after_page: u32,
}

/// What seems to happen between two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagingChange {
    /// An image was inserted before those seen: the next page repeats the last image seen.
    InsertBefore,
    /// An image that was seen was deleted: the next page leaves one image out.
    DeleteSeen,
    /// The total grows by one, and nothing else.
    TotalDrift,
    /// A page that is not the last has one image too few.
    ShortPage,
}

impl PagingChange {
    const ALL: [(&'static str, Self); 4] = [
        ("insert-before", Self::InsertBefore),
        ("delete-seen", Self::DeleteSeen),
        ("total-drift", Self::TotalDrift),
        ("short-page", Self::ShortPage),
    ];
}

/// How long an answer is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    min: Duration,
    max: Duration,
}

impl Delay {
    /// A time between the two ends, both in milliseconds.
    pub(super) fn draw_ms(self, random: &mut Rand64) -> u64 {
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let (min, max) = (ms(self.min), ms(self.max));
        if min == max {
            min
        } else {
            random.rand_range(min..max + 1)
        }
    }

    /// Reads `"750ms"` or `{"min": "1s", "max": "2s"}`.
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
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
    /// `Missing<Param>` and `Invalid<Param>` are codes for each parameter, as the gateway has them.
    ///
    /// # Errors
    /// What is wrong with the code, and the one that was perhaps meant.
    pub fn of_code(code: &str) -> Result<Self, String> {
        let found = ErrorCode::find(code)
            .map(|known| (known.status, known.message.to_owned()))
            .or_else(|| parameter_error(code).map(|message| (400, message)));
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

    fn parse(value: &Value) -> Result<Self, String> {
        const FIELDS: [&str; 4] = ["status", "code", "message", "x-acs-retry-after"];
        if let Some(code) = value.as_str() {
            return Self::of_code(code);
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
                let known = Self::of_code(code).map_err(|error| {
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
fn parameter_error(code: &str) -> Option<String> {
    const PARAMETERS: [&str; 20] = [
        "AccessKeyId",
        "Action",
        "BearerToken",
        "ClientToken",
        "DataSnapshotId",
        "ImageIds",
        "ImageNames",
        "InstanceId",
        "PageNumber",
        "PageSize",
        "RegionId",
        "ResourceGroupId",
        "SecurityToken",
        "Share",
        "Signature",
        "SignatureNonce",
        "SystemSnapshotId",
        "Tag",
        "Timestamp",
        "Version",
    ];
    let is_parameter = |name: &str| {
        let is_tag = name
            .strip_prefix("Tag.")
            .and_then(|rest| rest.split_once('.'))
            .is_some_and(|(n, part)| {
                n.parse::<u32>().is_ok() && (part == "Key" || part == "Value")
            });
        PARAMETERS.contains(&name) || is_tag
    };
    if let Some(name) = code
        .strip_prefix("Missing")
        .filter(|name| is_parameter(name))
    {
        return Some(format!("{name} is mandatory for this action."));
    }
    let name = code
        .strip_prefix("Invalid")
        .filter(|name| is_parameter(name))?;
    Some(format!("Specified parameter {name} is not valid."))
}

/// The keys of an effect; each stands alone, but for `delay`.
#[rustfmt::skip]
const KEYS: [&str; 11] = [
    "error", "delay", "reset", "empty", "truncate", "dribble", "malformed", "html502", "wrongType",
    "paging", "x-acs-retry-after",
];

/// Reads an effect: one key, `delay` beside another if wished.
///
/// # Errors
/// The rule that is broken, with the value.
pub(super) fn parse(value: &Value) -> Result<(Option<Delay>, Option<Effect>), String> {
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
            "error" => Effect::Error(FaultError::parse(value)?),
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
