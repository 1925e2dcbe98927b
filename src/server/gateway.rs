//! The vendor's gateway: one path, one request, one answer in the vendor's form.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures_util::FutureExt as _;
use tokio::time::timeout;

use crate::actions::list_custom_images::{self, ListCustomImagesRequest, ListCustomImagesResponse};
use crate::limits::REQUEST_TIME_MAX;
use crate::server::body::{self, BodyError};
use crate::server::record::Record;
use crate::server::state::AppState;
use crate::wire::{Action, ApiError, CommonParams, ErrorCode, Params, Warning, note};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const REASON: HeaderName = HeaderName::from_static("x-emulator-reason");
const WARNING: HeaderName = HeaderName::from_static("x-emulator-warning");

/// The one path of the vendor's API.
pub(super) const PATH: &str = "/";

/// Why a request gets no 200.
#[derive(Debug)]
enum Failure {
    /// The request is refused; the client learns why.
    Refused(ApiError),
    /// Something failed inside; the cause is for the log alone.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// A handler panicked; the panic hook has told where.
    Panicked,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// Answers a request in the vendor's form, whatever becomes of it.
pub(super) async fn answer(State(state): State<Arc<AppState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut record = Record::of(&parts);
    let processing = AssertUnwindSafe(process(&state, &mut record, &parts, body)).catch_unwind();
    let outcome = match timeout(REQUEST_TIME_MAX, processing).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => Err(Failure::Panicked),
        Err(_elapsed) => {
            let reason = format!("no answer within {} s", REQUEST_TIME_MAX.as_secs());
            Err(ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, reason).into())
        }
    };
    respond(&record, outcome)
}

/// Checks a request in the contract's order and runs its action; gives the answer's body.
async fn process(
    state: &AppState,
    record: &mut Record,
    parts: &Parts,
    body: Body,
) -> Result<String, Failure> {
    // Read before anything is refused, so that a client that still sends sees the refusal.
    let body = body::read(body).await;
    check_target(parts)?;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => ApiError::new(ErrorCode::REQUEST_TOO_LARGE, error.to_string()),
        BodyError::Broken(_) => ApiError::new(ErrorCode::INVALID_ENCODING, error.to_string()),
    })?;
    check_content_type(&parts.headers, &body)?;
    let params = read_params(parts, &body)?;
    record.settle_format(&params);
    record.warnings = params
        .repeated()
        .into_iter()
        .map(|name| Warning::RepeatedParameter {
            name: name.to_owned(),
        })
        .collect();
    let name = params.value("Action").or(record.headers.head().action);
    record.action = name.and_then(Action::parse);
    let common = CommonParams::parse(&params, &record.headers.head())?;
    record.format = common.format;
    run(state, record, &params)
}

/// Runs the one action that is emulated.
fn run(state: &AppState, record: &mut Record, params: &Params) -> Result<String, Failure> {
    record
        .warnings
        .extend(list_custom_images::unknown_parameters(params));
    let request = ListCustomImagesRequest::parse(params, &state.regions)?;
    let sandbox = state.sandbox().map_err(|not_ready| {
        ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, not_ready.to_string())
    })?;
    record
        .warnings
        .extend(list_custom_images::use_client_token(sandbox, &request));
    let response = list_custom_images::answer(sandbox, &request)
        .map_err(|error| Failure::Internal(error.into()))?;
    record.total_count = Some(response.listing.total_count);
    record.n_images = Some(response.listing.images.len());
    let json = response.json(&record.request_id);
    record
        .format
        .render(ListCustomImagesResponse::XML_ROOT, json)
        .map_err(|error| Failure::Internal(error.into()))
}

fn check_target(parts: &Parts) -> Result<(), ApiError> {
    let path = parts.uri.path();
    if path != PATH {
        let reason = format!("the API has one path, `{PATH}`, got `{path}`");
        return Err(ApiError::new(ErrorCode::ACTION_NOT_FOUND, reason));
    }
    if parts.method != Method::GET && parts.method != Method::POST {
        let reason = format!("the API takes GET and POST, got {}", parts.method);
        return Err(ApiError::new(ErrorCode::UNSUPPORTED_HTTP_METHOD, reason));
    }
    Ok(())
}

/// Refuses a body that says it is something else than a form; one that says nothing is read as one.
fn check_content_type(headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    let Some(content_type) = headers.get(CONTENT_TYPE).filter(|_| !body.is_empty()) else {
        return Ok(());
    };
    let media_type = content_type
        .as_bytes()
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default();
    if media_type
        .trim_ascii()
        .eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    {
        return Ok(());
    }
    let reason = format!(
        "a body must be `application/x-www-form-urlencoded`, got `{}`",
        String::from_utf8_lossy(content_type.as_bytes())
    );
    Err(ApiError::new(ErrorCode::UNSUPPORTED_CONTENT_TYPE, reason))
}

fn read_params(parts: &Parts, form: &[u8]) -> Result<Params, ApiError> {
    let query = parts.uri.query().unwrap_or_default();
    Params::parse(query.as_bytes(), form).map_err(|error| {
        let code = match error {
            crate::wire::ParamsError::TooMany { .. } => ErrorCode::TOO_MANY_PARAMETERS,
            crate::wire::ParamsError::BrokenPercentEncoding { .. }
            | crate::wire::ParamsError::NotUtf8 { .. } => ErrorCode::INVALID_ENCODING,
        };
        ApiError::new(code, error.to_string())
    })
}

/// Makes the answer and writes the request's one log line.
fn respond(record: &Record, outcome: Result<String, Failure>) -> Response {
    let request_id = record.request_id.as_str();
    let (error, body) = match outcome {
        Ok(body) => (None, body),
        Err(failure) => {
            let error = told(failure, request_id);
            let body = error.body(record.format, request_id, &record.headers.host);
            (Some(error), body)
        }
    };
    let status = error.as_ref().map_or(200, |error| error.status);
    log(record, status, error.as_ref());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(record.format.content_type()),
    );
    if status == ErrorCode::UNSUPPORTED_HTTP_METHOD.status {
        headers.insert(ALLOW, HeaderValue::from_static("GET, POST"));
    }
    insert(headers, REQUEST_ID, Some(request_id.to_owned()));
    insert(
        headers,
        REASON,
        note(error.iter().filter_map(|error| error.reason.as_ref())),
    );
    insert(headers, WARNING, note(&record.warnings));
    response
}

/// Turns a failure into what the client may know of it; the cause goes to the log here.
fn told(failure: Failure, request_id: &str) -> ApiError {
    match failure {
        Failure::Refused(error) => return error,
        Failure::Internal(error) => tracing::error!(request_id, ?error, "a request failed inside"),
        Failure::Panicked => tracing::error!(request_id, "a request's handler panicked"),
    }
    let reason = format!("it failed inside; the log has the cause under {request_id}");
    ApiError::new(ErrorCode::INTERNAL_ERROR, reason)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(name, value);
    }
}

fn log(record: &Record, status: u16, error: Option<&ApiError>) {
    for warning in &record.warnings {
        tracing::warn!(request_id = record.request_id, warning = ?warning.to_string(), "odd request");
    }
    let duration = record.duration.elapsed();
    tracing::info!(
        action = record.action.map(Action::name),
        status,
        code = error.map(|error| &*error.code),
        reason = error
            .and_then(|error| error.reason.as_ref())
            .map(tracing::field::debug),
        request_id = record.request_id,
        total_count = record.total_count,
        n_images = record.n_images,
        duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
}
