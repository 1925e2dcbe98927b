//! The control API over HTTP: guard, body, query, handler, reply.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, on};
use axum::{Router, http::header::HOST};

use crate::base::nearest;
use crate::control::{Call, ControlError, Handler, Method, ROUTES, Reply, Route, Wanted};
use crate::sandbox::{Sandbox, Sandboxes};
use crate::server::body::{self, BodyError};
use crate::server::guard;
use crate::server::state::AppState;
use crate::server::stream;

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
        let refused = guarded(&state, request.headers()).and_then(|()| {
            let message = format!("{path} does not take {method}");
            let hint = format!("it takes {allow}");
            Err(ControlError::new(405, "MethodNotAllowed", message, hint))
        });
        let mut response = respond(refused);
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
            Handler::Stream => {
                methods = methods.get(stream::requests);
                continue;
            }
        };
        methods = methods.merge(on(
            filter(route.method),
            move |state: State<Arc<AppState>>,
                  path: Result<Option<Path<String>>, PathRejection>,
                  request: Request| async move {
                let wanted = wanted(request.headers());
                respond_in(wanted, handle(route, call, state.0, path, request).await)
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
    respond(guarded(&state, request.headers()).and_then(|()| {
        let message = format!("there is no {path}");
        let hint = match nearest(&path, ROUTES.iter().map(|route| route.path)) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "GET /_emulator/openapi.json tells what there is".to_owned(),
        };
        Err(ControlError::new(404, "NotFound", message, hint))
    }))
}

/// Refuses everything when the control API is off, and what a page of another origin sends.
pub(super) fn guarded(state: &AppState, headers: &HeaderMap) -> Result<(), ControlError> {
    if !state.control.is_on {
        let hint = "start the emulator without `--no-control`";
        return Err(ControlError::new(
            404,
            "ControlOff",
            "the control API is switched off",
            hint,
        ));
    }
    guard::check(headers, &state.control.allow_hosts)
}

async fn handle(
    route: &'static Route,
    call: fn(&Call<'_>) -> Result<Reply, ControlError>,
    state: Arc<AppState>,
    path: Result<Option<Path<String>>, PathRejection>,
    request: Request,
) -> Result<Reply, ControlError> {
    let (parts, body) = request.into_parts();
    guarded(&state, &parts.headers)?;
    let body = read_body(route, body, state.control.body_bytes_max).await?;
    let path = path.map_err(|error| {
        ControlError::bad_request(
            error.body_text(),
            "percent-encode the name in the path as UTF-8",
        )
    })?;
    let sandboxes = sandboxes(&state)?;
    let host = parts
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let request = Call {
        sandboxes,
        fixtures: &state.fixtures,
        uptime_s: state.uptime.elapsed().as_secs_f64(),
        query: route.read_query(parts.uri.query().unwrap_or_default())?,
        path: path.map(|Path(path)| path).unwrap_or_default(),
        body,
        host: host.to_owned(),
        wanted: wanted(&parts.headers),
    };
    // A change of many images takes long; other connections are served meanwhile.
    tokio::task::block_in_place(|| call(&request))
}

async fn read_body(route: &Route, body: Body, n_bytes_max: usize) -> Result<Vec<u8>, ControlError> {
    let body = body::read(body, n_bytes_max)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge { .. } => {
                let hint =
                    "send it in parts, or start the emulator with `--control-body-max BYTES`";
                ControlError::new(413, "BodyTooLarge", error.to_string(), hint)
            }
            BodyError::Broken(_) => ControlError::bad_request(error.to_string(), "send it again"),
        })?;
    route.check_body(body)
}

pub(super) fn respond(result: Result<Reply, ControlError>) -> Response {
    respond_in(Wanted::Json, result)
}

/// Makes the answer; an error in the form that the caller wants.
fn respond_in(wanted: Wanted, result: Result<Reply, ControlError>) -> Response {
    let (status, body, form) = match result {
        Ok(reply) => (reply.status, reply.body, reply.form),
        Err(error) => {
            if let Some(cause) = &error.cause {
                tracing::error!(?cause, "a control request failed inside");
            }
            let body = if wanted == Wanted::Text {
                error.text()
            } else {
                error.body()
            };
            (error.status, body, wanted)
        }
    };
    let content_type = match form {
        Wanted::Json => "application/json",
        Wanted::Text => "text/plain;charset=utf-8",
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Reads from `Accept` whether a person wants to read the answer.
fn wanted(headers: &HeaderMap) -> Wanted {
    let accept = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    let is_text = accept.to_ascii_lowercase().starts_with("text/plain");
    if is_text { Wanted::Text } else { Wanted::Json }
}

/// The sandbox that the query string of a stream names.
pub(super) fn read_sandbox(state: &AppState, uri: &Uri) -> Result<Arc<Sandbox>, ControlError> {
    let mut routes = ROUTES.iter();
    let stream = routes.find(|route| matches!(route.handler, Handler::Stream));
    let query = uri.query().unwrap_or_default();
    let query = stream
        .map(|route| route.read_query(query))
        .transpose()?
        .unwrap_or_default();
    Ok(sandboxes(state)?.named(query.value("sandbox"))?)
}

fn sandboxes(state: &AppState) -> Result<&Sandboxes, ControlError> {
    state.sandboxes().map_err(|not_ready| {
        let hint = "wait until /readyz answers 200";
        ControlError::new(503, "NotReady", not_ready.to_string(), hint)
    })
}
