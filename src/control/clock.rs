//! A sandbox's clock: read, frozen, moved.

use serde::Deserialize;
use serde_json::json;

use crate::base::{ClockMode, Span, Timestamp};
use crate::control::{Call, ControlError, Reply};
use crate::sandbox::Sandbox;

const HINT: &str = "send one of {\"freeze\": \"2026-01-01T00:00:00Z\"}, {\"offset\": \"-5m\"} and \
                    {\"advance\": \"3s\"}";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    freeze: Option<String>,
    offset: Option<String>,
    advance: Option<String>,
}

/// Tells the time, and how the clock runs.
///
/// # Errors
/// [`ControlError`] for a bad sandbox name.
pub(crate) fn read_clock(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(told(&*call.sandbox()?))
}

/// Freezes the clock, lets it run with an offset, or moves it.
///
/// # Errors
/// [`ControlError`] for anything but one change that the clock can make.
pub(crate) fn change_clock(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let clock = sandbox.clock();
    let bad = |message: String| ControlError::bad_request(message, HINT);
    let span = |name: &str, text: &str| {
        Span::parse(text).ok_or_else(|| {
            bad(format!(
                "`{name}` must be a time such as `3s` or `1h 30m`, got {text:?}"
            ))
        })
    };
    match call.json(HINT)? {
        Change {
            freeze: Some(text),
            offset: None,
            advance: None,
        } => {
            let at = Timestamp::parse(&text).ok_or_else(|| {
                bad(format!(
                    "`freeze` must be a real date as `yyyy-MM-ddTHH:mm:ssZ`, got {text:?}"
                ))
            })?;
            clock.set(ClockMode::frozen(at))?;
        }
        Change {
            freeze: None,
            offset: Some(text),
            advance: None,
        } => {
            clock.set(ClockMode::Running {
                offset: span("offset", &text)?,
            })?;
        }
        Change {
            freeze: None,
            offset: None,
            advance: Some(text),
        } => {
            let by = span("advance", &text)?;
            if by.ms < 0 {
                return Err(bad(
                    "`advance` goes forwards only; set a clock back by `freeze`".to_owned(),
                ));
            }
            clock.advance(by)?;
        }
        Change { .. } => return Err(bad("a clock changes in one way at a time".to_owned())),
    }
    Ok(told(&sandbox))
}

/// Lets the clock run as it did at first.
///
/// # Errors
/// [`ControlError`] for a bad sandbox name.
pub(crate) fn reset_clock(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.clock().reset();
    Ok(told(&sandbox))
}

fn told(sandbox: &Sandbox) -> Reply {
    let clock = sandbox.clock();
    let now = clock.now().to_string();
    match clock.mode() {
        ClockMode::Running { offset } => {
            json!({"now": now, "mode": "running", "offset": offset.to_string()}).into()
        }
        ClockMode::Frozen { .. } => json!({"now": now, "mode": "frozen"}).into(),
    }
}
