//! The journal: recorded requests listed, counted, verified and explained.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::actions::{self, Explanation};
use crate::control::call::Wanted;
use crate::control::{Call, ControlError, Reply};
use crate::journal::{
    Find, RecordedRequest, RequestMatch, Since, Verification, parameter_uses, retries,
};
use crate::sandbox::Sandbox;

const MATCH_HINT: &str = "send {\"action\": \"ListCustomImages\", \"parameters\": {\"PageSize\": \"3\"}}; all of it may be left out";

const VERIFY_HINT: &str = "send [{\"match\": {\"action\": \"ListCustomImages\"}, \"times\": 1}], or \
                           {\"inOrder\": true, \"expectations\": […]}";

/// Lists recorded requests, oldest first, a page at a time.
pub(crate) fn list_requests(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let (page_number, page_size) = call.page()?;
    let found = sandbox.journal().find(&find(call)?);
    let in_memory = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let requests: Vec<Value> = found
        .iter()
        .skip(in_memory((page_number - 1) * page_size))
        .take(in_memory(page_size))
        .map(|request| request.json())
        .collect();
    Ok(json!({
        "requests": requests,
        "totalCount": found.len(),
        "pageNumber": page_number,
        "pageSize": page_size,
        "forgotten": sandbox.journal().n_forgotten(),
    })
    .into())
}

fn find(call: &Call<'_>) -> Result<Find, ControlError> {
    let text = |name| call.query.value(name).map(str::to_owned);
    let status = text("status").map(|status| status.parse()).transpose();
    let status = status.map_err(|_| {
        let rule = "`status` must be a number such as 400";
        ControlError::bad_request(rule, "leave it out for all")
    })?;
    let mut find = Find {
        like: RequestMatch {
            action: text("action"),
            status,
            code: text("code"),
            ..RequestMatch::default()
        },
        having: None,
        since: call.query.value("since").map(Since::parse),
    };
    if let Some(pair) = text("parameter") {
        match pair.split_once('=') {
            None => find.having = Some(pair),
            Some((name, value)) => {
                let (name, value) = (name.to_owned(), value.to_owned());
                find.like.parameters.insert(name, value);
            }
        }
    }
    Ok(find)
}

/// Returns one recorded request.
pub(crate) fn read_request(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    Ok(recorded(call, &sandbox)?.json().into())
}

fn recorded(call: &Call<'_>, sandbox: &Sandbox) -> Result<Arc<RecordedRequest>, ControlError> {
    sandbox.journal().entry(&call.path).ok_or_else(|| {
        let message = format!("no request `{}` is recorded", call.path);
        let hint = "GET /_emulator/requests lists what is; the oldest ones make room for new ones";
        ControlError::new(404, "UnknownRequest", message, hint)
    })
}

/// Counts the recorded requests that are like the body.
pub(crate) fn count_requests(call: &Call<'_>) -> Result<Reply, ControlError> {
    let mut find = Find::default();
    if !call.body.is_empty() {
        find.like = call.json(MATCH_HINT)?;
    }
    Ok(json!({"count": call.sandbox()?.journal().find(&find).len()}).into())
}

/// Deletes every recorded request.
pub(crate) fn delete_requests(call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(json!({"deleted": call.sandbox()?.journal().clear()}).into())
}

/// Compares expectations with the recorded requests.
pub(crate) fn verify(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let verification: Verification = call.any_json(VERIFY_HINT)?;
    let n_expectations = verification
        .check()
        .map_err(|rule| ControlError::bad_request(rule, VERIFY_HINT))?;
    let requests = sandbox.journal().entries();
    if let Err(unmet) = verification.verify(&requests) {
        return Err(ControlError::of(409, "NotVerified", &unmet));
    }
    if call.wanted == Wanted::Text {
        return Ok(Reply::text(format!("{n_expectations} met\n")));
    }
    Ok(json!({"met": n_expectations}).into())
}

/// Counts how each parameter was taken, by action and client.
pub(crate) fn list_parameters(call: &Call<'_>) -> Result<Reply, ControlError> {
    let requests = call.sandbox()?.journal().entries();
    let mut callers = Vec::new();
    for ((action, client), uses) in parameter_uses(requests.iter().map(|request| &**request)) {
        let parameters = uses.into_iter().map(|(name, uses)| {
            json!({
                "name": name,
                "served": uses.n_served,
                "ignored": uses.n_ignored,
                "refused": uses.n_refused,
            })
        });
        let parameters: Vec<Value> = parameters.collect();
        callers.push(json!({"action": action, "client": client, "parameters": parameters}));
    }
    Ok(json!({"callers": callers}).into())
}

/// Groups requests that were sent again because the one before failed.
pub(crate) fn list_retries(call: &Call<'_>) -> Result<Reply, ControlError> {
    let mut groups = Vec::new();
    for group in retries(&call.sandbox()?.journal().entries()) {
        let attempts = group.attempts.iter().map(|request| {
            json!({
                "requestId": request.request_id,
                "status": (request.status > 0).then_some(request.status),
                "code": request.code,
                "fault": request.fault,
            })
        });
        groups.push(json!({
            "action": group.attempts.first().and_then(|request| request.action.clone()),
            "attempts": attempts.collect::<Vec<Value>>(),
            "gapsMs": group.gaps_ms(),
            "backOffGrew": group.has_growing_gaps(),
            "wonBy": group.winner(),
        }));
    }
    Ok(json!({"retries": groups}).into())
}

/// Explains what a request with this query gets, and why.
pub(crate) fn explain_query(call: &Call<'_>) -> Result<Reply, ControlError> {
    let named = call.query.value("sandbox");
    let params = call.query.without("sandbox");
    let explanation = actions::explain_query(call.gate, named, &params)?;
    Ok(explained(call, &explanation))
}

/// Explains a recorded request, with the images as they are now.
pub(crate) fn explain_request(call: &Call<'_>) -> Result<Reply, ControlError> {
    let sandbox = call.sandbox()?;
    let request = recorded(call, &sandbox)?;
    let explanation = actions::explain_recorded(call.gate, &sandbox, &request)?;
    Ok(explained(call, &explanation))
}

fn explained(call: &Call<'_>, explanation: &Explanation) -> Reply {
    match call.wanted {
        Wanted::Json => explanation.json().into(),
        Wanted::Text => Reply::text(explanation.text()),
    }
}
