//! A sandbox's clock: read, frozen, moved.

use serde::Deserialize;
use serde_json::json;

use crate::base::{Clock, ClockMode, Span, Timestamp};
use crate::control::{Call, ControlError, Reply};
use crate::sandbox::Sandbox;

const HINT: &str = "send one of {\"freeze\": \"2026-01-01T00:00:00Z\"}, {\"offset\": \"-5m\"} and \
                    {\"advance\": \"3s\"}";

/// One change of a clock, with its moment or its time as text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ClockChange<'a> {
    /// Stop at a moment, `yyyy-MM-ddTHH:mm:ssZ`.
    Freeze(&'a str),
    /// Run with an offset to the system's clock.
    Offset(&'a str),
    /// Move forwards by a time.
    Advance(&'a str),
}

impl ClockChange<'_> {
    /// Changes a clock.
    pub(crate) fn apply(self, clock: &Clock) -> Result<(), ControlError> {
        match self {
            Self::Freeze(text) => {
                let at = Timestamp::parse(text).ok_or_else(|| {
                    let rule = "a real date as `yyyy-MM-ddTHH:mm:ssZ`";
                    invalid(format!("`freeze` must be {rule}, got {text:?}"))
                })?;
                clock.set(ClockMode::frozen(at))?;
            }
            Self::Offset(text) => {
                let offset = span("offset", text)?;
                clock.set(ClockMode::Running { offset })?;
            }
            Self::Advance(text) => {
                let by = span("advance", text)?;
                if by.ms < 0 {
                    let rule = "`advance` goes forwards only; set a clock back by `freeze`";
                    return Err(invalid(rule));
                }
                clock.advance(by)?;
            }
        }
        Ok(())
    }
}

fn span(name: &str, text: &str) -> Result<Span, ControlError> {
    let rule = "a time such as `3s` or `1h 30m`";
    Span::parse(text).ok_or_else(|| invalid(format!("`{name}` must be {rule}, got {text:?}")))
}

fn invalid(rule: impl Into<String>) -> ControlError {
    ControlError::bad_request(rule, HINT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    freeze: Option<String>,
    offset: Option<String>,
    advance: Option<String>,
}

/// Returns the time, and how the clock runs.
pub(crate) fn read_clock(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(state(&*call.sandbox()?))
}

/// Freezes the clock, lets it run with an offset, or moves it.
pub(crate) fn change_clock(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let form: Form = call.json(HINT)?;
    let change = match (&form.freeze, &form.offset, &form.advance) {
        (Some(at), None, None) => ClockChange::Freeze(at),
        (None, Some(by), None) => ClockChange::Offset(by),
        (None, None, Some(by)) => ClockChange::Advance(by),
        _ => return Err(invalid("a clock changes in one way at a time")),
    };
    change.apply(sandbox.clock())?;
    Ok(state(&sandbox))
}

/// Resets the clock to how it ran at the start.
pub(crate) fn reset_clock(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    sandbox.clock().reset();
    Ok(state(&sandbox))
}

fn state(sandbox: &Sandbox) -> Reply {
    let clock = sandbox.clock();
    let now = clock.now().to_string();
    match clock.mode() {
        ClockMode::Running { offset } => {
            json!({"now": now, "mode": "running", "offset": offset.to_string()}).into()
        }
        ClockMode::Frozen { .. } => json!({"now": now, "mode": "frozen"}).into(),
    }
}
