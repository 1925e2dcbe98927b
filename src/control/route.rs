//! What a route is: everything that the router and the OpenAPI document say about it.

use crate::base::nearest;
use crate::control::parameters::{Parameter, SANDBOX};
use crate::control::{Call, ControlError, Reply};
use crate::sandbox::FirstUse;
use crate::wire::Params;

/// A route of the control API.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; `{…}` stands for one segment.
    pub path: &'static str,
    /// The body that it takes, if any.
    pub body: Option<Body>,
    /// What `{…}` in the path means.
    pub(super) path_parameter: Option<Parameter>,
    pub(super) query: Query,
    /// The document's name for it; its words are the summary.
    pub(super) operation_id: &'static str,
    /// The tag under which the document lists it.
    pub(super) subject: &'static str,
    pub(super) description: &'static str,
    /// The answer with status 200: its form and its meaning.
    pub(super) ok: Option<(Content, &'static str)>,
    /// The answer with status 201: its form and its meaning.
    pub(super) created: Option<(Content, &'static str)>,
    /// The error codes beyond those that follow from the rest of the route.
    pub(super) errors: &'static [&'static str],
    pub(crate) handler: Handler,
}

/// A function that answers a control request.
pub(crate) type Function = fn(&Call<'_>) -> Result<Reply, ControlError>;

/// What answers a route.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Handler {
    /// A function that returns the whole answer.
    Call(Function),
    /// The OpenAPI document. It is made from the table, so the table cannot name its function.
    OpenApi,
    /// The stream of recorded requests, which has no end.
    Stream,
}

/// A method that some route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method's name, in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// What the first use of a sandbox's name does: no web page may make sandboxes by links.
    pub(crate) const fn first_use(self) -> FirstUse {
        match self {
            Self::Get => FirstUse::Shows,
            Self::Post | Self::Put | Self::Patch | Self::Delete => FirstUse::Makes,
        }
    }
}

/// A JSON body.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    /// Whether a request without a body is refused.
    pub is_required: bool,
    pub(super) schema: &'static str,
}

/// The query parameters that a route takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Query {
    /// These alone; each may be left out.
    Known(&'static [Parameter]),
    /// Every parameter of the vendor's API: the query is such a request. The text says so.
    Vendor(&'static str),
}

/// The forms of a successful answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// JSON of this schema.
    Json(&'static str),
    /// JSON of this schema, or plain text for a caller that asks for it by `Accept`.
    JsonOrText(&'static str),
    /// Server-sent events.
    Events,
}

pub(super) const fn get(path: &'static str, call: Function) -> Route {
    Route::new(Method::Get, path, Handler::Call(call))
}

pub(super) const fn post(path: &'static str, call: Function) -> Route {
    Route::new(Method::Post, path, Handler::Call(call))
}

pub(super) const fn put(path: &'static str, call: Function) -> Route {
    Route::new(Method::Put, path, Handler::Call(call))
}

pub(super) const fn patch(path: &'static str, call: Function) -> Route {
    Route::new(Method::Patch, path, Handler::Call(call))
}

pub(super) const fn delete(path: &'static str, call: Function) -> Route {
    Route::new(Method::Delete, path, Handler::Call(call))
}

/// Builds a row of the table.
impl Route {
    /// A route that takes the query parameter `sandbox` alone, until [`Self::query`] names others.
    pub(super) const fn new(method: Method, path: &'static str, handler: Handler) -> Self {
        Self {
            method,
            path,
            body: None,
            path_parameter: None,
            query: Query::Known(&[SANDBOX]),
            operation_id: "",
            subject: "",
            description: "",
            ok: None,
            created: None,
            errors: &[],
            handler,
        }
    }

    pub(super) const fn named(mut self, subject: &'static str, operation_id: &'static str) -> Self {
        self.subject = subject;
        self.operation_id = operation_id;
        self
    }

    pub(super) const fn about(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    pub(super) const fn at(mut self, path_parameter: Parameter) -> Self {
        self.path_parameter = Some(path_parameter);
        self
    }

    pub(super) const fn query(mut self, parameters: &'static [Parameter]) -> Self {
        self.query = Query::Known(parameters);
        self
    }

    pub(super) const fn any_query(mut self, meaning: &'static str) -> Self {
        self.query = Query::Vendor(meaning);
        self
    }

    pub(super) const fn takes(mut self, schema: &'static str) -> Self {
        self.body = Some(Body {
            is_required: true,
            schema,
        });
        self
    }

    pub(super) const fn may_take(mut self, schema: &'static str) -> Self {
        self.body = Some(Body {
            is_required: false,
            schema,
        });
        self
    }

    pub(super) const fn ok(mut self, schema: &'static str, meaning: &'static str) -> Self {
        self.ok = Some((Content::Json(schema), meaning));
        self
    }

    pub(super) const fn ok_or_text(mut self, schema: &'static str, meaning: &'static str) -> Self {
        self.ok = Some((Content::JsonOrText(schema), meaning));
        self
    }

    pub(super) const fn ok_events(mut self, meaning: &'static str) -> Self {
        self.ok = Some((Content::Events, meaning));
        self
    }

    pub(super) const fn created(mut self, schema: &'static str, meaning: &'static str) -> Self {
        self.created = Some((Content::Json(schema), meaning));
        self
    }

    pub(super) const fn errors(mut self, codes: &'static [&'static str]) -> Self {
        self.errors = codes;
        self
    }
}

/// Error codes that every route can answer with.
const ERRORS: &[&str] = &[
    "BadRequest",
    "ForbiddenHost",
    "ForbiddenOrigin",
    "Unauthorized",
    "ControlOff",
    "BodyTimeout",
    "BodyTooLarge",
    "NotReady",
    "TooManyBodies",
];

/// Error codes of every route that names a sandbox, which the first use makes or shows.
const SANDBOX_ERRORS: &[&str] = &["InvalidName", "NotIsolated", "InternalError"];

impl Route {
    /// Every error code that the route can answer with.
    pub fn error_codes(&self) -> impl Iterator<Item = &'static str> {
        let sandbox = if self.takes_parameter("sandbox") {
            SANDBOX_ERRORS
        } else {
            &[]
        };
        ERRORS.iter().chain(sandbox).chain(self.errors).copied()
    }

    fn name(&self) -> String {
        format!("{} {}", self.method.as_str(), self.path)
    }

    fn takes_parameter(&self, name: &str) -> bool {
        match self.query {
            Query::Known(known) => known.iter().any(|parameter| parameter.name == name),
            Query::Vendor(_) => true,
        }
    }

    /// Reads the query string; a parameter that the route does not take would be lost, so it is
    /// refused.
    pub(crate) fn read_query(&self, query: &str) -> Result<Params, ControlError> {
        let params = Params::parse(query.as_bytes(), b"").map_err(|error| {
            let hint = "percent-encode the query string as UTF-8";
            ControlError::bad_request(error.to_string(), hint)
        })?;
        let Query::Known(known) = self.query else {
            return Ok(params);
        };
        if let Some((name, _)) = params.iter().find(|(name, _)| !self.takes_parameter(name)) {
            let known: Vec<&str> = known.iter().map(|parameter| parameter.name).collect();
            let message = format!("{} has no parameter {name:?}", self.name());
            let hint = match nearest(name, known.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None if known.is_empty() => "it has none".to_owned(),
                None => format!("it has these: {}", known.join(", ")),
            };
            return Err(ControlError::bad_request(message, hint));
        }
        if let Some(name) = params.repeated().first() {
            let message = format!("parameter `{name}` stands twice");
            return Err(ControlError::bad_request(message, "send it once"));
        }
        // Such as `?sandbox=$KEY` when the variable is not set.
        if let Some((name, _)) = params.iter().find(|(_, value)| value.is_empty()) {
            let message = format!("parameter `{name}` is empty");
            let hint = "give it a value, or leave it out";
            return Err(ControlError::bad_request(message, hint));
        }
        Ok(params)
    }

    /// Checks that a required body is there, and that a route without one gets none; an empty JSON
    /// object counts as none there.
    pub(crate) fn check_body(&self, body: Vec<u8>) -> Result<Vec<u8>, ControlError> {
        let trimmed = body.trim_ascii();
        let (rule, hint) = match self.body {
            Some(taken) if taken.is_required && trimmed.is_empty() => ("needs a body", "send JSON"),
            None if !matches!(trimmed, b"" | b"{}") => ("takes no body", "send none"),
            Some(_) if !trimmed.is_empty() => return Ok(body),
            None | Some(_) => return Ok(Vec::new()),
        };
        let message = format!("{} {rule}", self.name());
        Err(ControlError::bad_request(message, hint))
    }
}
