//! A request in the making: what is known of it so far, for its answer, its log line and the journal.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method};

use crate::base::Stopwatch;
use crate::faults::{Effect, Strike};
use crate::journal::{self, Durations, Outcome, RecordedRequest};
use crate::sandbox::Sandbox;
use crate::wire::{ApiError, CommonParams, Format, Params, RequestHead, Warning};

const X_ACS_ACTION: HeaderName = HeaderName::from_static("x-acs-action");
const X_ACS_VERSION: HeaderName = HeaderName::from_static("x-acs-version");
const X_ACS_ACCESSKEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");

/// The headers that the vendor's API reads.
#[derive(Debug)]
pub(super) struct Headers<'p> {
    action: Option<&'p str>,
    version: Option<&'p str>,
    accept: Cow<'p, str>,
    authorization: Option<&'p str>,
    access_key_id: Option<&'p str>,
    user_agent: Option<&'p str>,
    pub(super) host: &'p str,
}

impl<'p> Headers<'p> {
    fn of(parts: &'p Parts) -> Self {
        let first = |name| texts(&parts.headers, name).next();
        Self {
            action: first(X_ACS_ACTION),
            version: first(X_ACS_VERSION),
            accept: joined(texts(&parts.headers, ACCEPT)),
            authorization: first(AUTHORIZATION),
            access_key_id: first(X_ACS_ACCESSKEY_ID),
            user_agent: first(USER_AGENT),
            // A request line with a whole address names the host there.
            host: first(HOST)
                .or_else(|| parts.uri.authority().map(Authority::as_str))
                .unwrap_or_default(),
        }
    }

    pub(super) fn head(&self) -> RequestHead<'_> {
        RequestHead {
            action: self.action,
            version: self.version,
            accept: &self.accept,
            authorization: self.authorization,
            access_key_id: self.access_key_id,
        }
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

/// What is known of a request.
#[derive(Debug)]
pub(super) struct Record<'p> {
    parts: &'p Parts,
    pub(super) headers: Headers<'p>,
    /// None until it is known whose request it is.
    pub(super) request_id: Option<String>,
    pub(super) sandbox: Option<Arc<Sandbox>>,
    /// The answer's format, once the parameters have said.
    pub(super) format: Option<Format>,
    pub(super) params: Arc<Params>,
    /// The action's name as sent.
    pub(super) action: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) strike: Option<Strike>,
    pub(super) total_count: Option<u64>,
    pub(super) image_ids: Arc<[String]>,
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
        micros(self.total.elapsed())
    }

    /// Ends a lap; gives its time, in microseconds.
    pub(super) fn lap_us(&mut self) -> u64 {
        micros(self.lap.lap())
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl<'p> Record<'p> {
    /// A record of a request whose head has just arrived.
    pub(super) fn of(parts: &'p Parts) -> Self {
        let laps = Laps::start();
        Self {
            parts,
            headers: Headers::of(parts),
            format: None,
            request_id: None,
            sandbox: None,
            params: Arc::default(),
            action: None,
            access_key_id: None,
            warnings: Vec::new(),
            strike: None,
            total_count: None,
            image_ids: Arc::default(),
            explain: None,
            laps,
        }
    }

    /// Notes what the parameters say, whether or not they are accepted.
    pub(super) fn note_params(&mut self, params: Params) {
        let head = self.headers.head();
        self.format = Format::negotiate(params.value("Format"), head.accept).ok();
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

    /// The answer's format.
    pub(super) fn format(&self) -> Format {
        self.format.unwrap_or_else(|| self.early_format())
    }

    /// The format of a refusal that comes before the parameters are read.
    fn early_format(&self) -> Format {
        let query = self.parts.uri.query().unwrap_or_default();
        let params = Params::parse(query.as_bytes(), b"").unwrap_or_default();
        let accept = &self.headers.accept;
        Format::negotiate(params.value("Format"), accept)
            .unwrap_or_else(|_| Format::accepted(accept))
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
        let (headers, v1) = (&self.headers, params.value("Signature").is_some());
        let v3 = headers
            .authorization
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
            method: method(&self.parts.method),
            action: self.action.take(),
            access_key_id: self.access_key_id.take(),
            parameters: RecordedRequest::redacted(params),
            client: headers.user_agent.and_then(journal::client),
            user_agent: headers.user_agent.map(str::to_owned),
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

/// A method as text; the usual ones cost nothing.
fn method(method: &Method) -> Cow<'static, str> {
    match method.as_str() {
        "GET" => "GET".into(),
        "POST" => "POST".into(),
        other => other.to_owned().into(),
    }
}
