//! XML as the product writes it: the JSON's names, and a list as its element repeated.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use serde_json::Value;

/// Writes a JSON object as an XML document whose root is `root`.
///
/// A list becomes its element once for each entry, without a wrapper; an empty list and `null`
/// leave nothing.
///
/// Source: the XML examples of the product's other list actions; `ListCustomImages` has none.
pub(super) fn document(root: &str, body: &Value) -> String {
    let mut text = String::from("<?xml version='1.0' encoding='UTF-8'?>");
    write_element(&mut text, root, body);
    text
}

fn write_element(text: &mut String, name: &str, value: &Value) {
    // Writing to a `String` cannot fail.
    match value {
        Value::Null => {}
        Value::Array(entries) => {
            for entry in entries {
                write_element(text, name, entry);
            }
        }
        Value::Object(fields) => {
            write!(text, "<{name}>").ok();
            for (name, value) in fields {
                write_element(text, name, value);
            }
            write!(text, "</{name}>").ok();
        }
        Value::String(content) => {
            write!(text, "<{name}>{}</{name}>", escape(content.as_str())).ok();
        }
        Value::Bool(_) | Value::Number(_) => {
            write!(text, "<{name}>{value}</{name}>").ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_its_element_repeated_and_text_is_escaped() {
        let body = json!({"Name": "a<b&c", "Ids": ["1", "2"], "Tags": [{"Key": "k"}], "None": []});
        assert_eq!(
            document("R", &body),
            "<?xml version='1.0' encoding='UTF-8'?><R><Name>a&lt;b&amp;c</Name><Ids>1</Ids>\
             <Ids>2</Ids><Tags><Key>k</Key></Tags></R>"
        );
    }
}
