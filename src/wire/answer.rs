//! Answers and errors, written as JSON or XML in one place.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::wire::{ApiError, Format, PRODUCT, xml};

/// What an action answers, without the request's ID.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    fields: Vec<(&'static str, Field)>,
}

/// The value of one field of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The request's ID, a new one for each answer.
    RequestId,
    /// A number that the vendor writes as a string, such as `"TotalCount":"12"`.
    Count(u64),
    /// A text.
    Text(String),
    /// A list of JSON objects, ready-made, with a comma between two.
    Documents(Arc<String>),
}

impl Answer {
    /// An answer with these fields, in the vendor's order.
    pub fn new(fields: Vec<(&'static str, Field)>) -> Self {
        Self { fields }
    }

    /// Writes the answer of an action in a format.
    ///
    /// Fails only when a ready-made document is no JSON: a stored one is damaged.
    pub(crate) fn render(
        &self,
        format: Format,
        action: &str,
        request_id: &str,
    ) -> serde_json::Result<String> {
        let json = self.json(request_id);
        match format {
            Format::Json => Ok(json),
            Format::Xml => {
                let body: Value = serde_json::from_str(&json)?;
                Ok(xml::document(&format!("{action}Response"), &body))
            }
        }
    }

    /// Writes the answer as JSON. The ready-made documents are copied as they are.
    pub fn json(&self, request_id: &str) -> String {
        /// Room for the names and the short fields.
        const FRAME_BYTES: usize = 160;
        let mut json = String::with_capacity(self.n_bytes() + FRAME_BYTES);
        json.push('{');
        for (idx, (name, field)) in self.fields.iter().enumerate() {
            // By `push_str`, which costs less than `write!` for every answer.
            json.push_str(if idx == 0 { "\"" } else { ",\"" });
            json.push_str(name);
            json.push_str("\":");
            let [open, close] = match field {
                Field::RequestId | Field::Count(_) => ["\"", "\""],
                Field::Text(_) => ["", ""],
                Field::Documents(_) => ["[", "]"],
            };
            json.push_str(open);
            match field {
                // A UUID needs no escaping.
                Field::RequestId => json.push_str(request_id),
                // Writing to a `String` cannot fail.
                Field::Count(count) => drop(write!(json, "{count}")),
                Field::Text(text) => drop(write!(json, "{}", Value::from(text.as_str()))),
                Field::Documents(documents) => json.push_str(documents),
            }
            json.push_str(close);
        }
        json.push('}');
        json
    }

    /// The bytes of the texts that the answer holds.
    pub(crate) fn n_bytes(&self) -> usize {
        let bytes = self.fields.iter().map(|(_, field)| match field {
            Field::RequestId | Field::Count(_) => 0,
            Field::Text(text) => text.len(),
            Field::Documents(documents) => documents.len(),
        });
        bytes.sum()
    }
}

impl ApiError {
    /// Writes the error's body, with its fields in the vendor's order.
    ///
    /// Source: the gateway's documented error answer; every field is a string, or one client fails.
    pub fn body(&self, format: Format, request_id: &str, host: &str) -> String {
        let Self { code, message, .. } = self;
        let body = json!({
            "RequestId": request_id,
            "HostId": host,
            "Code": code,
            "Message": message,
            "Recommend": format!(
                "https://api.aliyun.com/troubleshoot?q={code}&product={PRODUCT}&requestId={request_id}"
            ),
        });
        match format {
            Format::Json => body.to_string(),
            Format::Xml => xml::document("Error", &body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_in_their_order_in_both_formats() {
        let answer = Answer::new(vec![
            ("ImageId", Field::Text("m-\"1\"".to_owned())),
            ("RequestId", Field::RequestId),
            (
                "Regions",
                Field::Documents(Arc::new(r#"{"Id":"a"},{"Id":"b"}"#.to_owned())),
            ),
            ("TotalCount", Field::Count(2)),
        ]);
        assert_eq!(
            answer.render(Format::Json, "ListThings", "ID").unwrap(),
            r#"{"ImageId":"m-\"1\"","RequestId":"ID","Regions":[{"Id":"a"},{"Id":"b"}],"TotalCount":"2"}"#
        );
        assert_eq!(
            answer.render(Format::Xml, "ListThings", "ID").unwrap(),
            "<?xml version='1.0' encoding='UTF-8'?><ListThingsResponse><ImageId>m-&quot;1&quot;\
             </ImageId><RequestId>ID</RequestId><Regions><Id>a</Id></Regions><Regions><Id>b</Id>\
             </Regions><TotalCount>2</TotalCount></ListThingsResponse>"
        );
    }
}
