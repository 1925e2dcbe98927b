//! The control API over HTTP: guard, body, query, handler, reply.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{ALLOW, HOST};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, on};
use tokio::sync::OwnedSemaphorePermit;

use crate::actions::Gate;
use crate::base::nearest;
use crate::control::{self, Call, ControlError, Function, Handler, Method, ROUTES, Reply, Route};
use crate::server::body::{self, BodyError, HeldBody};
use crate::server::budget::Share;
use crate::server::state::AppState;
use crate::server::{guard, reply, stream};

/// The routes of the control API, and an answer to every other path below it.
pub(super) fn routes() -> Router<Arc<AppState>> {
    let mut paths: Vec<&'static str> = ROUTES.iter().map(|route| route.path).collect();
    paths.dedup();
    let mut router = Router::new()
        .route("/_emulator", any(not_found))
        .route("/_emulator/", any(not_found))
        .route("/_emulator/{*rest}", any(not_found));
    for path in paths {
        router = router.route(path, methods(path));
    }
    router
}

/// The methods of a path, and an answer to every other one.
fn methods(path: &'static str) -> MethodRouter<Arc<AppState>> {
    let routes = || ROUTES.iter().filter(move |route| route.path == path);
    let allow: Vec<&str> = routes().map(|route| route.method.as_str()).collect();
    let allow = allow.join(", ");
    let refuse = move |State(state): State<Arc<AppState>>, request: Request| async move {
        let method = request.method().clone();
        let refused = guard::guarded(&state, request.headers()).and_then(|()| {
            let message = format!("{path} does not take {method}");
            let hint = format!("it takes {allow}");
            Err(ControlError::new(405, "MethodNotAllowed", message, hint))
        });
        let mut response = reply::respond(refused);
        if let Ok(allow) = HeaderValue::try_from(allow)
            && response.status() == StatusCode::METHOD_NOT_ALLOWED
        {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    };
    let mut methods = MethodRouter::new();
    for route in routes() {
        let call = match route.handler {
            Handler::Call(call) => call,
            Handler::OpenApi => control::openapi,
            Handler::Stream => {
                methods = methods.get(
                    move |State(state): State<Arc<AppState>>, request: Request| async move {
                        stream::requests(route, &state, &request)
                    },
                );
                continue;
            }
        };
        methods = methods.merge(on(
            filter(route.method),
            move |state: State<Arc<AppState>>,
                  path: Result<Option<Path<String>>, PathRejection>,
                  request: Request| async move {
                let wanted = reply::wanted(request.headers());
                match handle(route, call, state.0, path, request).await {
                    Ok((reply, place)) => reply::respond_from(wanted, Ok(reply), place),
                    Err(error) => reply::respond_in(wanted, Err(error)),
                }
            },
        ));
    }
    methods.fallback(refuse)
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn not_found(State(state): State<Arc<AppState>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    reply::respond(guard::guarded(&state, request.headers()).and_then(|()| {
        let message = format!("there is no {path}");
        let hint = match nearest(&path, ROUTES.iter().map(|route| route.path)) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "GET /_emulator/openapi.json lists what there is".to_owned(),
        };
        Err(ControlError::new(404, "NotFound", message, hint))
    }))
}

async fn handle(
    route: &'static Route,
    call: Function,
    state: Arc<AppState>,
    path: Result<Option<Path<String>>, PathRejection>,
    request: Request,
) -> Result<(Reply, Option<OwnedSemaphorePermit>), ControlError> {
    let (parts, body) = request.into_parts();
    guard::guarded(&state, &parts.headers)?;
    let (body, _share) = read_body(route, body, &state).await?;
    let path = path.map_err(|error| {
        let hint = "percent-encode the name in the path as UTF-8";
        ControlError::bad_request(error.body_text(), hint)
    })?;
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let request = Call {
        gate: Gate {
            first_use: route.method.first_use(),
            ..state.gate()?
        },
        fixtures: &state.fixtures,
        uptime_s: state.uptime.elapsed().as_secs_f64(),
        n_log_lines_lost: state.n_log_lines_lost.load(Ordering::Relaxed),
        query: route.read_query(parts.uri.query().unwrap_or_default())?,
        path: path.map(|Path(path)| path).unwrap_or_default(),
        body,
        host: host.unwrap_or_default().to_owned(),
        wanted: reply::wanted(&parts.headers),
    };
    let place = state.elsewhere().await;
    // A change of many images takes long; other connections are served meanwhile.
    let reply = tokio::task::block_in_place(|| call(&request))?;
    Ok((reply, place))
}

/// Reads and checks the body; its share of the memory for bodies is kept until it is answered.
async fn read_body(
    route: &Route,
    body: Body,
    state: &AppState,
) -> Result<(Vec<u8>, Share), ControlError> {
    const TOO_LARGE: &str =
        "send it in parts, or start the emulator with `--control-body-max BYTES`";
    let read = body::read(body, state.control.body_bytes_max, &state.bodies).await;
    let HeldBody { bytes, share } = read.map_err(|error| {
        let message = error.to_string();
        match error {
            BodyError::TooLarge { .. } => {
                ControlError::new(413, "BodyTooLarge", message, TOO_LARGE)
            }
            BodyError::TooMany { .. } => {
                let hint = "send it again when other requests have been answered";
                ControlError::new(503, "TooManyBodies", message, hint)
            }
            BodyError::Stalled => {
                let hint = "send it again, without pauses";
                ControlError::new(408, "BodyTimeout", message, hint)
            }
            BodyError::Broken(_) => ControlError::bad_request(message, "send it again"),
        }
    })?;
    Ok((route.check_body(bytes)?, share))
}
