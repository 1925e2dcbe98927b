//! Values of our own `x-emulator-…` headers: any text, made safe and short.

use std::fmt::Display;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::base::limits::NOTE_BYTES_MAX;

/// Everything outside 0x20 to 0x7E, and `%` itself, so that the encoding can be undone.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// Joins texts to one header value of at most 1 KiB; `None` when there is none.
///
/// Texts that no longer fit are counted at the end: `...and 3 more`. A first text that is too long
/// by itself is cut.
pub(crate) fn note<T: Display>(texts: impl IntoIterator<Item = T>) -> Option<String> {
    let texts: Vec<T> = texts.into_iter().collect();
    let mut value = String::new();
    for (idx, text) in texts.iter().enumerate() {
        let text = encoded(&text.to_string());
        let separator = if idx == 0 { "" } else { "; " };
        let rest = more(texts.len() - idx - 1);
        if value.len() + separator.len() + text.len() + rest.len() <= NOTE_BYTES_MAX {
            value.push_str(separator);
            value.push_str(&text);
        } else if idx == 0 {
            let room = NOTE_BYTES_MAX - rest.len().max("...".len());
            value.push_str(cut(&text, room));
            value.push_str(if rest.is_empty() { "..." } else { &rest });
            return Some(value);
        } else {
            value.push_str(&more(texts.len() - idx));
            return Some(value);
        }
    }
    (!texts.is_empty()).then_some(value)
}

/// As much of a text as can matter: a character more than there is room for shows that it is cut.
fn encoded(text: &str) -> String {
    let head = &text[..text.ceil_char_boundary(NOTE_BYTES_MAX + 1)];
    utf8_percent_encode(head, ESCAPED).to_string()
}

fn more(n_left: usize) -> String {
    if n_left == 0 {
        String::new()
    } else {
        format!("...and {n_left} more")
    }
}

/// Cuts percent-encoded text to at most `bytes_max`, never inside an escape.
fn cut(text: &str, bytes_max: usize) -> &str {
    let head = &text[..bytes_max.min(text.len())];
    match head.rfind('%') {
        Some(escape) if head.len() - escape < 3 => &head[..escape],
        _ => head,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_joined_and_escaped() {
        assert_eq!(
            note(["a\nb", "100%", "é"]).as_deref(),
            Some("a%0Ab; 100%25; %C3%A9")
        );
        assert_eq!(note(Vec::<String>::new()), None);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let value = note((0..100).map(|_| "x".repeat(50))).unwrap();
        assert!(value.ends_with("...and 81 more"), "{value}");
    }

    #[test]
    fn a_text_longer_than_the_header_is_cut_outside_an_escape() {
        let value = note(["é".repeat(1_000)]).unwrap();
        assert!(
            value.ends_with("%C3%A9...") || value.ends_with("%C3..."),
            "{value}"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_a_value_that_a_header_cannot_hold(texts: Vec<String>) {
            if let Some(value) = note(&texts) {
                prop_assert!(value.len() <= NOTE_BYTES_MAX);
                prop_assert!(value.bytes().all(|byte| (0x20..=0x7E).contains(&byte)));
            }
        }
    }
}
