//! Faults: set, listed, removed.

use serde_json::{Map, Value, json};

use crate::actions::Actions;
use crate::control::{Call, ControlError, Reply};
use crate::faults::{FaultsError, Names, Rule, RuleSummary};

const HINT: &str = "send a rule such as {\"match\": {\"action\": \"ListCustomImages\"}, \"effect\": \
                    {\"error\": \"Throttling.User\"}, \"times\": 2}; docs/control/faults.md lists them all";

impl From<FaultsError> for ControlError {
    fn from(error: FaultsError) -> Self {
        let message = error.to_string();
        match error {
            FaultsError::DuplicateId { .. } => Self::new(
                409,
                "FaultExists",
                message,
                "choose another `id`, or leave it out",
            ),
            FaultsError::TooMany => Self::new(
                409,
                "TooManyFaults",
                message,
                "DELETE /_emulator/faults removes all",
            ),
        }
    }
}

/// Puts a list of rules in the place of all others.
///
/// # Errors
/// [`ControlError`] when a rule cannot be; then nothing changes.
pub(crate) fn replace_faults(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let values: Vec<Value> = call.any_json("send a list of rules, `[]` for none")?;
    let rules = values
        .iter()
        .enumerate()
        .map(|(idx, value)| rule(call.actions, value, &format!("rule {}: ", idx + 1)))
        .collect::<Result<_, _>>()?;
    sandbox.faults().replace(rules)?;
    Ok(listed(&sandbox.faults().summaries()))
}

/// Adds a rule after the others.
///
/// # Errors
/// [`ControlError`] when the rule cannot be.
pub(crate) fn add_fault(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let id = sandbox
        .faults()
        .add(rule(call.actions, &call.json(HINT)?, "")?)?;
    Ok(Reply::created(&json!({"id": id})))
}

/// Lists the rules, with how often each struck and how often it will.
///
/// # Errors
/// [`ControlError`] for a bad sandbox name.
pub(crate) fn list_faults(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(listed(&call.sandbox()?.faults().summaries()))
}

/// Removes every rule.
///
/// # Errors
/// [`ControlError`] for a bad sandbox name.
pub(crate) fn delete_faults(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(json!({"deleted": call.sandbox()?.faults().clear()}).into())
}

/// Removes one rule.
///
/// # Errors
/// [`ControlError`] when there is none of that id.
pub(crate) fn delete_fault(call: &Call<'_>) -> Result<Reply, ControlError> {
    if call.sandbox()?.faults().remove(&call.path) {
        return Ok(json!({"deleted": 1}).into());
    }
    let message = format!("there is no fault rule `{}`", call.path);
    let hint = "GET /_emulator/faults lists what there is";
    Err(ControlError::new(404, "UnknownFault", message, hint))
}

/// Reads a rule; an error is the text of what is wrong with it.
pub(crate) fn parse_fault(actions: Actions, value: &Value) -> Result<Rule, String> {
    let names = Names {
        is_parameter: &|action, name| actions.is_parameter(action, name),
        is_in_code: &|name| actions.is_in_code(name),
    };
    Rule::parse(value, &names)
}

fn rule(actions: Actions, value: &Value, place: &str) -> Result<Rule, ControlError> {
    parse_fault(actions, value)
        .map_err(|error| ControlError::new(400, "InvalidFault", format!("{place}{error}"), HINT))
}

fn listed(rules: &[RuleSummary]) -> Reply {
    let rules: Vec<Map<String, Value>> = rules
        .iter()
        .map(|rule| {
            let mut json = rule.json.clone();
            json.insert("hits".to_owned(), json!(rule.n_hits));
            json.insert("left".to_owned(), json!(rule.left));
            json
        })
        .collect();
    json!({"faults": rules}).into()
}
