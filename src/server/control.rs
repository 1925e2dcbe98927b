//! The control API over HTTP: guard, body, query, handler, reply.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{ALLOW, HOST};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, on};

use crate::base::nearest;
use crate::control::{Call, ControlError, Reply};
use crate::server::body::{self, BodyError};
use crate::server::routes::{ROUTES, Route, RouteBody, STREAM};
use crate::server::state::AppState;
use crate::server::{guard, query, reply, stream};

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
        if route.path == STREAM {
            methods = methods.get(stream::requests);
            continue;
        }
        let Ok(filter) = MethodFilter::try_from(route.method.clone()) else {
            continue;
        };
        methods = methods.merge(on(
            filter,
            move |state: State<Arc<AppState>>,
                  path: Result<Option<Path<String>>, PathRejection>,
                  request: Request| async move {
                let wanted = reply::wanted(request.headers());
                reply::respond_in(wanted, handle(route, state.0, path, request).await)
            },
        ));
    }
    methods.fallback(refuse)
}

async fn not_found(State(state): State<Arc<AppState>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    reply::respond(guard::guarded(&state, request.headers()).and_then(|()| {
        let message = format!("there is no {path}");
        let hint = match nearest(&path, ROUTES.iter().map(|route| route.path)) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "GET /_emulator/openapi.json tells what there is".to_owned(),
        };
        Err(ControlError::new(404, "NotFound", message, hint))
    }))
}

async fn handle(
    route: &'static Route,
    state: Arc<AppState>,
    path: Result<Option<Path<String>>, PathRejection>,
    request: Request,
) -> Result<Reply, ControlError> {
    let (parts, body) = request.into_parts();
    guard::guarded(&state, &parts.headers)?;
    let body = read_body(route, body, state.control.body_bytes_max).await?;
    let path = path.map_err(|error| {
        ControlError::bad_request(
            error.body_text(),
            "percent-encode the name in the path as UTF-8",
        )
    })?;
    let sandboxes = query::sandboxes(&state)?;
    let host = parts
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let call = Call {
        sandboxes,
        actions: state.actions,
        magic: state.magic,
        fixtures: &state.fixtures,
        uptime_s: state.uptime.elapsed().as_secs_f64(),
        query: query::read(route, parts.uri.query().unwrap_or_default())?,
        path: path.map(|Path(path)| path).unwrap_or_default(),
        body,
        host: host.to_owned(),
        wanted: reply::wanted(&parts.headers),
    };
    // A change of many images takes long; other connections are served meanwhile.
    tokio::task::block_in_place(|| (route.handler)(&call))
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
    match (route.body, body.trim_ascii()) {
        (RouteBody::None, b"" | b"{}") | (RouteBody::OptionalJson, b"") => Ok(Vec::new()),
        (RouteBody::None, _) => {
            let message = format!("{} {} takes no body", route.method, route.path);
            Err(ControlError::bad_request(message, "send none"))
        }
        (RouteBody::Json, b"") => {
            let message = format!("{} {} needs a body", route.method, route.path);
            Err(ControlError::bad_request(message, "send JSON"))
        }
        (RouteBody::Json | RouteBody::OptionalJson, _) => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_path_stands_together_in_the_table() {
        // `routes` builds one router for each run of equal paths; two runs would clash.
        let mut seen = BTreeSet::new();
        let mut last = "";
        for route in &ROUTES {
            assert!(
                route.path == last || seen.insert(route.path),
                "{} stands apart",
                route.path
            );
            last = route.path;
        }
    }

    #[test]
    fn the_openapi_document_has_just_the_routes_of_the_router() {
        let document: Value =
            serde_json::from_str(include_str!("../control/openapi.json")).unwrap();
        let mut documented = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if method == "parameters" || !path.starts_with("/_emulator") {
                    continue;
                }
                let mut query: Vec<String> = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|parameter| resolve(&document, parameter))
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                    .collect();
                query.sort();
                let has_body = operation.get("requestBody").is_some();
                documented.insert((method.to_uppercase(), path.clone(), query, has_body));
            }
        }
        let routed = ROUTES
            .iter()
            .map(|route| {
                let mut query: Vec<String> =
                    route.query.iter().map(|name| (*name).to_owned()).collect();
                query.sort();
                let has_body = route.body != RouteBody::None;
                (
                    route.method.to_string(),
                    route.path.to_owned(),
                    query,
                    has_body,
                )
            })
            .collect::<BTreeSet<_>>();
        assert_eq!(documented, routed);
    }

    fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => document
                .pointer(reference.strip_prefix('#').unwrap())
                .unwrap(),
            None => value,
        }
    }
}
