//! Cutting a line of the log that is too long, so that it stays a whole line of its format.

use serde_json::{Map, Value};

use crate::base::limits::LOG_LINE_BYTES_MAX;
use crate::telemetry::LogFormat;

/// Stands where something was cut.
const MARK: &str = "... (cut)";

/// Ends the colours that a cut line of a terminal may have left on.
const RESET: &str = "\x1b[0m";

/// Longest text of one field, in bytes, in a JSON line that is cut.
const FIELD_BYTES_MAX: usize = 512;

/// Cuts a line, which ends in a line break, to the longest that is written.
pub(super) fn cut(line: &str, format: LogFormat) -> String {
    let mut line = match format {
        LogFormat::Text => cut_text(line),
        LogFormat::Json => cut_json(line).to_string(),
    };
    line.push('\n');
    line
}

fn cut_text(line: &str) -> String {
    let room = LOG_LINE_BYTES_MAX - MARK.len() - RESET.len() - 1;
    let mut cut = head(line.trim_end(), room).to_owned() + MARK;
    if line.contains('\x1b') {
        cut.push_str(RESET);
    }
    cut
}

/// Shortens the long texts of a JSON line, and leaves out fields from the end until it fits.
fn cut_json(line: &str) -> Value {
    let mut fields: Map<String, Value> = serde_json::from_str(line).unwrap_or_default();
    for field in fields.values_mut() {
        if let Value::String(text) = field
            && text.len() > FIELD_BYTES_MAX
        {
            *text = head(text, FIELD_BYTES_MAX).to_owned() + MARK;
        }
    }
    let mut n_bytes = r#"{"cut":true}"#.len() + 1;
    fields.retain(|name, value| {
        n_bytes += format!("{}:{value},", Value::from(name.as_str())).len();
        n_bytes <= LOG_LINE_BYTES_MAX
    });
    fields.insert("cut".to_owned(), true.into());
    fields.into()
}

/// The longest head of a text that has at most so many bytes and ends neither inside a character
/// nor inside an escape such as `\n`, `\u{202e}` or a colour of a terminal.
fn head(text: &str, bytes_max: usize) -> &str {
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(rest) = bytes.get(end..).filter(|rest| !rest.is_empty()) {
        let up_to = |is_last: fn(&u8) -> bool| rest.iter().skip(2).position(is_last).map(|n| n + 3);
        let n_bytes = match rest {
            [b'\\', b'u', b'{', ..] => up_to(|byte| *byte == b'}'),
            [b'\\', ..] => Some(2),
            [b'\x1b', b'[', ..] => up_to(u8::is_ascii_alphabetic),
            _ => Some(1),
        };
        match n_bytes {
            Some(n_bytes) if end + n_bytes <= bytes_max => end += n_bytes,
            _ => break,
        }
    }
    &text[..text.floor_char_boundary(end)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("abc", 3, "abc")]
    #[case("abcd", 3, "abc")]
    #[case("aé", 2, "a")]
    #[case(r"a\n", 2, "a")]
    #[case(r"a\n", 3, r"a\n")]
    #[case(r"\\n", 2, r"\\")]
    #[case(r"a\u{202e}b", 3, "a")]
    #[case(r"a\u{202e}b", 8, "a")]
    #[case(r"a\u{202e}b", 9, r"a\u{202e}")]
    #[case("a\x1b[32mb", 4, "a")]
    #[case("a\x1b[32mb", 6, "a\x1b[32m")]
    #[case("\\é", 2, "\\")]
    fn a_head_ends_inside_no_character_and_no_escape(
        #[case] text: &str,
        #[case] bytes_max: usize,
        #[case] expected: &str,
    ) {
        assert_eq!(head(text, bytes_max), expected);
    }

    proptest! {
        #[test]
        fn a_cut_line_is_one_line_that_is_short_enough(
            part in "[ -~\u{80}-\u{2100}\u{1b}]{1,40}",
            n_parts in 200..2_000_usize,
        ) {
            let line = format!("{}\n", part.repeat(n_parts));
            let cut = cut(&line, LogFormat::Text);
            prop_assert!(cut.len() <= LOG_LINE_BYTES_MAX, "{}", cut.len());
            prop_assert_eq!(cut.find('\n'), Some(cut.len() - 1));
        }

        #[test]
        fn a_cut_json_line_is_still_json(texts: Vec<String>, n_times in 1..2_000_usize) {
            let texts = texts.iter().enumerate();
            let fields: Map<String, Value> = texts
                .map(|(idx, text)| (format!("field{idx}"), text.repeat(n_times).into()))
                .collect();
            let cut = cut(&format!("{}\n", Value::from(fields)), LogFormat::Json);
            prop_assert!(cut.len() <= LOG_LINE_BYTES_MAX, "{}", cut.len());
            prop_assert_eq!(cut.find('\n'), Some(cut.len() - 1));
            let read: Value = serde_json::from_str(&cut).unwrap();
            prop_assert_eq!(&read["cut"], true);
        }
    }
}
