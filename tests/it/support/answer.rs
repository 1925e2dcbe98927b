//! An HTTP answer, held to the rules that every answer of its API keeps.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use crate::control::openapi;

/// The fields of an action's successful answer.
struct Shape {
    action: &'static str,
    /// In the documented order.
    fields: &'static [&'static str],
    /// The one that is a list, which XML repeats, or leaves out when it is empty.
    list: &'static str,
}

/// The successful answers of all actions; a new action has a new line.
const SHAPES: [Shape; 3] = [
    Shape {
        action: "ListCustomImages",
        fields: &[
            "RequestId",
            "CustomImages",
            "TotalCount",
            "PageSize",
            "PageNumber",
        ],
        list: "CustomImages",
    },
    Shape {
        action: "ListRegions",
        fields: &["RequestId", "Regions"],
        list: "Regions",
    },
    // Made in the test `client_tokens`.
    Shape {
        action: "CreateCustomImage",
        fields: &["ImageId", "RequestId"],
        list: "",
    },
];

/// An HTTP answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub status: u16,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// Sends a request and reads its answer.
    pub(crate) async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let headers = response.headers().iter().map(|(name, value)| {
            let value = value.to_str().unwrap().to_owned();
            (name.as_str().to_owned(), value)
        });
        Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.text().await.unwrap(),
        }
    }

    /// The one value of a header; a header that is sent twice is a failure.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found == name);
        let first = values.next().map(|(_, value)| value.as_str());
        assert_eq!(values.next(), None, "header {name} was sent twice");
        first
    }

    pub(crate) fn reason(&self) -> &str {
        self.header("x-emulator-reason").unwrap_or_default()
    }

    pub(crate) fn warning(&self) -> &str {
        self.header("x-emulator-warning").unwrap_or_default()
    }

    pub(crate) fn is_xml(&self) -> bool {
        self.body.starts_with("<?xml")
    }

    /// The JSON body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| {
            panic!("the body of this answer is no JSON ({error}): {self:?}")
        })
    }

    /// A field of the body, JSON or XML, as text.
    pub(crate) fn field(&self, name: &str) -> String {
        if self.is_xml() {
            let (_, fields) = xml_fields(&self.body);
            let field = fields.into_iter().find(|(found, _)| found == name);
            return field.unwrap_or_else(|| panic!("no {name}: {self:?}")).1;
        }
        let json = self.json();
        let text = json[name].as_str();
        text.unwrap_or_else(|| panic!("{name} is no string: {self:?}"))
            .to_owned()
    }

    /// The code of a refusal, of the vendor's API or of the control API.
    pub(crate) fn code(&self) -> String {
        if !self.is_xml() && self.json().get("error").is_some() {
            return self.error("code");
        }
        self.field("Code")
    }

    /// A part of a refusal of the control API: `code`, `message` or `hint`.
    pub(crate) fn error(&self, part: &str) -> String {
        let json = self.json();
        let text = json["error"][part].as_str();
        text.unwrap_or_else(|| panic!("no {part}: {self:?}"))
            .to_owned()
    }

    /// The images of a successful JSON answer.
    pub(crate) fn images(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "no listing: {self:?}");
        self.json()["CustomImages"].as_array().unwrap().clone()
    }

    /// The ids of the images of a successful JSON answer, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "no listing: {self:?}");
        super::ids(&self.json())
    }

    /// The body with its request id, which must be the header's, replaced by `REQUEST-ID`.
    pub(crate) fn redacted(&self) -> String {
        let id = self.header("x-acs-request-id").unwrap();
        assert_upper_case_uuid(id);
        let n_expected = if self.status == 200 { 1 } else { 2 };
        assert_eq!(self.body.matches(id).count(), n_expected, "{self:?}");
        self.body.replace(id, "REQUEST-ID")
    }

    /// Asserts the status and the code of a refusal.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        let found = (self.status, self.code());
        assert_eq!(found, (status, code.to_owned()), "{self:?}");
    }

    /// Asserts what holds for every answer of the control API to this request.
    #[track_caller]
    pub(crate) fn assert_documented(&self, method: &str, path: &str) {
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(
            self.header("x-emulator-version"),
            Some(env!("CARGO_PKG_VERSION"))
        );
        if method == "HEAD" {
            return;
        }
        openapi::assert_documented(method, path, self.status, &self.json());
        if self.status >= 400 {
            for part in ["code", "message", "hint"] {
                assert_ne!(self.error(part), "", "no {part}: {self:?}");
            }
        }
    }

    /// Asserts what holds for every answer of the vendor's API to a request for `host`.
    #[track_caller]
    pub(crate) fn assert_invariants(&self, host: &str) {
        let id = self.header("x-acs-request-id").unwrap_or_else(|| {
            panic!("no request id: {self:?}");
        });
        assert_upper_case_uuid(id);
        assert_eq!(
            self.header("x-emulator-version"),
            Some(env!("CARGO_PKG_VERSION"))
        );
        let content_type = if self.is_xml() {
            "text/xml;charset=utf-8"
        } else {
            "application/json;charset=utf-8"
        };
        assert_eq!(self.header("content-type"), Some(content_type), "{self:?}");
        assert_eq!(self.field("RequestId"), id);
        for (name, value) in &self.headers {
            let plain = value.bytes().all(|byte| (0x20..=0x7E).contains(&byte));
            assert!(plain, "{name}: {value:?}");
            assert!(value.len() <= 1_024, "{name} is longer than 1 KiB");
        }
        if self.status == 200 {
            self.assert_success();
        } else {
            self.assert_refusal(host);
        }
    }

    fn assert_success(&self) {
        assert_eq!(self.header("x-emulator-reason"), None);
        if self.is_xml() {
            let (root, fields) = xml_fields(&self.body);
            let action = root.strip_suffix("Response");
            let shape = SHAPES.iter().find(|shape| Some(shape.action) == action);
            let shape = shape.unwrap_or_else(|| panic!("no action has this answer: {self:?}"));
            // Every field but the list stands there once, in its place.
            let mut found: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
            found.retain(|name| *name != shape.list);
            let mut expected = shape.fields.to_vec();
            expected.retain(|name| *name != shape.list);
            assert_eq!(found, expected, "{self:?}");
            return;
        }
        let json = self.json();
        let found: Vec<_> = json.as_object().unwrap().keys().collect();
        let is_known = SHAPES.iter().any(|shape| found == shape.fields);
        assert!(is_known, "no action has this answer: {self:?}");
        for name in ["TotalCount", "PageSize", "PageNumber"] {
            let is_text = json.get(name).is_none_or(Value::is_string);
            assert!(is_text, "{name} is no string: {self:?}");
        }
    }

    fn assert_refusal(&self, host: &str) {
        assert!((400..600).contains(&self.status), "{self:?}");
        assert_ne!(self.reason(), "", "no reason: {self:?}");
        let names: Vec<String> = if self.is_xml() {
            let (root, fields) = xml_fields(&self.body);
            assert_eq!(root, "Error");
            fields.into_iter().map(|(name, _)| name).collect()
        } else {
            let json = self.json();
            json.as_object().unwrap().keys().cloned().collect()
        };
        let documented = ["RequestId", "HostId", "Code", "Message", "Recommend"];
        assert_eq!(names, documented, "{self:?}");
        // `field` fails on anything but a string.
        assert_eq!(self.field("HostId"), host);
        assert_ne!(self.field("Message"), "");
        // Source: the vendor's real error bodies in public issues since 2023; read 2026-11-24.
        let (code, id) = (self.code(), self.field("RequestId"));
        assert_eq!(
            self.field("Recommend"),
            format!(
                "https://api.aliyun.com/troubleshoot?q={code}&product=SWAS-OPEN&requestId={id}"
            )
        );
    }
}

/// Asserts the form of a request id: `XXXXXXXX-XXXX-4XXX-XXXX-XXXXXXXXXXXX`, upper case.
pub(crate) fn assert_upper_case_uuid(id: &str) {
    let groups: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    let hex = |c: char| c == '-' || c.is_ascii_digit() || ('A'..='F').contains(&c);
    assert!(id.chars().all(hex), "{id}");
}

/// The root of an XML document, and its children with their text, markup inside left out.
fn xml_fields(body: &str) -> (String, Vec<(String, String)>) {
    let mut reader = Reader::from_str(body);
    reader.config_mut().check_end_names = true;
    let (mut root, mut fields, mut depth) = (String::new(), Vec::new(), 0);
    loop {
        let event = reader.read_event();
        match event.unwrap_or_else(|error| panic!("no XML ({error}): {body}")) {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                match depth {
                    0 => root = name,
                    1 => fields.push((name, String::new())),
                    _ => {}
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(text) if depth == 2 => {
                let (_, field) = fields.last_mut().unwrap();
                field.push_str(&text);
            }
            Event::GeneralRef(name) if depth >= 2 => {
                let (_, field) = fields.last_mut().unwrap();
                field.push(match name.as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    other => panic!("entity {other} in {body}"),
                });
            }
            Event::Eof => {
                assert_eq!(depth, 0, "an open element: {body}");
                return (root, fields);
            }
            Event::Decl(_) | Event::Text(_) => {}
            other @ (Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_)) => panic!("{other:?} in {body}"),
        }
    }
}
