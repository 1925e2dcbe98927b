//! Showing what a client sent.

use std::borrow::Cow;

/// Escapes what would break a text out of its line or its place when it is printed: control
/// characters, line separators, and marks that turn the direction of the text.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len());
    for char in text.chars() {
        if is_escaped(char) {
            line.extend(char.escape_default());
        } else {
            line.push(char);
        }
    }
    line.into()
}

fn is_escaped(char: char) -> bool {
    /// Line and paragraph separators, directional marks, embeddings, overrides and isolates.
    const DIRECTIONS: [std::ops::RangeInclusive<char>; 4] = [
        '\u{061C}'..='\u{061C}',
        '\u{200E}'..='\u{200F}',
        '\u{2028}'..='\u{202E}',
        '\u{2066}'..='\u{2069}',
    ];
    char.is_control() || DIRECTIONS.iter().any(|range| range.contains(&char))
}

/// Cuts a text to at most so many bytes, and says so.
pub(crate) fn shortened(text: &str, bytes_max: usize) -> Cow<'_, str> {
    if text.len() <= bytes_max {
        return text.into();
    }
    let head = &text[..text.floor_char_boundary(bytes_max)];
    format!("{head}... ({} bytes in all)", text.len()).into()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("plain 测试 é \u{1F600}", "plain 测试 é \u{1F600}")]
    #[case("a\nb\r\t\u{1b}[2J\u{85}", r"a\nb\r\t\u{1b}[2J\u{85}")]
    #[case("\u{2028}\u{2029}", r"\u{2028}\u{2029}")]
    #[case(
        "\u{202A}\u{202E}\u{2066}\u{2069}",
        r"\u{202a}\u{202e}\u{2066}\u{2069}"
    )]
    #[case("\u{200E}\u{200F}\u{61C}", r"\u{200e}\u{200f}\u{61c}")]
    fn a_text_stays_on_its_line(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(one_line(text), expected);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("abé", 3), "ab... (4 bytes in all)");
    }
}
