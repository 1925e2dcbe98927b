//! A request in the making: what is known of it so far, for its answer, its log line and the journal.

use std::sync::Arc;

use axum::http::header::{ACCEPT, AUTHORIZATION, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::clock::Stopwatch;
use crate::faults::{Effect, Strike};
use crate::journal::{self, Durations, Outcome, RecordedRequest};
use crate::sandbox::Sandbox;
use crate::wire::{ApiError, CommonParams, Format, Params, RequestHead, Warning};

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
    user_agent: Option<String>,
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
            user_agent: first(USER_AGENT),
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
    pub(super) method: String,
    pub(super) headers: Headers,
    /// None until it is known whose request it is.
    pub(super) request_id: Option<String>,
    pub(super) sandbox: Option<Arc<Sandbox>>,
    /// The format of an error; JSON until something says otherwise.
    pub(super) format: Format,
    pub(super) params: Arc<Params>,
    /// The action's name as sent.
    pub(super) action: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) strike: Option<Strike>,
    pub(super) total_count: Option<u64>,
    pub(super) image_ids: Vec<String>,
    /// Why the list came back empty.
    pub(super) explain: Option<String>,
    pub(super) laps: Laps,
}

/// Where a request's time goes: from its head on, lap by lap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Laps {
    total: Stopwatch,
    lap: Stopwatch,
    pub(super) durations: Durations,
}

impl Laps {
    fn start() -> Self {
        let total = Stopwatch::start();
        Self {
            total,
            lap: total,
            durations: Durations::default(),
        }
    }

    /// The time since the request's head, in microseconds.
    pub(super) fn total_us(&self) -> u64 {
        micros(self.total)
    }

    /// Ends a lap; gives its time, in microseconds.
    pub(super) fn lap_us(&mut self) -> u64 {
        let lap_us = micros(self.lap);
        self.lap = Stopwatch::start();
        lap_us
    }
}

fn micros(time: Stopwatch) -> u64 {
    u64::try_from(time.elapsed().as_micros()).unwrap_or(u64::MAX)
}

impl Record {
    /// A record of a request whose head has just arrived.
    pub(super) fn of(parts: &Parts) -> Self {
        let laps = Laps::start();
        let headers = Headers::of(parts);
        Self {
            method: parts.method.to_string(),
            format: early_format(parts, &headers),
            headers,
            request_id: None,
            sandbox: None,
            params: Arc::default(),
            action: None,
            access_key_id: None,
            warnings: Vec::new(),
            strike: None,
            total_count: None,
            image_ids: Vec::new(),
            explain: None,
            laps,
        }
    }

    /// Notes what the parameters say, whether or not they are accepted.
    pub(super) fn note_params(&mut self, params: Params) {
        let head = self.headers.head();
        if let Ok(format) = Format::negotiate(params.value("Format"), head.accept) {
            self.format = format;
        }
        self.action = params.value("Action").or(head.action).map(str::to_owned);
        self.access_key_id = CommonParams::access_key_id(&params, &head).map(str::to_owned);
        let repeated = params.repeated().into_iter();
        self.warnings = repeated
            .map(|name| Warning::RepeatedParameter {
                name: name.to_owned(),
            })
            .collect();
        self.params = Arc::new(params);
    }

    /// The request's ID; empty until it is known whose request it is.
    pub(super) fn request_id(&self) -> &str {
        self.request_id.as_deref().unwrap_or_default()
    }

    /// The effect of the fault that struck, if it has one beside a delay.
    pub(super) fn effect(&self) -> Option<&Effect> {
        self.strike.as_ref()?.effect.as_ref()
    }

    /// The status that reaches the client, 0 for none, and whether it can use the answer.
    fn reaching(&self, status: u16) -> (u16, Outcome) {
        let outcome = if status == 200 {
            Outcome::Success
        } else {
            Outcome::Failure
        };
        match self.effect() {
            Some(Effect::Reset | Effect::Empty) => (0, Outcome::Failure),
            Some(Effect::Html502) => (502, Outcome::Failure),
            Some(Effect::Truncate | Effect::Malformed) => (status, Outcome::Failure),
            Some(Effect::Error(_) | Effect::Dribble(_) | Effect::WrongType | Effect::Paging(_))
            | None => (status, outcome),
        }
    }

    /// The record as the journal keeps it.
    pub(super) fn recorded(&mut self, status: u16, error: Option<&ApiError>) -> RecordedRequest {
        let (status, outcome) = self.reaching(status);
        if self.laps.durations == Durations::default() {
            self.laps.durations.parse_us = self.laps.total_us();
        }
        let now_unix_ms = self
            .sandbox
            .as_ref()
            .map_or(0, |sandbox| sandbox.clock().now_unix_ms());
        let params = std::mem::take(&mut self.params);
        let params = Arc::unwrap_or_clone(params);
        let (headers, v1) = (&mut self.headers, params.value("Signature").is_some());
        let v3 = headers
            .authorization
            .as_deref()
            .is_some_and(|text| text.starts_with("ACS3-"));
        let signature_version = if v3 { Some("V3") } else { v1.then_some("V1") };
        let unread = self
            .warnings
            .iter()
            .filter_map(Warning::unread)
            .map(str::to_owned)
            .collect();
        RecordedRequest {
            request_id: self.request_id.clone().unwrap_or_default(),
            at_unix_ms: now_unix_ms,
            uptime_ms: 0,
            method: std::mem::take(&mut self.method),
            action: self.action.take(),
            access_key_id: self.access_key_id.take(),
            parameters: RecordedRequest::redacted(params.into_pairs()),
            client: headers.user_agent.as_deref().and_then(journal::client),
            user_agent: headers.user_agent.take(),
            signature_version,
            status,
            outcome,
            code: error.map(|error| error.code.to_string()),
            reason: error.and_then(|error| error.reason.clone()),
            refused_parameter: error.and_then(|error| error.parameter.clone()),
            total_count: self.total_count,
            image_ids: std::mem::take(&mut self.image_ids),
            durations: self.laps.durations,
            fault: self.strike.as_ref().map(ToString::to_string),
            warnings: self.warnings.iter().map(ToString::to_string).collect(),
            unread,
            explain: self.explain.clone(),
        }
    }
}

/// The format of a refusal that comes before the parameters are read.
fn early_format(parts: &Parts, headers: &Headers) -> Format {
    let query = parts.uri.query().unwrap_or_default();
    // Rare in a query, so most requests are not decoded twice.
    let params = if query.contains("Format") {
        Params::parse(query.as_bytes(), b"").unwrap_or_default()
    } else {
        Params::default()
    };
    Format::negotiate(params.value("Format"), &headers.accept)
        .unwrap_or_else(|_| Format::accepted(&headers.accept))
}
