//! Explaining an answer: the same checks as the API makes, and what the action finds.

use std::collections::HashMap;

use crate::actions::explanation::{Explanation, Findings, ParameterReading};
use crate::actions::{Action, Call, Failure, Gate, unknown_parameters};
use crate::base::Effort;
use crate::journal::{Laps, RecordedRequest};
use crate::sandbox::{NameError, Sandbox};
use crate::store::StoreError;
use crate::wire::{
    ApiError, Params, RequestHead, Warning, access_key_id, is_common_parameter, is_secret_parameter,
};

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExplainError {
    /// The action has none.
    #[error("`{action}` has no explanation")]
    NoExplanation {
        /// The action's name.
        action: &'static str,
    },
    /// The name gives no sandbox.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Something failed inside.
    #[error("the explanation failed inside")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Explains what a request with this very query gets, in a sandbox of this name or of its own key.
pub(crate) fn explain_query(
    gate: Gate<'_>,
    sandbox: Option<&str>,
    params: &Params,
) -> Result<Explanation, ExplainError> {
    let head = RequestHead::default();
    let caller = gate.caller(access_key_id(params, &head));
    let sandbox = match (sandbox, &caller) {
        (Some(name), _) => gate.sandbox(Some(name))?,
        (None, Ok(caller)) => std::sync::Arc::clone(&caller.sandbox),
        // The key is refused below, in the contract's order.
        (None, Err(_)) => std::sync::Arc::clone(gate.sandboxes.default_sandbox()),
    };
    let asked = gate.actions.ask(params, &head).map_err(Failure::from);
    let asked = asked.and_then(|asked| caller.map(|_| asked.action));
    explain(asked, &sandbox, params)
}

/// Explains what a recorded request would get from the sandbox as it is now.
pub(crate) fn explain_recorded(
    gate: Gate<'_>,
    sandbox: &Sandbox,
    request: &RecordedRequest,
) -> Result<Explanation, ExplainError> {
    let params = &request.parameters;
    let head = RequestHead {
        action: request.action.as_deref(),
        version: request.version.as_deref(),
        ..RequestHead::default()
    };
    let asked = match request.refusal() {
        // The record says why, whatever part of the emulator refused the request.
        Some(refusal) => Err(refusal),
        None => gate.actions.ask(params, &head).map(|asked| asked.action),
    };
    explain(asked.map_err(Failure::from), sandbox, params)
}

/// Explains how an action answers parameters, or why none is asked.
pub(crate) fn explain(
    asked: Result<&'static Action, Failure>,
    sandbox: &Sandbox,
    params: &Params,
) -> Result<Explanation, ExplainError> {
    let action = asked.as_ref().ok().copied();
    let found = match asked {
        Ok(Action { name, explain, .. }) => {
            let explain = explain.ok_or(ExplainError::NoExplanation { action: name })?;
            explain(&Call {
                sandbox,
                params,
                paging: None,
                effort: Effort::Long,
                laps: &Laps::start(),
            })
        }
        Err(refused) => Err(refused),
    };
    let (findings, refused) = match found {
        Ok(findings) => (findings, None),
        Err(Failure::Refused(refused)) => (Findings::default(), Some(refused)),
        Err(Failure::Internal(cause)) => return Err(ExplainError::Internal(cause)),
        // A long effort never gives up.
        Err(Failure::TooLong) => return Err(ExplainError::Internal(StoreError::TooLong.into())),
        Err(Failure::Panicked(message)) => return Err(ExplainError::Internal(message.into())),
    };
    let n_images = sandbox.count_all();
    Ok(Explanation {
        sandbox: sandbox.name().to_string(),
        n_images: n_images.map_err(|error| ExplainError::Internal(error.into()))?,
        parameters: readings(action, params, refused.as_ref()),
        findings,
        refused,
    })
}

/// How each parameter was read; without an action, only the common ones are known.
fn readings(
    action: Option<&Action>,
    params: &Params,
    refused: Option<&ApiError>,
) -> Vec<ParameterReading> {
    let unknown = action.map_or_else(Vec::new, |action| unknown_parameters(action, params));
    let unknown = unknown.iter();
    let unknown: HashMap<&str, &Warning> = unknown
        .filter_map(|warning| Some((warning.unread()?, warning)))
        .collect();
    let refused_name = refused.and_then(|error| error.parameter.as_deref());
    let reading = |name: &str, value: &str| {
        if let Some(warning) = unknown.get(name) {
            return format!("ignored: {warning}");
        }
        if refused_name == Some(name) {
            let reason = refused.and_then(|error| error.reason.as_deref());
            return format!("refused: {}", reason.unwrap_or("it breaks a rule"));
        }
        if is_common_parameter(name) {
            return "common parameter".to_owned();
        }
        if value.is_empty() {
            return "absent: the value is empty".to_owned();
        }
        let parameter = action.and_then(|action| action.parameter(name));
        let reading = parameter.map_or("not read", |parameter| parameter.meaning);
        reading.to_owned()
    };
    params
        .iter_first()
        .map(|(name, value)| ParameterReading {
            name: name.to_owned(),
            reading: reading(name, value),
            value: if is_secret_parameter(name) {
                "***"
            } else {
                value
            }
            .to_owned(),
        })
        .collect()
}
