//! One recorded request.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::base::Timestamp;
use crate::wire::{ApiError, Params, is_secret_parameter};

/// What happened to one request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordedRequest {
    /// The answer's `RequestId`.
    pub request_id: String,
    /// When it arrived, by the sandbox's clock, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_unix_ms: i64,
    /// When it arrived, in real milliseconds since the start of the emulator.
    pub uptime_ms: i64,
    /// The HTTP method.
    pub method: Cow<'static, str>,
    /// The action's name, as sent.
    pub action: Option<String>,
    /// The API's version, as sent.
    pub version: Option<String>,
    /// The AccessKeyId, as sent.
    pub access_key_id: Option<String>,
    /// The parameters, as decoded, in the order sent; signatures and secrets redacted.
    pub parameters: Params,
    /// The client, by its user agent, such as `Python SDK`.
    pub client: Option<&'static str>,
    /// The user agent itself.
    pub user_agent: Option<String>,
    /// `V1` or `V3`; `None` when the request was not signed.
    pub signature_version: Option<&'static str>,
    /// The HTTP status that reached the client; 0 when a fault let none reach it.
    pub status: u16,
    /// Whether the client got an answer that it could use.
    pub outcome: Outcome,
    /// The error's code.
    pub code: Option<String>,
    /// The error's message.
    pub message: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The parameter that was refused.
    pub refused_parameter: Option<String>,
    /// The total that was answered.
    pub total_count: Option<u64>,
    /// The ids of the images answered.
    pub image_ids: Arc<[String]>,
    /// Where the time went.
    pub durations: Durations,
    /// The fault that struck, and what it did.
    pub fault: Option<String>,
    /// What was odd about the request.
    pub warnings: Vec<String>,
    /// Parameters that the action did not read.
    pub unread: Vec<String>,
    /// Why the list is empty.
    pub explain: Option<String>,
}

/// Whether a client got an answer that it could use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// A whole 200.
    Success,
    /// An error, or an answer that a fault broke.
    #[default]
    Failure,
}

/// Where a request's time went, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the unit is part of a name")]
pub struct Durations {
    /// Reading and checking.
    pub parse_us: u64,
    /// The store.
    pub store_us: u64,
    /// Writing the answer.
    pub render_us: u64,
}

impl RecordedRequest {
    /// Parameters with `***` in the place of each secret.
    pub fn redacted(mut parameters: Params) -> Params {
        let is_secret = |name: &str, value: &str| is_secret_parameter(name) && !value.is_empty();
        parameters.replace(|name, value| is_secret(name, value).then_some("***"));
        parameters
    }

    /// The first value of a parameter, as sent.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, value) = self.parameters.iter().find(|(found, _)| *found == name)?;
        Some(value)
    }

    /// Why the request was refused, when it was and no fault struck it.
    pub(crate) fn refusal(&self) -> Option<ApiError> {
        if self.fault.is_some() {
            return None;
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Some(ApiError {
            status: self.status,
            code: self.code.clone()?.into(),
            message: text(&self.message).into(),
            reason: self.reason.clone(),
            parameter: self.refused_parameter.clone(),
            retry_after_ms: None,
        })
    }

    /// The approximate memory that the record takes, in bytes.
    pub fn n_bytes(&self) -> usize {
        /// A heap block's own cost.
        const BLOCK: usize = 16;
        let text = |text: &str| text.len() + BLOCK;
        let texts = |texts: &[String]| {
            let bytes = texts.iter().map(|one| text(one) + size_of::<String>());
            bytes.sum::<usize>()
        };
        let options = [
            &self.action,
            &self.version,
            &self.access_key_id,
            &self.user_agent,
            &self.code,
            &self.message,
            &self.reason,
            &self.refused_parameter,
            &self.fault,
            &self.explain,
        ];
        let options = options.into_iter().flatten();
        size_of::<Self>()
            + text(&self.request_id)
            + text(&self.method)
            + options.map(|one| text(one)).sum::<usize>()
            + self.parameters.n_bytes()
            + 2 * BLOCK
            + texts(&self.image_ids)
            + texts(&self.warnings)
            + texts(&self.unread)
    }

    /// The record as the control API shows it.
    pub fn json(&self) -> Value {
        // Of a repeated name, the first.
        let parameters: Map<String, Value> = self
            .parameters
            .iter_first()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let at = Timestamp::from_unix_s(self.at_unix_ms.div_euclid(1_000));
        let ms = self.at_unix_ms.rem_euclid(1_000);
        let at = at.map(|at| at.to_string().replace('Z', &format!(".{ms:03}Z")));
        json!({
            "requestId": self.request_id,
            "at": at,
            "method": self.method,
            "action": self.action,
            "accessKeyId": self.access_key_id,
            "parameters": parameters,
            "client": self.client,
            "userAgent": self.user_agent,
            "signatureVersion": self.signature_version,
            "status": (self.status > 0).then_some(self.status),
            "code": self.code,
            "reason": self.reason,
            "totalCount": self.total_count,
            "imageIds": *self.image_ids,
            "durations": self.durations,
            "fault": self.fault,
            "warnings": self.warnings,
            "unread": self.unread,
            "explain": self.explain,
        })
    }
}

/// The client, by its user agent.
///
/// Source: the user agents that the official clients were seen to send; for Terraform and the
/// aliyun CLI, their sources.
pub(crate) fn client(user_agent: &str) -> Option<&'static str> {
    const CLIENTS: [(&[&str], &str); 11] = [
        // These two are built with a Go SDK, and name it too.
        (&["Terraform"], "Terraform"),
        (&["Aliyun-CLI"], "aliyun CLI"),
        (&["Python/", "TeaDSL"], "Python SDK"),
        (&["Python/", "Core/"], "Python SDK (old)"),
        (&["Node.js/", "TeaDSL"], "Node SDK"),
        (&["Node.js/", "Core/"], "Node pop-core"),
        (&["Golang/", "TeaDSL"], "Go SDK"),
        (&["Golang/", "Core/"], "Go SDK (old)"),
        (&["Java", "TeaDSL"], "Java SDK"),
        (&["Java", "Core/"], "Java SDK (old)"),
        (&["curl/"], "curl"),
    ];
    let found = CLIENTS
        .iter()
        .find(|(parts, _)| parts.iter().all(|part| user_agent.contains(part)));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2",
        "Python SDK"
    )]
    #[case(
        "AlibabaCloud (Linux 6;x86_64) Python/3.11.7 Core/2.16.1 python-requests/2.18.3",
        "Python SDK (old)"
    )]
    #[case(
        "AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.8.0",
        "Node pop-core"
    )]
    #[case(
        "AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.0.1 TeaDSL/2",
        "Node SDK"
    )]
    #[case(
        "AlibabaCloud (linux; amd64) Golang/1.24.1 Core/0.01 TeaDSL/2",
        "Go SDK"
    )]
    #[case(
        "AlibabaCloud (linux; amd64) Golang/1.24.1 Core/1.63.107",
        "Go SDK (old)"
    )]
    #[case(
        "AlibabaCloud (linux; amd64) Golang/1.24.1 Core/1.63.107 Aliyun-CLI/3.4.11",
        "aliyun CLI"
    )]
    #[case(
        "AlibabaCloud (linux; amd64) Golang/1.24.1 Core/0.01 TeaDSL/1 Terraform/1.9.0 \
         Provider/1.289.0 Module/",
        "Terraform"
    )]
    #[case(
        "Terraform/1.9.0 Provider/1.289.0 Module/x TerraformTraceId/y",
        "Terraform"
    )]
    #[case("curl/8.5.0", "curl")]
    fn a_client_is_known_by_its_own_name(#[case] user_agent: &str, #[case] expected: &str) {
        assert_eq!(client(user_agent), Some(expected));
    }

    #[test]
    fn any_other_client_has_no_name() {
        assert_eq!(client("Mozilla/5.0"), None);
    }
}
