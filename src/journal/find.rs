//! Finding recorded requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::base::Timestamp;
use crate::journal::{Journal, RecordedRequest};

/// What a recorded request must be like; everything that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RequestMatch {
    /// The action's name.
    pub action: Option<String>,
    /// The AccessKeyId.
    pub access_key_id: Option<String>,
    /// The HTTP status answered.
    pub status: Option<u16>,
    /// The error's code.
    pub code: Option<String>,
    /// Parameters and their values, as sent; an empty value is an absent parameter.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// A difference between a match and a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `action`, `status`, or the name of a parameter.
    pub field: String,
    /// What was wanted.
    pub wanted: String,
    /// What the request had; `None` for nothing.
    pub found: Option<String>,
}

impl RequestMatch {
    /// Whether a request is like this.
    pub fn matches(&self, request: &RecordedRequest) -> bool {
        self.differences(request).is_empty()
    }

    /// Everything in which a request is not like this.
    pub fn differences(&self, request: &RecordedRequest) -> Vec<Difference> {
        let wanted_status = self.status.map(|status| status.to_string());
        let status = Some(request.status.to_string());
        let fields = [
            ("action", &self.action, &request.action),
            ("accessKeyId", &self.access_key_id, &request.access_key_id),
            ("status", &wanted_status, &status),
            ("code", &self.code, &request.code),
        ];
        let fields = fields.into_iter().filter_map(|(field, wanted, found)| {
            let differs = wanted.is_some() && wanted != found;
            differs.then_some((field, wanted.as_deref()?, found.as_deref()))
        });
        let parameters = self.parameters.iter().filter_map(|(name, wanted)| {
            let found = request.parameter(name);
            let differs = found.unwrap_or_default() != wanted;
            differs.then_some((name.as_str(), wanted.as_str(), found))
        });
        fields
            .chain(parameters)
            .map(|(field, wanted, found)| Difference {
                field: field.to_owned(),
                wanted: wanted.to_owned(),
                found: found.map(str::to_owned),
            })
            .collect()
    }
}

/// Since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Since a moment, by the sandbox's clock, the moment itself included.
    Moment(Timestamp),
    /// After a request.
    Request(String),
}

impl Since {
    /// Reads a moment, `yyyy-MM-ddTHH:mm:ssZ`, or else a request's ID.
    pub fn parse(text: &str) -> Self {
        Timestamp::parse(text).map_or_else(|| Self::Request(text.to_owned()), Self::Moment)
    }
}

/// Which recorded requests are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Find {
    /// What they must be like.
    pub like: RequestMatch,
    /// A parameter that they must have, with any value.
    pub having: Option<String>,
    /// Since when.
    pub since: Option<Since>,
}

impl Journal {
    /// The recorded requests that are wanted, oldest first.
    pub fn find(&self, find: &Find) -> Vec<Arc<RecordedRequest>> {
        let mut entries = self.entries();
        match &find.since {
            None => {}
            Some(Since::Moment(moment)) => {
                let since_unix_ms = moment.unix_s().saturating_mul(1_000);
                entries.retain(|entry| entry.at_unix_ms >= since_unix_ms);
            }
            Some(Since::Request(id)) => {
                // An unknown request was forgotten, so all that is left is newer.
                if let Some(idx) = entries.iter().position(|entry| entry.request_id == *id) {
                    entries.drain(..=idx);
                }
            }
        }
        if let Some(name) = &find.having {
            entries.retain(|entry| entry.parameter(name).is_some());
        }
        entries.retain(|entry| find.like.matches(entry));
        entries
    }
}
