//! The control API's routes: each path, method, query parameter and body, once.

use axum::http::Method;

use crate::control::{self, Call, ControlError, Reply};

/// A route of the control API.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, `{…}` standing for one segment.
    pub path: &'static str,
    /// The query parameters that it takes.
    pub query: &'static [&'static str],
    /// Whether it takes a body.
    pub body: RouteBody,
    pub(super) handler: fn(&Call<'_>) -> Result<Reply, ControlError>,
}

/// Whether a route takes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteBody {
    /// None; an empty JSON object is let pass.
    None,
    /// JSON.
    Json,
    /// JSON, or none.
    OptionalJson,
}

/// Everything under `/_emulator/`.
pub static ROUTES: [Route; 37] = [
    get("/_emulator/health", &["sandbox"], control::health),
    get("/_emulator/openapi.json", &[], control::openapi),
    get("/_emulator/sandboxes", &[], control::list_sandboxes),
    route(
        Method::POST,
        "/_emulator/sandboxes",
        &[],
        RouteBody::OptionalJson,
        control::create_sandbox,
    ),
    delete("/_emulator/sandboxes/{id}", &[], control::end_sandbox),
    get(
        "/_emulator/images",
        &["sandbox", "pageNumber", "pageSize"],
        control::list_images,
    ),
    route(
        Method::PUT,
        "/_emulator/images",
        SANDBOX,
        RouteBody::Json,
        control::put_images,
    ),
    delete("/_emulator/images", SANDBOX, control::delete_images),
    get("/_emulator/images/{ImageId}", SANDBOX, control::read_image),
    route(
        Method::PUT,
        "/_emulator/images/{ImageId}",
        SANDBOX,
        RouteBody::Json,
        control::put_image,
    ),
    route(
        Method::PATCH,
        "/_emulator/images/{ImageId}",
        SANDBOX,
        RouteBody::Json,
        control::patch_image,
    ),
    delete(
        "/_emulator/images/{ImageId}",
        SANDBOX,
        control::delete_image,
    ),
    route(
        Method::POST,
        "/_emulator/reset",
        &["sandbox", "to"],
        RouteBody::None,
        control::reset,
    ),
    get("/_emulator/checkpoints", SANDBOX, control::list_checkpoints),
    route(
        Method::POST,
        "/_emulator/checkpoints/{name}",
        SANDBOX,
        RouteBody::None,
        control::take_checkpoint,
    ),
    get(
        "/_emulator/checkpoints/{name}",
        SANDBOX,
        control::read_checkpoint,
    ),
    delete(
        "/_emulator/checkpoints/{name}",
        SANDBOX,
        control::delete_checkpoint,
    ),
    get("/_emulator/export", SANDBOX, control::export),
    get("/_emulator/clock", SANDBOX, control::read_clock),
    route(
        Method::PUT,
        "/_emulator/clock",
        SANDBOX,
        RouteBody::Json,
        control::change_clock,
    ),
    delete("/_emulator/clock", SANDBOX, control::reset_clock),
    route(
        Method::POST,
        "/_emulator/generate",
        SANDBOX,
        RouteBody::Json,
        control::generate,
    ),
    route(
        Method::PUT,
        "/_emulator/faults",
        SANDBOX,
        RouteBody::Json,
        control::replace_faults,
    ),
    route(
        Method::POST,
        "/_emulator/faults",
        SANDBOX,
        RouteBody::Json,
        control::add_fault,
    ),
    get("/_emulator/faults", SANDBOX, control::list_faults),
    delete("/_emulator/faults", SANDBOX, control::delete_faults),
    delete("/_emulator/faults/{id}", SANDBOX, control::delete_fault),
    get("/_emulator/requests", REQUESTS, control::list_requests),
    delete("/_emulator/requests", SANDBOX, control::delete_requests),
    route(
        Method::POST,
        "/_emulator/requests/count",
        SANDBOX,
        RouteBody::OptionalJson,
        control::count_requests,
    ),
    get(
        "/_emulator/requests/{requestId}",
        SANDBOX,
        control::read_request,
    ),
    get(
        "/_emulator/requests/{requestId}/explain",
        SANDBOX,
        control::explain_request,
    ),
    route(
        Method::POST,
        "/_emulator/verify",
        SANDBOX,
        RouteBody::Json,
        control::verify,
    ),
    get("/_emulator/parameters", SANDBOX, control::list_parameters),
    get("/_emulator/retries", SANDBOX, control::list_retries),
    get("/_emulator/explain", ANY, control::explain_query),
    get(STREAM, SANDBOX, control::list_requests),
];

/// The route whose answer does not end: requests as they come. `stream` answers it.
pub(super) const STREAM: &str = "/_emulator/requests/stream";

/// The query parameters of the journal.
const REQUESTS: &[&str] = &[
    "sandbox",
    "action",
    "status",
    "code",
    "parameter",
    "since",
    "pageNumber",
    "pageSize",
];

/// Every query parameter: the query is a request of the vendor's API.
pub(super) const ANY: &[&str] = &["*"];

/// The one query parameter that most routes take.
const SANDBOX: &[&str] = &["sandbox"];

type Handler = fn(&Call<'_>) -> Result<Reply, ControlError>;

const fn route(
    method: Method,
    path: &'static str,
    query: &'static [&'static str],
    body: RouteBody,
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        query,
        body,
        handler,
    }
}

const fn get(path: &'static str, query: &'static [&'static str], handler: Handler) -> Route {
    route(Method::GET, path, query, RouteBody::None, handler)
}

const fn delete(path: &'static str, query: &'static [&'static str], handler: Handler) -> Route {
    route(Method::DELETE, path, query, RouteBody::None, handler)
}
