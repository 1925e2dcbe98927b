//! The query string of a control request, and the sandbox that it names.

use std::sync::Arc;

use axum::http::Uri;

use crate::base::nearest;
use crate::control::ControlError;
use crate::sandbox::{Sandbox, Sandboxes};
use crate::server::routes::{ANY, ROUTES, Route, STREAM};
use crate::server::state::AppState;
use crate::wire::Params;

/// Reads the query string; a parameter that the route does not take would be lost, so it is refused.
pub(super) fn read(route: &Route, query: &str) -> Result<Params, ControlError> {
    let params = Params::parse(query.as_bytes(), b"").map_err(|error| {
        ControlError::bad_request(
            error.to_string(),
            "percent-encode the query string as UTF-8",
        )
    })?;
    if route.query == ANY {
        return Ok(params);
    }
    if let Some((name, _)) = params.iter().find(|(name, _)| !route.query.contains(name)) {
        let message = format!("{} {} has no parameter {name:?}", route.method, route.path);
        let hint = match nearest(name, route.query.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if route.query.is_empty() => "it has none".to_owned(),
            None => format!("it has these: {}", route.query.join(", ")),
        };
        return Err(ControlError::bad_request(message, hint));
    }
    if let Some(name) = params.repeated().first() {
        let message = format!("parameter `{name}` stands twice");
        return Err(ControlError::bad_request(message, "send it once"));
    }
    // As `?sandbox=$KEY` is when the variable is not set.
    if let Some((name, _)) = params.iter().find(|(_, value)| value.is_empty()) {
        let message = format!("parameter `{name}` is empty");
        let hint = "give it a value, or leave it out";
        return Err(ControlError::bad_request(message, hint));
    }
    Ok(params)
}

/// The sandbox that the query string of a stream names.
pub(super) fn sandbox(state: &AppState, uri: &Uri) -> Result<Arc<Sandbox>, ControlError> {
    let stream = ROUTES.iter().find(|route| route.path == STREAM);
    let query = uri.query().unwrap_or_default();
    let query = stream
        .map(|route| read(route, query))
        .transpose()?
        .unwrap_or_default();
    Ok(sandboxes(state)?.named(query.value("sandbox"))?)
}

pub(super) fn sandboxes(state: &AppState) -> Result<&Sandboxes, ControlError> {
    state.sandboxes().map_err(|not_ready| {
        let hint = "wait until /readyz answers 200";
        ControlError::new(503, "NotReady", not_ready.to_string(), hint)
    })
}
