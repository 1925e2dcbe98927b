//! What a request brought: it lives until the request is answered.

use std::borrow::Cow;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method};

use crate::base::limits::BODY_BYTES_MAX;
use crate::journal::Laps;
use crate::server::body::{self, BodyError, HeldBody};
use crate::server::budget::BodyBudget;
use crate::server::guard::is_local;
use crate::wire::{
    ApiError, ErrorCode, Format, Params, ParamsError, RequestHead, access_key_id, action_sent,
    version_sent,
};

/// The one path of the vendor's API.
pub(super) const PATH: &str = "/";

const X_ACS_ACTION: HeaderName = HeaderName::from_static("x-acs-action");
const X_ACS_VERSION: HeaderName = HeaderName::from_static("x-acs-version");
const X_ACS_ACCESSKEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");

/// A request of the vendor's API, read whole: its head with path and raw query, and its raw form.
#[derive(Debug)]
pub(super) struct Arrival<'p> {
    pub(super) parts: &'p Parts,
    /// The body as sent.
    form: Option<HeldBody>,
    pub(super) head: RequestHead<'p>,
    pub(super) user_agent: Option<&'p str>,
    /// The host that the client asked.
    pub(super) host: &'p str,
    /// The parameters of query and form; none when the request is refused already.
    pub(super) params: Params,
    /// The format of the answer.
    pub(super) format: Format,
    /// Why the request is refused before its parameters are looked at.
    pub(super) refused: Option<ApiError>,
    /// Where the request's time goes.
    pub(super) laps: Laps,
}

impl<'p> Arrival<'p> {
    /// Reads a request to its end.
    pub(super) async fn read<B>(parts: &'p Parts, body: B, budget: &BodyBudget) -> Self
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
    {
        let laps = Laps::start();
        // Read before anything is refused, so that a client that still sends sees the refusal.
        let body = body::read(body, BODY_BYTES_MAX, budget).await;
        let mut arrival = Self::of(parts, laps);
        let params = body.map_err(|error| unread(&error)).and_then(|body| {
            arrival.form = Some(body);
            arrival.decode()
        });
        // A wrong path or method is refused before anything that is wrong with the body.
        match check_target(parts).and(params) {
            Ok(params) => arrival.params = params,
            Err(refused) => arrival.refused = Some(refused),
        }
        arrival.format = arrival.choose_format();
        arrival
    }

    /// A request whose body is yet to be looked at.
    fn of(parts: &'p Parts, laps: Laps) -> Self {
        let first = |name| texts(&parts.headers, name).next();
        Self {
            parts,
            form: None,
            head: RequestHead {
                action: first(X_ACS_ACTION),
                version: first(X_ACS_VERSION),
                accept: joined(texts(&parts.headers, ACCEPT)),
                authorization: first(AUTHORIZATION),
                access_key_id: first(X_ACS_ACCESSKEY_ID),
            },
            user_agent: first(USER_AGENT),
            // A request line with a whole address names the host there.
            host: first(HOST)
                .or_else(|| parts.uri.authority().map(Authority::as_str))
                .unwrap_or_default(),
            params: Params::default(),
            format: Format::default(),
            refused: None,
            laps,
        }
    }

    /// Decodes query and form.
    fn decode(&self) -> Result<Params, ApiError> {
        let form = self.form.as_ref().map_or(&[][..], |body| &body.bytes);
        check_content_type(&self.parts.headers, form)?;
        Params::parse(self.query().as_bytes(), form).map_err(|error| {
            let code = match error {
                ParamsError::TooMany { .. } => ErrorCode::TOO_MANY_PARAMETERS,
                ParamsError::BrokenPercentEncoding { .. } | ParamsError::NotUtf8 { .. } => {
                    ErrorCode::INVALID_ENCODING
                }
            };
            ApiError::new(code, error.to_string())
        })
    }

    /// The raw query.
    fn query(&self) -> &'p str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The format of the answer; when the request asks for one that does not exist, one that it
    /// accepts. A refused request may still name one in its query.
    fn choose_format(&self) -> Format {
        let accept = &self.head.accept;
        let choose = |params: &Params| Format::negotiate(params.value("Format"), accept);
        let chosen = if self.refused.is_none() {
            choose(&self.params)
        } else {
            choose(&Params::parse(self.query().as_bytes(), b"").unwrap_or_default())
        };
        chosen.unwrap_or_else(|_| Format::accepted(accept))
    }

    /// The action's name as sent.
    pub(super) fn action(&self) -> Option<&str> {
        action_sent(&self.params, &self.head)
    }

    /// The API's version as sent.
    pub(super) fn version(&self) -> Option<&str> {
        version_sent(&self.params, &self.head)
    }

    /// The AccessKeyId as sent.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        access_key_id(&self.params, &self.head)
    }
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

/// Why a body that could not be read is refused.
fn unread(error: &BodyError) -> ApiError {
    let code = match error {
        BodyError::TooLarge { .. } => ErrorCode::REQUEST_TOO_LARGE,
        BodyError::TooMany { .. } | BodyError::Stalled => ErrorCode::SERVICE_UNAVAILABLE,
        BodyError::Broken(_) => ErrorCode::INVALID_ENCODING,
    };
    ApiError::new(code, error.to_string())
}

fn check_target(parts: &Parts) -> Result<(), ApiError> {
    if parts.method == Method::CONNECT {
        let reason = format!(
            "this is the API itself and no proxy: it opens no tunnel to `{}`",
            parts.uri
        );
        return Err(ApiError::new(ErrorCode::UNSUPPORTED_HTTP_METHOD, reason));
    }
    let path = parts.uri.path();
    if path != PATH {
        let reason = match parts.uri.authority() {
            Some(host) if !is_local(host.as_str(), &[]) => {
                format!("this is the API itself and no proxy: it asks nothing of `{host}`")
            }
            _ => format!("the API has one path, `{PATH}`, got `{path}`"),
        };
        return Err(ApiError::new(ErrorCode::ACTION_NOT_FOUND, reason));
    }
    if parts.method != Method::GET && parts.method != Method::POST {
        let reason = format!("the API takes GET and POST, got {}", parts.method);
        return Err(ApiError::new(ErrorCode::UNSUPPORTED_HTTP_METHOD, reason));
    }
    Ok(())
}

/// Refuses a body whose content type is not that of a form; without a content type it is a form.
fn check_content_type(headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let Some(content_type) = headers.get(CONTENT_TYPE).filter(|_| !body.is_empty()) else {
        return Ok(());
    };
    let content_type = String::from_utf8_lossy(content_type.as_bytes());
    let media_type = content_type.split(';').next().unwrap_or_default();
    if media_type.trim_ascii().eq_ignore_ascii_case(FORM) {
        return Ok(());
    }
    let reason = format!("a body must be `{FORM}`, got `{content_type}`");
    Err(ApiError::new(ErrorCode::UNSUPPORTED_CONTENT_TYPE, reason))
}
