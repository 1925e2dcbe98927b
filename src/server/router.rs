//! Every path of the server.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use axum::routing::get;
use hyper::body::Incoming;
use tower_service::Service as _;

use crate::VERSION;
use crate::server::connection::ConnectionHandle;
use crate::server::layers::EMULATOR_VERSION;
use crate::server::state::AppState;
use crate::server::{control, gateway, health, layers};

/// The vendor's API on `/`, and beside it our own paths.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    state: Arc<AppState>,
    paths: axum::Router,
}

/// Makes the router of an emulator.
///
/// What no route takes goes to the vendor's gateway, which refuses it in the vendor's form.
pub(crate) fn router(state: Arc<AppState>) -> Router {
    let paths = axum::Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(control::routes())
        .fallback(gateway::refuse)
        .with_state(Arc::clone(&state));
    Router {
        state,
        paths: layers::add(paths),
    }
}

impl Router {
    /// Answers a request; every answer names the emulator's version.
    ///
    /// What the vendor's gateway can answer does not pay for the paths beside it.
    pub(super) async fn answer(
        mut self,
        mut request: Request<Incoming>,
        connection: ConnectionHandle,
    ) -> Response {
        if gateway::takes(&request) {
            let mut response = gateway::answer(&self.state, request, Some(&connection)).await;
            let version = HeaderValue::from_static(VERSION);
            response.headers_mut().insert(EMULATOR_VERSION, version);
            return response;
        }
        request.extensions_mut().insert(connection);
        let Ok(response) = self.paths.call(request.map(Body::new)).await;
        response
    }
}
