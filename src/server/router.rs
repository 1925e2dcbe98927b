//! Every path of the server.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use tower_service::Service as _;

use crate::VERSION;
use crate::server::connection::ConnectionHandle;
use crate::server::state::AppState;
use crate::server::{control, gateway, health};

const EMULATOR_VERSION: HeaderName = HeaderName::from_static("x-emulator-version");

/// The vendor's API on `/`, and beside it our own paths.
#[derive(Debug, Clone)]
pub struct Router {
    state: Arc<AppState>,
    paths: axum::Router,
}

/// Makes the router of an emulator.
///
/// What no route takes goes to the vendor's gateway, which refuses it in the vendor's form.
pub fn router(state: Arc<AppState>) -> Router {
    let paths = axum::Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(control::routes())
        .fallback(gateway::refuse)
        .with_state(Arc::clone(&state));
    Router { state, paths }
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
        let answering = async {
            if gateway::takes(&request) {
                gateway::answer(&self.state, request, Some(&connection)).await
            } else {
                request.extensions_mut().insert(connection);
                let Ok(response) = self.paths.call(request.map(Body::new)).await;
                response
            }
        };
        // The vendor's gateway answers its own panics, in the vendor's form.
        let answered = AssertUnwindSafe(answering).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|panic| {
            tracing::error!(words = ?gateway::words(&*panic), "a handler panicked");
            (StatusCode::INTERNAL_SERVER_ERROR, "Service panicked").into_response()
        });
        response
            .headers_mut()
            .insert(EMULATOR_VERSION, HeaderValue::from_static(VERSION));
        response
    }
}
