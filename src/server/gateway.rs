//! The vendor's gateway: one path, one request, one answer in the vendor's form.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use futures_util::FutureExt as _;
use tokio::time::timeout;

use crate::actions::list_custom_images::{
    self, Emptiness, ListCustomImagesRequest, ListCustomImagesResponse,
};
use crate::base::limits::{BODY_BYTES_MAX, REQUEST_TIME_MAX};
use crate::faults::{Effect, FaultError, MagicKey, Subject};
use crate::sandbox::{NameError, Sandbox};
use crate::server::body::{self, BodyError};
use crate::server::connection::ConnectionHandle;
use crate::server::fault;
use crate::server::record::Record;
use crate::server::respond::respond;
use crate::server::state::{AppState, Magic};
use crate::store::StoreError;
use crate::wire::{ApiError, CommonParams, ErrorCode, Params, ParamsError};

/// The one path of the vendor's API.
pub(super) const PATH: &str = "/";

/// Why a request gets no 200.
#[derive(Debug)]
pub(super) enum Failure {
    /// The request is refused; the client learns why.
    Refused(ApiError),
    /// Something failed inside; the cause is for the log alone.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// A handler panicked, with these words; the panic hook has told where.
    Panicked(String),
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

/// Tells whether a request is one that the API may answer, by its path and its method.
pub(super) fn takes<B>(request: &Request<B>) -> bool {
    request.uri().path() == PATH && [Method::GET, Method::POST].contains(request.method())
}

/// Refuses any other request.
pub(super) async fn refuse(State(state): State<Arc<AppState>>, request: Request) -> Response {
    answer(&state, request, None).await
}

/// Answers a request in the vendor's form, whatever becomes of it.
///
/// A fault can only strike on the connection.
pub(super) async fn answer<B>(
    state: &AppState,
    request: Request<B>,
    connection: Option<&ConnectionHandle>,
) -> Response
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let (parts, body) = request.into_parts();
    let mut record = Record::of(&parts);
    let processing = AssertUnwindSafe(process(state, &mut record, &parts, body)).catch_unwind();
    let outcome = match timeout(REQUEST_TIME_MAX, processing).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(Failure::Panicked(words(&*panic))),
        Err(_elapsed) => {
            let reason = format!("no answer within {} s", REQUEST_TIME_MAX.as_secs());
            Err(ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, reason).into())
        }
    };
    let response = respond(state, &mut record, outcome);
    let Some(strike) = record.strike else {
        return response;
    };
    // Recorded already: a client that does not wait for the answer has been there all the same.
    fault::wait(
        Duration::from_millis(strike.delay_ms),
        state.shutdown.clone(),
    )
    .await;
    match &strike.effect {
        Some(effect) => fault::apply(effect, response, connection, state.shutdown.clone()).await,
        None => response,
    }
}

/// The words of a panic, if it has any.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}

/// Checks a request in the contract's order and runs its action; gives the answer's body.
async fn process<B>(
    state: &AppState,
    record: &mut Record<'_>,
    parts: &Parts,
    body: B,
) -> Result<String, Failure>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
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
    record.note_params(read_params(parts, &body)?);
    let params = Arc::clone(&record.params);
    let sandbox = find_sandbox(state, record)?;
    if let Some(Effect::Error(error)) = record.effect() {
        return Err(Failure::Refused(injected(error, record)));
    }
    let common = CommonParams::parse(&params, &record.headers.head())?;
    record.format = Some(common.format);
    run(&*sandbox?, record, &params)
}

/// Finds the request's sandbox and the fault that strikes the request there.
///
/// A key that names no sandbox is refused later, in the contract's order: so it is a result inside.
fn find_sandbox(
    state: &AppState,
    record: &mut Record<'_>,
) -> Result<Result<Arc<Sandbox>, Failure>, ApiError> {
    let sandboxes = state.sandboxes().map_err(|not_ready| {
        ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, not_ready.to_string())
    })?;
    let access_key_id = record.access_key_id.as_deref();
    let magic = match access_key_id
        .filter(|_| state.magic == Magic::On)
        .map(MagicKey::parse)
    {
        None => None,
        Some(Ok(magic)) => magic,
        Some(Err(error)) => {
            return Ok(Err(
                ApiError::invalid("AccessKeyId", error.to_string()).into()
            ));
        }
    };
    let name = magic
        .as_ref()
        .map(|magic| magic.name.as_str())
        .or(access_key_id);
    let sandbox = match sandboxes.of_request(name) {
        Ok(sandbox) => sandbox,
        Err(error) => return Ok(Err(error.into())),
    };
    record.request_id = Some(sandbox.random().uuid());
    let action = record.action.as_deref();
    let subject = Subject {
        action,
        access_key_id,
        params: &record.params,
    };
    record.strike = sandbox.faults().strike(&subject, magic.as_ref());
    record.sandbox = Some(Arc::clone(&sandbox));
    Ok(Ok(sandbox))
}

/// The error that a fault answers, with the fault as its reason.
fn injected(error: &FaultError, record: &Record<'_>) -> ApiError {
    let by = record
        .strike
        .as_ref()
        .map(|strike| strike.by.as_str())
        .unwrap_or_default();
    ApiError {
        status: error.status,
        code: error.code.clone().into(),
        message: error.message.clone().into(),
        reason: Some(format!("the fault `{by}` answers this")),
        parameter: None,
        retry_after_ms: error.retry_after_ms,
    }
}

/// Runs the one action that is emulated.
fn run(sandbox: &Sandbox, record: &mut Record<'_>, params: &Params) -> Result<String, Failure> {
    let internal = |error: StoreError| Failure::Internal(error.into());
    record
        .warnings
        .extend(list_custom_images::unknown_parameters(params));
    let request = ListCustomImagesRequest::parse(params, sandbox.regions())?;
    record
        .warnings
        .extend(list_custom_images::use_client_token(sandbox, &request));
    let change = match record.effect() {
        Some(Effect::Paging(change)) => Some(*change),
        _ => None,
    };
    record.laps.durations.parse_us = record.laps.lap_us();
    let response = list_custom_images::answer(sandbox, &request, change).map_err(internal)?;
    let emptiness =
        list_custom_images::emptiness(sandbox, &request, &response).map_err(internal)?;
    record.laps.durations.store_us = record.laps.lap_us();
    let json = response.json(record.request_id());
    let body = record
        .format()
        .render(ListCustomImagesResponse::XML_ROOT, json)
        .map_err(|error| Failure::Internal(error.into()))?;
    record.laps.durations.render_us = record.laps.lap_us();
    record.total_count = Some(response.listing.total_count);
    record.image_ids = Arc::clone(&response.listing.image_ids);
    record.explain = emptiness.map(|emptiness| explained(emptiness, sandbox, record.request_id()));
    Ok(body)
}

/// The text of `x-emulator-explain`, and its log line.
fn explained(emptiness: Emptiness, sandbox: &Sandbox, request_id: &str) -> String {
    match emptiness {
        Emptiness::NothingMatches(explain) => {
            tracing::warn!(request_id, ?explain, "nothing matches");
            explain
        }
        Emptiness::NotExplained => {
            tracing::warn!(request_id, "nothing matches");
            let name = sandbox.name();
            let address = if sandbox.journal().is_on() {
                format!("/_emulator/requests/{request_id}/explain?sandbox={name}")
            } else {
                format!("/_emulator/explain?sandbox={name}&, and the very same query,")
            };
            format!("{address} tells why nothing matches")
        }
        Emptiness::PastTheEnd(explain) => {
            tracing::debug!(request_id, ?explain, "the page is past the end");
            explain
        }
    }
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
