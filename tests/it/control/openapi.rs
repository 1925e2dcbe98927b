//! The OpenAPI document: every answer of every test is held to it, and so is each of its examples.

use std::sync::LazyLock;

use serde_json::{Map, Value};
use swas_emulator::internals::{Timestamp, openapi_document};

use crate::support::World;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| openapi_document().unwrap());

/// Asserts that an answer is one that the document has for this request.
pub(crate) fn assert_documented(method: &str, path: &str, status: u16, body: &Value) {
    let path = path.split('?').next().unwrap();
    let schema = if let Some(operation) = operation(method, path) {
        let response = &operation["responses"][status.to_string()];
        assert!(
            response.is_object(),
            "{method} {path} has no {status} in the document: {body}"
        );
        if let Some(code) = body["error"]["code"].as_str() {
            let meaning = response["description"].as_str().unwrap();
            assert!(
                meaning.contains(&format!("`{code}`")),
                "{method} {path} {status} may not be {code}: {meaning}"
            );
        }
        &resolve(response)["content"]["application/json"]["schema"]
    } else {
        // Another path, or a method that the path does not take.
        assert!(
            matches!(status, 401 | 403..=405),
            "{method} {path}: {status}"
        );
        &DOCUMENT["components"]["schemas"]["Error"]
    };
    if let Err(problem) = check(schema, body) {
        panic!("{method} {path} {status} is not as documented: {problem}\n{body:#}");
    }
}

/// The operation of a request; a path with a name in it has the template's.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (known, found) = (template.split('/'), path.split('/'));
        known.clone().count() == found.clone().count()
            && known
                .zip(found)
                .all(|(known, found)| known == found || known.starts_with('{') && !found.is_empty())
    };
    let item = paths
        .get(path)
        .or_else(|| Some(paths.iter().find(|(template, _)| fits(template))?.1));
    // What answers to GET answers to HEAD too.
    let method = if method == "HEAD" { "GET" } else { method };
    item?.get(method.to_lowercase())
}

fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let place = reference.strip_prefix('#').unwrap();
            let found = DOCUMENT.pointer(place);
            found.unwrap_or_else(|| panic!("there is no {reference}"))
        }
        None => value,
    }
}

/// Checks a value by the part of JSON Schema that the document uses; any other keyword panics.
fn check(schema: &'static Value, value: &Value) -> Result<(), String> {
    let schema = resolve(schema);
    for (keyword, rule) in schema.as_object().unwrap() {
        let good = match keyword.as_str() {
            "description" | "default" | "format" | "examples" => true,
            "type" => is_of_type(rule, value),
            "const" => rule == value,
            "enum" => entries(rule).contains(value),
            "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
            "minimum" => value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap()),
            "minLength" => value
                .as_str()
                .is_none_or(|text| length(text) >= count(rule)),
            "maxLength" => value
                .as_str()
                .is_none_or(|text| length(text) <= count(rule)),
            "maxItems" => value
                .as_array()
                .is_none_or(|list| list.len() <= count(rule)),
            "required" => value
                .as_object()
                .is_none_or(|object| entries(rule).iter().all(|name| has(object, name))),
            "properties" | "additionalProperties" => match value.as_object() {
                Some(object) => check_fields(schema, object).map(|()| true)?,
                None => true,
            },
            "items" => match value.as_array() {
                Some(list) => list
                    .iter()
                    .try_for_each(|entry| check(rule, entry))
                    .map(|()| true)?,
                None => true,
            },
            "oneOf" => n_fitting(rule, value) == 1,
            "anyOf" => n_fitting(rule, value) > 0,
            keyword => panic!("this check knows no keyword `{keyword}`: teach it"),
        };
        if !good {
            return Err(format!("`{keyword}`: {rule} does not allow {value}"));
        }
    }
    Ok(())
}

fn check_fields(schema: &'static Value, object: &Map<String, Value>) -> Result<(), String> {
    let rest = &schema["additionalProperties"];
    for (name, value) in object {
        let rule = match schema["properties"].get(name) {
            Some(rule) => rule,
            None if *rest == Value::Bool(false) => return Err(format!("unknown field `{name}`")),
            None if rest.is_object() => rest,
            None => continue,
        };
        check(rule, value).map_err(|problem| format!("`{name}`: {problem}"))?;
    }
    Ok(())
}

fn entries(rule: &Value) -> &Vec<Value> {
    rule.as_array().unwrap()
}

fn has(object: &Map<String, Value>, name: &Value) -> bool {
    object.contains_key(name.as_str().unwrap())
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn count(rule: &Value) -> usize {
    usize::try_from(rule.as_u64().unwrap()).unwrap()
}

fn n_fitting(rules: &'static Value, value: &Value) -> usize {
    let rules = rules.as_array().unwrap().iter();
    rules.filter(|rule| check(rule, value).is_ok()).count()
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        name => panic!("there is no type `{name}`"),
    };
    rule.as_array()
        .map_or_else(|| is(rule), |names| names.iter().any(is))
}

/// The two patterns of the document, read by hand: a crate for them would be a large one.
fn matches(pattern: &Value, text: &str) -> bool {
    match pattern.as_str().unwrap() {
        "^[A-Za-z0-9._-]{1,128}$" => swas_emulator::internals::SandboxName::parse(text).is_ok(),
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" => {
            Timestamp::parse(text).is_some()
        }
        pattern => panic!("this check knows no pattern `{pattern}`: teach it"),
    }
}

#[tokio::test]
async fn the_emulator_serves_its_document() {
    let world = World::shared().await;
    let reply = world.ok("GET", "/_emulator/openapi.json", "").await;
    assert_eq!(reply, *DOCUMENT);
    assert_eq!(reply["openapi"], "3.1.0");
    assert_eq!(reply["info"]["version"], swas_emulator::VERSION);
}

#[tokio::test]
async fn the_probes_answer_as_documented() {
    let world = World::shared().await;
    for path in ["/livez", "/readyz"] {
        let answer = world.own(path).await;
        assert_documented("GET", path, answer.status, &answer.json());
    }
}

#[test]
fn every_operation_is_described_and_has_a_name_of_its_own() {
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(
                names.insert(operation["operationId"].as_str().unwrap()),
                "{what}"
            );
            for field in ["summary", "description"] {
                assert!(
                    !operation[field].as_str().unwrap().is_empty(),
                    "{what}: {field}"
                );
            }
            if !path.starts_with("/_emulator/") {
                continue;
            }
            // What every route can answer.
            for status in ["400", "403", "404", "413", "503"] {
                assert!(
                    operation["responses"][status].is_object(),
                    "{what}: {status}"
                );
            }
        }
    }
}

#[test]
fn every_example_fits_its_schema() {
    let n_examples = check_examples(&DOCUMENT);
    assert!(n_examples > 40, "only {n_examples} were found");
}

fn check_examples(value: &'static Value) -> usize {
    let mut n_examples = 0;
    // A schema has examples of itself, an answer one of its schema.
    let own = value.get("examples").and_then(Value::as_array);
    let own = own.into_iter().flatten().map(|example| (value, example));
    let other = value.get("schema").zip(value.get("example"));
    for (schema, example) in own.chain(other) {
        check(schema, example).unwrap_or_else(|problem| panic!("{example}: {problem}"));
        n_examples += 1;
    }
    match value {
        Value::Object(fields) => n_examples + fields.values().map(check_examples).sum::<usize>(),
        Value::Array(list) => n_examples + list.iter().map(check_examples).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => n_examples,
    }
}

#[test]
fn the_check_sees_what_is_not_documented() {
    let image = &DOCUMENT["components"]["schemas"]["Image"];
    let good: Value = serde_json::json!({
        "CreationTime": "2026-01-01T00:00:00Z", "InShare": false, "InShareUser": false,
        "RegionId": "cn-hangzhou", "Name": "web", "ImageId": "m-1", "Status": "1",
        "Tags": [{"Key": "a"}], "CreateInstances": [],
    });
    assert_eq!(check(image, &good), Ok(()));
    for (name, bad) in [
        ("Status", "5".into()),
        ("InShare", "false".into()),
        ("Nmae", "web".into()),
        ("CreationTime", "today".into()),
        ("Tags", serde_json::json!([{"Value": "a"}])),
        ("ImageId", "".into()),
        ("UserId", (-1).into()),
    ] {
        let mut image_with = good.clone();
        image_with[name] = bad;
        assert!(check(image, &image_with).is_err(), "{name}");
    }
    let mut without = good;
    without.as_object_mut().unwrap().remove("Name");
    assert!(check(image, &without).is_err());
}
