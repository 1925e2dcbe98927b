//! Every path of the server.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::server::state::AppState;
use crate::server::{control, gateway, health, layers};

/// The vendor's API on `/`, and beside it our own paths.
///
/// What no route takes goes to the vendor's gateway, which refuses it in the vendor's form.
pub fn router(state: Arc<AppState>) -> Router {
    let router = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(control::routes())
        .fallback(gateway::answer)
        .with_state(state);
    layers::add(router)
}
