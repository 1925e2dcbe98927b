//! An answer, and the rules that every answer keeps.

use bytes::Bytes;
use http::Response;
use quick_xml::events::Event;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    request_id: Option<String>,
    reason: String,
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Panics
    /// When the body is no text.
    pub fn of(response: Response<Bytes>) -> Self {
        let id = response.headers().get("x-acs-request-id");
        let reason = response.headers().get("x-emulator-reason");
        for (name, value) in response.headers() {
            assert!(value.to_str().is_ok(), "{name}: {value:?}");
        }
        Self {
            status: response.status().as_u16(),
            request_id: id.map(|id| id.to_str().unwrap().to_owned()),
            reason: reason.map_or_else(String::new, |reason| reason.to_str().unwrap().to_owned()),
            body: String::from_utf8(response.into_body().to_vec()).unwrap(),
        }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        let json = serde_json::from_str(&self.body);
        json.unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Asserts what holds for every answer of the vendor's API that no fault has broken.
    ///
    /// # Panics
    /// When it does not.
    pub fn assert_vendor(&self) {
        // A magic key may ask for it.
        let is_wanted = self.reason.starts_with("the fault `");
        assert!(self.status != 500 || is_wanted, "{self:?}");
        let id = self.request_id.as_ref().expect("an id in the header");
        let found = if self.body.starts_with("<?xml") {
            xml_request_id(&self.body)
        } else {
            let json = self.json();
            if self.status != 200 {
                let names: Vec<&String> = json.as_object().unwrap().keys().collect();
                let documented = ["RequestId", "HostId", "Code", "Message", "Recommend"];
                assert_eq!(names, documented, "{self:?}");
            }
            json["RequestId"].as_str().unwrap().to_owned()
        };
        assert_eq!(found, *id);
    }

    /// Asserts what holds for every answer of the control API.
    ///
    /// # Panics
    /// When it does not.
    pub fn assert_control(&self) {
        assert_ne!(self.status, 500, "{self:?}");
        if self.status < 400 {
            return;
        }
        let json = self.json();
        for part in ["code", "message", "hint"] {
            let text = json["error"][part].as_str();
            assert!(
                text.is_some_and(|text| !text.is_empty()),
                "no {part}: {self:?}"
            );
        }
    }
}

/// The text of `RequestId` in a document that must be well-formed.
fn xml_request_id(body: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(body);
    reader.config_mut().check_end_names = true;
    let (mut path, mut id) = (Vec::new(), String::new());
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("no XML ({error}): {body}"))
        {
            Event::Start(start) => path.push(start.name().as_ref().to_owned()),
            Event::End(_) => drop(path.pop()),
            Event::Text(text) if path.len() == 2 && path[1] == "RequestId" => id.push_str(&text),
            Event::Eof => {
                assert!(path.is_empty(), "an open element: {body}");
                return id;
            }
            _ => {}
        }
    }
}
