//! A request in the making: what is known of it so far, for its answer and its log line.

use axum::http::header::{ACCEPT, AUTHORIZATION, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::clock::Stopwatch;
use crate::wire::{Action, Format, Params, RequestHead, Warning};

const X_ACS_ACTION: HeaderName = HeaderName::from_static("x-acs-action");
const X_ACS_VERSION: HeaderName = HeaderName::from_static("x-acs-version");
const X_ACS_ACCESSKEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");

/// The headers that the vendor's API reads.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers {
    action: Option<String>,
    version: Option<String>,
    accept: String,
    authorization: Option<String>,
    access_key_id: Option<String>,
    pub(super) host: String,
}

impl Headers {
    fn of(parts: &Parts) -> Self {
        let first = |name| text(&parts.headers, name).next();
        Self {
            action: first(X_ACS_ACTION),
            version: first(X_ACS_VERSION),
            accept: text(&parts.headers, ACCEPT).collect::<Vec<_>>().join(","),
            authorization: first(AUTHORIZATION),
            access_key_id: first(X_ACS_ACCESSKEY_ID),
            // A request line with a whole address names the host there.
            host: first(HOST)
                .or_else(|| parts.uri.authority().map(ToString::to_string))
                .unwrap_or_default(),
        }
    }

    pub(super) fn head(&self) -> RequestHead<'_> {
        RequestHead {
            action: self.action.as_deref(),
            version: self.version.as_deref(),
            accept: &self.accept,
            authorization: self.authorization.as_deref(),
            access_key_id: self.access_key_id.as_deref(),
        }
    }
}

/// The values of a header that are plain text, in order.
fn text(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = String> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| Some(value.to_str().ok()?.to_owned()))
}

/// What is known of a request.
#[derive(Debug)]
pub(super) struct Record {
    /// None until it is known whose request it is.
    pub(super) request_id: Option<String>,
    pub(super) headers: Headers,
    /// The format of an error; JSON until something says otherwise.
    pub(super) format: Format,
    pub(super) action: Option<Action>,
    pub(super) warnings: Vec<Warning>,
    pub(super) total_count: Option<u64>,
    pub(super) n_images: Option<usize>,
    pub(super) duration: Stopwatch,
}

impl Record {
    /// A record of a request whose head has just arrived.
    pub(super) fn of(parts: &Parts) -> Self {
        let headers = Headers::of(parts);
        let query = parts.uri.query().unwrap_or_default();
        // A refusal may come before the parameters are read; its format should fit all the same.
        let params = Params::parse(query.as_bytes(), b"").unwrap_or_default();
        let accepted = Format::accepted(&headers.accept);
        let format = Format::negotiate(params.value("Format"), &headers.accept);
        Self {
            request_id: None,
            headers,
            format: format.unwrap_or(accepted),
            action: None,
            warnings: Vec::new(),
            total_count: None,
            n_images: None,
            duration: Stopwatch::start(),
        }
    }

    /// The request's ID; empty until it is known whose request it is.
    pub(super) fn request_id(&self) -> &str {
        self.request_id.as_deref().unwrap_or_default()
    }

    /// Takes the format that all parameters together ask for, when they ask for one.
    pub(super) fn settle_format(&mut self, params: &Params) {
        if let Ok(format) = Format::negotiate(params.value("Format"), &self.headers.accept) {
            self.format = format;
        }
    }
}
