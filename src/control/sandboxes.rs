//! The sandboxes themselves: created, listed, removed.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::control::call::BODY_FIXTURE;
use crate::control::{Call, ControlError, Reply};
use crate::fixture::{self, Fixture};
use crate::sandbox::{SandboxName, seed_store};
use crate::store::Store;

const HINT: &str =
    "send nothing, a fixture, or {\"accessKeyId\": \"ci-7\", \"fixture\": \"default\"}";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewSandbox {
    access_key_id: Option<String>,
    fixture: Option<Box<RawValue>>,
}

/// Creates a sandbox: from a fixture in the body, from a loaded one by name, or from the seed.
pub(crate) fn create_sandbox(call: &Call<'_>) -> Result<Reply, ControlError> {
    let (access_key_id, fixture) = new_sandbox(call)?;
    let name = access_key_id.as_deref().map(SandboxName::parse);
    let name = name.transpose()?;
    let seed = fixture.map(|fixture| seed(call, fixture)).transpose()?;
    let sandbox = call.gate.sandboxes.create(name, seed)?;
    Ok(Reply::created(&json!({
        "accessKeyId": sandbox.name().as_str(),
        "accessKeySecret": sandbox.secret(),
        "endpoint": format!("http://{}", call.host),
        "expiresAt": call.gate.sandboxes.next_expiry(),
    })))
}

/// The name and the fixture that the body asks for; the body may also be the fixture itself.
fn new_sandbox(call: &Call<'_>) -> Result<(Option<String>, Option<Fixture>), ControlError> {
    if call.body.is_empty() {
        return Ok((None, None));
    }
    let has_images = |fields: Map<String, Value>| fields.contains_key("CustomImages");
    if call.is_list() || has_images(call.json(HINT)?) {
        return Ok((None, Some(call.fixture()?)));
    }
    let new: NewSandbox = call.json(HINT)?;
    let fixture = match new.fixture.as_deref().map(RawValue::get) {
        None => None,
        Some(json) if json.starts_with(['{', '[']) => Some(Fixture::from_json(BODY_FIXTURE, json)),
        Some(json) => {
            let name: String = serde_json::from_str(json).map_err(|_| {
                let message = format!("`fixture` must be a fixture or the name of one, got {json}");
                ControlError::bad_request(message, HINT)
            })?;
            Some(loaded(call, &name)?)
        }
    };
    Ok((new.access_key_id, fixture))
}

fn seed(call: &Call<'_>, fixture: Fixture) -> Result<Store, ControlError> {
    let regions = call.gate.sandboxes.default_sandbox().regions();
    let now = call.gate.sandboxes.new_clock().now();
    let fixture = [fixture];
    let resources = fixture::read(&fixture, call.gate.sandboxes.kinds(), regions, now);
    Ok(seed_store(resources, now, call.gate.sandboxes.cache())?)
}

/// A loaded fixture by its name: the path as given at the start, or the file's name, with or
/// without `.json`. The built-in ones are always loaded.
fn loaded(call: &Call<'_>, name: &str) -> Result<Fixture, ControlError> {
    let built_in = Fixture::built_in_all();
    let all = || call.fixtures.iter().chain(&built_in);
    if let Some(fixture) = all().find(|fixture| fixture.is_named(name)) {
        return Ok(fixture.clone());
    }
    let names: Vec<&str> = all().map(Fixture::name).collect();
    let message = format!("no fixture `{name}` is loaded");
    let hint = format!("loaded fixtures: {}", names.join(", "));
    Err(ControlError::new(404, "UnknownFixture", message, hint))
}

/// Lists the sandboxes, the default one first.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature is the one of every route"
)]
pub(crate) fn list_sandboxes(call: &Call<'_>) -> Result<Reply, ControlError> {
    let mut sandboxes = Vec::new();
    for summary in call.gate.sandboxes.summaries() {
        sandboxes.push(json!({
            "accessKeyId": summary.name.as_str(),
            "bytes": summary.n_bytes,
            "expiresAt": summary.expires_at,
        }));
    }
    Ok(json!({"sandboxes": sandboxes}).into())
}

/// Removes a sandbox.
pub(crate) fn end_sandbox(call: &Call<'_>) -> Result<Reply, ControlError> {
    let name = SandboxName::parse(&call.path)?;
    if name.is_default() {
        let message = "the sandbox `default` is always there";
        let hint = "POST /_emulator/reset takes it back to the seed";
        return Err(ControlError::new(409, "ReservedName", message, hint));
    }
    if call.gate.sandboxes.end(&name) {
        return Ok(json!({"deleted": 1}).into());
    }
    let hint = "GET /_emulator/sandboxes lists what there is";
    Err(ControlError::unknown_sandbox(name.as_str(), hint))
}
