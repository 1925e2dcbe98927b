//! The sandboxes, and the one that the query string of a stream names.

use std::sync::Arc;

use axum::http::Uri;

use crate::control::{ControlError, Handler, ROUTES};
use crate::sandbox::{Sandbox, Sandboxes};
use crate::server::state::AppState;

/// The sandbox that the query string of a stream names.
pub(super) fn sandbox(state: &AppState, uri: &Uri) -> Result<Arc<Sandbox>, ControlError> {
    let mut routes = ROUTES.iter();
    let stream = routes.find(|route| matches!(route.handler, Handler::Stream));
    let query = uri.query().unwrap_or_default();
    let query = stream
        .map(|route| route.read_query(query))
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
