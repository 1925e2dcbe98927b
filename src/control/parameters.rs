//! The parameters that routes take, each defined once.

use crate::base::limits::CONTROL_PAGE_ENTRIES_MAX;

/// Largest number of a page.
pub(super) const PAGE_NUMBER_MAX: u64 = u32::MAX as u64;

/// Entries on a page, unless the caller asks for another number.
pub(super) const PAGE_SIZE_DEFAULT: u64 = 100;

/// A parameter of the query string or the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub meaning: &'static str,
    pub form: Form,
}

/// The values that a parameter takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// Any text but an empty one.
    Text,
    /// The name of a sandbox or a checkpoint, with its default.
    Name(Option<&'static str>),
    /// Any integer.
    Integer,
    /// An integer from 1.
    Count { max: u64, default: u64 },
}

pub(super) const SANDBOX: Parameter = Parameter {
    name: "sandbox",
    meaning: "The sandbox, by its AccessKeyId. With `--isolate`, a new name creates one from the \
              seed, and a GET shows what it would hold; without it, only `default` exists.",
    form: Form::Name(Some("default")),
};

pub(super) const PAGE_NUMBER: Parameter = Parameter {
    name: "pageNumber",
    meaning: "The page, from 1.",
    form: Form::Count {
        max: PAGE_NUMBER_MAX,
        default: 1,
    },
};

pub(super) const PAGE_SIZE: Parameter = Parameter {
    name: "pageSize",
    meaning: "The number of entries on a page.",
    form: Form::Count {
        max: CONTROL_PAGE_ENTRIES_MAX,
        default: PAGE_SIZE_DEFAULT,
    },
};

pub(super) const TO: Parameter = Parameter {
    name: "to",
    meaning: "`seed`, `empty`, or the name of a checkpoint.",
    form: Form::Name(Some("seed")),
};

pub(super) const SANDBOX_ID: Parameter = Parameter {
    name: "id",
    meaning: "The sandbox's AccessKeyId.",
    form: Form::Name(None),
};

pub(super) const IMAGE_ID: Parameter = text("ImageId", "The image's id, percent-encoded.");

pub(super) const CHECKPOINT: Parameter = Parameter {
    name: "name",
    meaning: "The checkpoint's name; `seed` and `empty` are reserved.",
    form: Form::Name(None),
};

pub(super) const FAULT_ID: Parameter = text("id", "The rule's id, percent-encoded.");

pub(super) const REQUEST_ID: Parameter = text("requestId", "The RequestId of an answer.");

/// The query parameters of the journal.
pub(super) const REQUESTS: &[Parameter] = &[
    SANDBOX,
    text("action", "Only this action."),
    Parameter {
        name: "status",
        meaning: "Only this HTTP status.",
        form: Form::Integer,
    },
    text("code", "Only this error code."),
    text(
        "parameter",
        "Only requests with this parameter: `NAME` or `NAME=VALUE`.",
    ),
    text(
        "since",
        "Only since a moment, `yyyy-MM-ddTHH:mm:ssZ`, or after a request, by its ID.",
    ),
    PAGE_NUMBER,
    PAGE_SIZE,
];

const fn text(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        meaning,
        form: Form::Text,
    }
}
