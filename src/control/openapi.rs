//! The OpenAPI document: its paths made from [`ROUTES`], its schemas written by hand.

use serde_json::{Map, Value, json};

use crate::VERSION;
use crate::control::parameters::{Form, Parameter};
use crate::control::refusals::REFUSALS;
use crate::control::route::{Content, Query, Route};
use crate::control::{Call, ControlError, ROUTES, Reply};

/// The parts that no route has: the head, the schemas, and the paths outside of `/_emulator/`.
const BY_HAND: &str = include_str!("schemas.json");

/// Returns the document.
pub(crate) fn openapi(_call: &Call<'_>) -> Result<Reply, ControlError> {
    Ok(document().map_err(ControlError::internal)?.into())
}

/// Makes the document.
///
/// # Errors
/// [`serde_json::Error`] when the part that is written by hand is not JSON, which a test rules out.
pub fn document() -> Result<Value, serde_json::Error> {
    let mut document: Value = serde_json::from_str(BY_HAND)?;
    document["info"]["version"] = VERSION.into();
    for route in &ROUTES {
        let method = route.method.as_str().to_lowercase();
        document["paths"][route.path][method] = operation(route);
    }
    // The empty requirement: without `--control-token`, nobody needs one.
    document["components"]["securitySchemes"] = json!({
        "controlToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "The value of `--control-token`, if the emulator runs with it.",
        }
    });
    document["security"] = json!([{"controlToken": []}, {}]);
    fill_images(&mut document["components"]["schemas"]);
    for refusal in &REFUSALS {
        document["components"]["responses"][refusal.name] = json!({
            "description": format!("{}.", refusal.meaning),
            "content": {"application/json": {"schema": schema("Error")}},
        });
    }
    Ok(document)
}

/// Copies the fields of a stored image to the schemas of a new image and of a patch; in both, a
/// field may be `null` unless it is required.
fn fill_images(schemas: &mut Value) {
    for name in ["NewImage", "ImagePatch"] {
        let mut fields = schemas["Image"]["properties"].clone();
        let required = schemas[name]["required"].as_array().cloned();
        let required = required.unwrap_or_default();
        for (name, field) in fields.as_object_mut().into_iter().flatten() {
            if !required.contains(&Value::from(&**name)) {
                allow_null(field);
            }
        }
        schemas[name]["properties"] = fields;
    }
}

fn allow_null(field: &mut Value) {
    field["type"] = json!([field["type"], "null"]);
    if let Some(values) = field.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
    // A patch that leaves a field out leaves it as it is.
    if let Some(field) = field.as_object_mut() {
        field.shift_remove("default");
    }
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "tags": [route.subject],
        "operationId": route.operation_id,
        "summary": summary(route.operation_id),
        "description": route.description,
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = route.body {
        operation["requestBody"] = json!({
            "required": body.is_required,
            "content": {"application/json": {"schema": schema(body.schema)}},
        });
    }
    operation["responses"] = responses(route).into();
    operation
}

/// Makes a sentence of an operation's name: `listImages` becomes `List images`.
fn summary(operation_id: &str) -> String {
    let mut summary = String::new();
    for letter in operation_id.chars() {
        match letter {
            first if summary.is_empty() => summary.push(first.to_ascii_uppercase()),
            'A'..='Z' => summary.extend([' ', letter.to_ascii_lowercase()]),
            other => summary.push(other),
        }
    }
    summary
}

fn parameters(route: &Route) -> Vec<Value> {
    let mut parameters = Vec::new();
    if let Some(known) = &route.path_parameter {
        let mut in_path = parameter("path", known);
        in_path["required"] = true.into();
        parameters.push(in_path);
    }
    match route.query {
        Query::Known(known) => {
            parameters.extend(known.iter().map(|known| parameter("query", known)));
        }
        Query::Vendor(meaning) => parameters.push(json!({
            "name": "*",
            "in": "query",
            "description": meaning,
            "style": "form",
            "explode": true,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        })),
    }
    parameters
}

fn parameter(place: &str, parameter: &Parameter) -> Value {
    let schema = match parameter.form {
        Form::Text => json!({"type": "string", "minLength": 1}),
        Form::Name(None) => schema("Name"),
        Form::Name(Some(default)) => {
            json!({"$ref": "#/components/schemas/Name", "default": default})
        }
        Form::Integer => json!({"type": "integer"}),
        Form::Count { max, default } => {
            json!({"type": "integer", "minimum": 1, "maximum": max, "default": default})
        }
    };
    json!({
        "name": parameter.name,
        "in": place,
        "description": parameter.meaning,
        "schema": schema,
    })
}

fn responses(route: &Route) -> Map<String, Value> {
    let mut responses = Map::new();
    for (status, answer) in [("200", route.ok), ("201", route.created)] {
        if let Some((content, meaning)) = answer {
            responses.insert(status.to_owned(), success(content, meaning));
        }
    }
    for refusal in &REFUSALS {
        let codes: Vec<String> = route
            .error_codes()
            .filter(|code| refusal.codes.contains(code))
            .map(|code| format!("`{code}`"))
            .collect();
        if !codes.is_empty() {
            let response = json!({
                "$ref": format!("#/components/responses/{}", refusal.name),
                "description": format!("{}: {}.", refusal.meaning, codes.join(", ")),
            });
            responses.insert(refusal.status.to_owned(), response);
        }
    }
    responses
}

fn success(content: Content, meaning: &str) -> Value {
    let text = json!({"schema": {"type": "string"}});
    let content = match content {
        Content::Json(name) => json!({"application/json": {"schema": schema(name)}}),
        Content::JsonOrText(name) => {
            json!({"application/json": {"schema": schema(name)}, "text/plain": text})
        }
        Content::Events => json!({"text/event-stream": text}),
    };
    json!({"description": meaning, "content": content})
}

fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::base::Timestamp;
    use crate::resources::{self, Image, OsType, Regions, Status};

    /// Every schema that some part of the document refers to.
    fn used(value: &Value, document: &Value, found: &mut BTreeSet<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            if key == "$ref" {
                let reference = value.as_str().unwrap();
                let target = document.pointer(reference.strip_prefix('#').unwrap());
                let target = target.unwrap_or_else(|| panic!("there is no {reference}"));
                if found.insert(reference.to_owned()) {
                    used(target, document, found);
                }
            }
            used(value, document, found);
        }
        for value in value.as_array().into_iter().flatten() {
            used(value, document, found);
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_shared_part_is_used() {
        let document = document().unwrap();
        let mut found = BTreeSet::new();
        used(&document["paths"], &document, &mut found);
        for kind in ["schemas", "responses"] {
            for name in document["components"][kind].as_object().unwrap().keys() {
                let reference = format!("#/components/{kind}/{name}");
                assert!(found.contains(&reference), "nothing uses {reference}");
            }
        }
    }

    #[test]
    fn every_route_is_an_operation_with_its_parameters_and_body() {
        let document = document().unwrap();
        for route in &ROUTES {
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][route.path][method];
            let parameters = operation["parameters"].as_array();
            let names: Vec<&str> = parameters
                .into_iter()
                .flatten()
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let in_path = route.path.split('{').nth(1);
            let mut expected: Vec<&str> = in_path
                .map(|name| name.split('}').next().unwrap())
                .into_iter()
                .collect();
            match route.query {
                Query::Known(known) => expected.extend(known.iter().map(|known| known.name)),
                Query::Vendor(_) => expected.push("*"),
            }
            assert_eq!(names, expected, "{route:?}");
            assert_eq!(
                operation.get("requestBody").is_some(),
                route.body.is_some(),
                "{route:?}"
            );
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status.starts_with('2')),
                "{route:?}"
            );
            let tags = document["tags"].as_array().unwrap();
            assert!(
                tags.iter().any(|tag| tag["name"] == route.subject),
                "{route:?}"
            );
        }
    }

    #[test]
    fn an_image_has_just_the_documented_fields() {
        let text = || Some("x".to_owned());
        // Every field stands here, or this does not compile.
        let full = Image {
            creation_time: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
            data_snapshot_name: text(),
            system_snapshot_id: text(),
            in_share: true,
            in_share_user: true,
            instance_id: text(),
            data_snapshot_id: text(),
            region_id: Regions::default().parse("cn-hangzhou").unwrap(),
            system_snapshot_name: text(),
            description: text(),
            name: "web".to_owned(),
            image_id: "m-1".to_owned(),
            status: Status::default(),
            tags: Vec::new(),
            instance_name: text(),
            resource_group_id: text(),
            create_instances: Vec::new(),
            user_id: Some(1),
            os_type: Some(OsType::Linux),
            required_system_disk_size_gib: Some(40),
            required_data_disk_size_gib: Some(0),
            source_image_name: text(),
            source_image_version: text(),
        };
        let full: Map<String, Value> = serde_json::from_str(&resources::document(&full)).unwrap();
        let document = document().unwrap();
        for schema in ["Image", "NewImage", "ImagePatch"] {
            let schema = &document["components"]["schemas"][schema]["properties"];
            let documented: Vec<&String> = schema.as_object().unwrap().keys().collect();
            let timeline = "x-timeline".to_owned();
            let fields: Vec<&String> = full.keys().chain([&timeline]).collect();
            assert_eq!(documented, fields);
        }
    }
}
