//! The vendor's gateway: one path, one request, one answer in the vendor's form.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use futures_util::FutureExt as _;
use tokio::time::timeout;

use crate::actions::list_custom_images::{self, ListCustomImagesRequest, ListCustomImagesResponse};
use crate::limits::{BODY_BYTES_MAX, REQUEST_TIME_MAX};
use crate::sandbox::{NameError, Sandbox};
use crate::server::body::{self, BodyError};
use crate::server::record::Record;
use crate::server::respond::respond;
use crate::server::state::AppState;
use crate::wire::{Action, ApiError, CommonParams, ErrorCode, Params, ParamsError, Warning};

/// The one path of the vendor's API.
pub(super) const PATH: &str = "/";

/// Why a request gets no 200.
#[derive(Debug)]
pub(super) enum Failure {
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

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Store(error) => Self::Internal(error.into()),
            error @ (NameError::Invalid(_)
            | NameError::NotIsolated { .. }
            | NameError::Taken { .. }) => {
                Self::Refused(ApiError::invalid("AccessKeyId", error.to_string()))
            }
        }
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
    respond(&state, &mut record, outcome)
}

/// Checks a request in the contract's order and runs its action; gives the answer's body.
async fn process(
    state: &AppState,
    record: &mut Record,
    parts: &Parts,
    body: Body,
) -> Result<String, Failure> {
    // Read before anything is refused, so that a client that still sends sees the refusal.
    let body = body::read(body, BODY_BYTES_MAX).await;
    check_target(parts)?;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge { .. } => {
            ApiError::new(ErrorCode::REQUEST_TOO_LARGE, error.to_string())
        }
        BodyError::Broken(_) => ApiError::new(ErrorCode::INVALID_ENCODING, error.to_string()),
    })?;
    check_content_type(&parts.headers, &body)?;
    let params = read_params(parts, &body)?;
    record.note_params(&params);
    let sandboxes = state.sandboxes().map_err(|not_ready| {
        ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, not_ready.to_string())
    })?;
    let access_key_id = CommonParams::access_key_id(&params, &record.headers.head());
    // Found before the action is checked, so that a refusal belongs to its sandbox too.
    let sandbox = sandboxes.of_request(access_key_id);
    if let Ok(sandbox) = &sandbox {
        record.request_id = Some(sandbox.random().uuid());
    }
    let common = CommonParams::parse(&params, &record.headers.head())?;
    record.format = common.format;
    run(&*sandbox?, record, &params)
}

/// Runs the one action that is emulated.
fn run(sandbox: &Sandbox, record: &mut Record, params: &Params) -> Result<String, Failure> {
    record
        .warnings
        .extend(list_custom_images::unknown_parameters(params));
    let request = ListCustomImagesRequest::parse(params, sandbox.regions())?;
    record
        .warnings
        .extend(list_custom_images::use_client_token(sandbox, &request));
    let response = list_custom_images::answer(sandbox, &request)
        .map_err(|error| Failure::Internal(error.into()))?;
    record.total_count = Some(response.listing.total_count);
    record.n_images = Some(response.listing.images.len());
    let json = response.json(record.request_id());
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
            ParamsError::TooMany { .. } => ErrorCode::TOO_MANY_PARAMETERS,
            ParamsError::BrokenPercentEncoding { .. } | ParamsError::NotUtf8 { .. } => {
                ErrorCode::INVALID_ENCODING
            }
        };
        ApiError::new(code, error.to_string())
    })
}

impl Record {
    /// Notes what the parameters say, whether or not they are accepted.
    fn note_params(&mut self, params: &Params) {
        self.settle_format(params);
        self.warnings = params
            .repeated()
            .into_iter()
            .map(|name| Warning::RepeatedParameter {
                name: name.to_owned(),
            })
            .collect();
        self.action = params
            .value("Action")
            .or(self.headers.head().action)
            .and_then(Action::parse);
    }
}
