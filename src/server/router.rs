//! The front door: every request comes in here, and every answer leaves here.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue, Request};
use axum::response::Response;
use axum::routing::get;
use futures_util::FutureExt as _;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_service::Service as _;

use crate::VERSION;
use crate::base::Stopwatch;
use crate::control::ControlError;
use crate::server::connection::ConnectionHandle;
use crate::server::process::panic_message;
use crate::server::state::AppState;
use crate::server::{control, gateway, health, reply};

const EMULATOR_VERSION: HeaderName = HeaderName::from_static("x-emulator-version");

/// The vendor's API on `/`, and beside it our own paths.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    state: Arc<AppState>,
    paths: axum::Router,
}

/// Makes the router of an emulator.
///
/// A path without a route goes to the vendor's gateway, which refuses it in the vendor's form.
pub(crate) fn router(state: Arc<AppState>) -> Router {
    let paths = axum::Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(control::routes())
        // What they say changes with every call, so no browser and no proxy may keep it.
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .fallback(gateway::refuse)
        .with_state(Arc::clone(&state));
    Router { state, paths }
}

impl Router {
    /// Answers a request of a connection.
    ///
    /// Every answer names the emulator's version, and a panic becomes an answer. The gateway catches
    /// the panic of an action itself: only it knows the format of the answer and its ID.
    pub(super) async fn front_door<B>(
        self,
        request: Request<B>,
        connection: ConnectionHandle,
    ) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let answer = AssertUnwindSafe(self.answer(request, connection));
        let mut response = answer.catch_unwind().await.unwrap_or_else(|panic| {
            let cause = format!("panicked: {}", panic_message(&*panic));
            reply::respond(Err(ControlError::internal(cause)))
        });
        let version = HeaderValue::from_static(VERSION);
        response.headers_mut().insert(EMULATOR_VERSION, version);
        response
    }

    /// Requests for the vendor's API skip the router of our own paths.
    async fn answer<B>(self, request: Request<B>, connection: ConnectionHandle) -> Response
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        if gateway::takes(&request) {
            return gateway::answer(&self.state, request, Some(&connection)).await;
        }
        own(self.paths, connection, request.map(Body::new)).await
    }
}

/// Answers on one of our own paths.
async fn own(
    mut paths: axum::Router,
    connection: ConnectionHandle,
    mut request: Request<Body>,
) -> Response {
    let time = Stopwatch::start();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(connection);
    let Ok(response) = paths.call(request).await;
    tracing::debug!(
        %method,
        ?path,
        status = response.status().as_u16(),
        duration_us = u64::try_from(time.elapsed().as_micros()).unwrap_or(u64::MAX),
        "a path of our own was asked"
    );
    response
}
