//! What a request brought: it lives until the request is answered.

use std::borrow::Cow;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method};
use tokio::time::timeout;

use crate::base::limits::{BODY_BYTES_MAX, REQUEST_TIME_MAX};
use crate::journal::Laps;
use crate::server::body::{self, BodyError};
use crate::wire::{
    ApiError, ErrorCode, Format, Params, ParamsError, RequestHead, access_key_id, action_sent,
};

/// The one path of the vendor's API.
pub(super) const PATH: &str = "/";

const X_ACS_ACTION: HeaderName = HeaderName::from_static("x-acs-action");
const X_ACS_VERSION: HeaderName = HeaderName::from_static("x-acs-version");
const X_ACS_ACCESSKEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");

/// A request of the vendor's API, read whole.
#[derive(Debug)]
pub(super) struct Arrival<'p> {
    pub(super) parts: &'p Parts,
    pub(super) head: RequestHead<'p>,
    pub(super) user_agent: Option<&'p str>,
    /// The host by which the client came.
    pub(super) host: &'p str,
    /// The parameters of query and form; none when the request is refused already.
    pub(super) params: Params,
    /// The format of the answer.
    pub(super) format: Format,
    /// Where the request's time goes.
    pub(super) laps: Laps,
    /// Why the request is refused before its parameters are looked at.
    pub(super) refused: Option<ApiError>,
}

impl<'p> Arrival<'p> {
    /// Reads a request to its end, for at most 30 seconds.
    pub(super) async fn read<B>(parts: &'p Parts, body: B) -> Self
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
    {
        let laps = Laps::start();
        // Read before anything is refused, so that a client that still sends sees the refusal.
        let body = timeout(REQUEST_TIME_MAX, body::read(body, BODY_BYTES_MAX)).await;
        let params = match body {
            Ok(body) => params(parts, body),
            Err(_elapsed) => {
                let reason = format!("no answer within {} s", REQUEST_TIME_MAX.as_secs());
                Err(ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, reason))
            }
        };
        Self::of(parts, params, laps)
    }

    fn of(parts: &'p Parts, params: Result<Params, ApiError>, laps: Laps) -> Self {
        let first = |name| texts(&parts.headers, name).next();
        let head = RequestHead {
            action: first(X_ACS_ACTION),
            version: first(X_ACS_VERSION),
            accept: joined(texts(&parts.headers, ACCEPT)),
            authorization: first(AUTHORIZATION),
            access_key_id: first(X_ACS_ACCESSKEY_ID),
        };
        let (params, format, refused) = match params {
            Ok(params) => {
                let format = format(&params, &head);
                (params, format, None)
            }
            Err(refused) => {
                // The query may still say which format the refusal has.
                let query = parts.uri.query().unwrap_or_default();
                let query = Params::parse(query.as_bytes(), b"").unwrap_or_default();
                (Params::default(), format(&query, &head), Some(refused))
            }
        };
        Self {
            parts,
            user_agent: first(USER_AGENT),
            // A request line with a whole address names the host there.
            host: first(HOST)
                .or_else(|| parts.uri.authority().map(Authority::as_str))
                .unwrap_or_default(),
            head,
            params,
            format,
            laps,
            refused,
        }
    }

    /// The action's name as sent.
    pub(super) fn action(&self) -> Option<&str> {
        action_sent(&self.params, &self.head)
    }

    /// The API's version as sent.
    pub(super) fn version(&self) -> Option<&str> {
        self.params.value("Version").or(self.head.version)
    }

    /// The AccessKeyId as sent.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        access_key_id(&self.params, &self.head)
    }
}

/// The format of the answer; of a request for none that there is, the one that it accepts.
fn format(params: &Params, head: &RequestHead<'_>) -> Format {
    Format::negotiate(params.value("Format"), &head.accept)
        .unwrap_or_else(|_| Format::accepted(&head.accept))
}

/// The values of a header that are plain text, in order.
fn texts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values.filter_map(|value| value.to_str().ok())
}

/// Joins texts with commas; most often there is one.
fn joined<'p>(mut texts: impl Iterator<Item = &'p str>) -> Cow<'p, str> {
    let mut all = Cow::Borrowed(texts.next().unwrap_or_default());
    for text in texts {
        all += ",";
        all += text;
    }
    all
}

/// Checks path, method, body and content type, in this order, and decodes the parameters.
fn params(parts: &Parts, body: Result<Vec<u8>, BodyError>) -> Result<Params, ApiError> {
    check_target(parts)?;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge { .. } => {
            ApiError::new(ErrorCode::REQUEST_TOO_LARGE, error.to_string())
        }
        BodyError::Broken(_) => ApiError::new(ErrorCode::INVALID_ENCODING, error.to_string()),
    })?;
    check_content_type(&parts.headers, &body)?;
    let query = parts.uri.query().unwrap_or_default();
    Params::parse(query.as_bytes(), &body).map_err(|error| {
        let code = match error {
            ParamsError::TooMany { .. } => ErrorCode::TOO_MANY_PARAMETERS,
            ParamsError::BrokenPercentEncoding { .. } | ParamsError::NotUtf8 { .. } => {
                ErrorCode::INVALID_ENCODING
            }
        };
        ApiError::new(code, error.to_string())
    })
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
