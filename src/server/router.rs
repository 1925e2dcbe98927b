//! The front door: every request comes in here, and every answer leaves by the same layers.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request};
use axum::response::Response;
use axum::routing::get;
use hyper::body::Incoming;
use tower_http::catch_panic::{CatchPanic, ResponseForPanic};
use tower_http::set_header::SetResponseHeader;
use tower_service::Service;

use crate::VERSION;
use crate::base::Stopwatch;
use crate::control::ControlError;
use crate::server::connection::ConnectionHandle;
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
/// What no route takes goes to the vendor's gateway, which refuses it in the vendor's form.
pub(crate) fn router(state: Arc<AppState>) -> Router {
    let paths = axum::Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(control::routes())
        .fallback(gateway::refuse)
        .with_state(Arc::clone(&state));
    Router { state, paths }
}

/// The door of one connection, and the layers by which every answer leaves.
pub(super) type FrontDoor = SetResponseHeader<CatchPanic<Door, Panicked>, HeaderValue>;

/// Makes the answer to a panic that the gateway has not caught itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send>) -> Response {
        let message = panic.downcast_ref::<&str>().copied().unwrap_or_default();
        reply::respond(Err(ControlError::internal(format!("panicked: {message}"))))
    }
}

impl Router {
    /// The front door of a connection.
    ///
    /// Every answer names the emulator's version, and a panic becomes an answer. A panic of an
    /// action is caught by the gateway, which alone knows whose request it is and in which format
    /// the answer must be.
    pub(super) fn front_door(&self, connection: ConnectionHandle) -> FrontDoor {
        let door = Door {
            router: self.clone(),
            connection,
        };
        SetResponseHeader::overriding(
            CatchPanic::custom(door, Panicked),
            EMULATOR_VERSION,
            HeaderValue::from_static(VERSION),
        )
    }
}

/// Where the requests of one connection come in.
#[derive(Debug, Clone)]
pub(super) struct Door {
    router: Router,
    connection: ConnectionHandle,
}

impl Service<Request<Incoming>> for Door {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let door = self.clone();
        Box::pin(async move { Ok(door.answer(request).await) })
    }
}

impl Door {
    /// What the vendor's gateway can answer does not pay for the paths beside it.
    async fn answer(self, request: Request<Incoming>) -> Response {
        let Router { state, paths } = self.router;
        if gateway::takes(&request) {
            return gateway::answer(&state, request, Some(&self.connection)).await;
        }
        own(paths, self.connection, request).await
    }
}

/// Answers on one of our own paths.
async fn own(
    mut paths: axum::Router,
    connection: ConnectionHandle,
    mut request: Request<Incoming>,
) -> Response {
    let time = Stopwatch::start();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(connection);
    let Ok(response) = paths.call(request.map(Body::new)).await;
    tracing::debug!(
        %method,
        ?path,
        status = response.status().as_u16(),
        duration_us = u64::try_from(time.elapsed().as_micros()).unwrap_or(u64::MAX),
        "a path of our own was asked"
    );
    response
}
