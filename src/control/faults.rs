//! Faults: set, listed, removed.

use serde_json::{Value, json};

use crate::actions::Actions;
use crate::control::{Call, ControlError, Reply};
use crate::faults::{Names, Rule, check_size};
use crate::sandbox::Sandbox;

const HINT: &str = "send a rule such as {\"match\": {\"action\": \"ListCustomImages\"}, \"effect\": \
                    {\"error\": \"Throttling.User\"}, \"times\": 2}; docs/control/faults.md lists them all";

/// Replaces all rules with a list of rules.
pub(crate) fn replace_faults(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    // Nothing is read that is too long in any case.
    check_size(0, call.body.trim_ascii().len())?;
    let values: Vec<Value> = call.any_json("send a list of rules, `[]` for none")?;
    check_size(values.len(), 0)?;
    let mut rules = Vec::new();
    for (idx, value) in values.iter().enumerate() {
        rules.push(rule(
            call.gate.actions,
            value,
            &format!("rule {}: ", idx + 1),
        )?);
    }
    sandbox.faults().replace(rules)?;
    call.changed(&sandbox);
    Ok(listed(&sandbox))
}

/// Adds a rule after the others.
pub(crate) fn add_fault(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    check_size(1, call.body.trim_ascii().len())?;
    let rule = rule(call.gate.actions, &call.json(HINT)?, "")?;
    let id = sandbox.faults().add(rule)?;
    call.changed(&sandbox);
    Ok(Reply::created(&json!({"id": id})))
}

/// Lists the rules, with how often each struck and will strike.
pub(crate) fn list_faults(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(listed(&*call.sandbox()?))
}

/// Removes every rule.
pub(crate) fn delete_faults(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(json!({"deleted": call.sandbox()?.faults().clear()}).into())
}

/// Removes one rule.
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

fn listed(sandbox: &Sandbox) -> Reply {
    let mut rules = Vec::new();
    for mut rule in sandbox.faults().summaries() {
        rule.json.insert("hits".to_owned(), rule.n_hits.into());
        rule.json.insert("left".to_owned(), rule.left.into());
        rules.push(rule.json);
    }
    json!({"faults": rules}).into()
}
