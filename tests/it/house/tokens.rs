//! Rust text as tokens: enough to read which names a file imports, defines and uses.

/// Splits a text into words, `::` and single characters; comments, strings and tests are left out.
pub(super) fn tokens(text: &str) -> Vec<String> {
    without_tests(Scanner { rest: text }.all())
}

/// What is left of a text.
struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn all(mut self) -> Vec<String> {
        let mut tokens = Vec::new();
        while let Some(first) = self.rest.chars().next() {
            if self.skips_comment() || self.skips_string() || self.skips_character() {
                continue;
            }
            let n_bytes = match first {
                _ if is_word(first) => self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len()),
                ':' if self.rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            let token = self.take(n_bytes);
            if !first.is_whitespace() {
                tokens.push(token.to_owned());
            }
        }
        tokens
    }

    fn take(&mut self, n_bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(n_bytes);
        self.rest = rest;
        taken
    }

    /// Skips a text that begins with `open`, up to and with the next `close`.
    fn skips(&mut self, open: &str, close: &str) -> bool {
        let Some(inside) = self.rest.strip_prefix(open) else {
            return false;
        };
        let end = inside.find(close).map(|at| at + close.len());
        self.rest = &inside[end.unwrap_or(inside.len())..];
        true
    }

    fn skips_comment(&mut self) -> bool {
        self.skips("//", "\n") || self.skips("/*", "*/")
    }

    fn skips_string(&mut self) -> bool {
        let start = self.rest.trim_start_matches(['b', 'c']);
        let hashes = start.trim_start_matches('r');
        let n_hashes = hashes.len() - hashes.trim_start_matches('#').len();
        let is_raw = start.starts_with('r') && hashes[n_hashes..].starts_with('"');
        if is_raw {
            self.rest = &hashes[n_hashes..];
            let close = format!("\"{}", "#".repeat(n_hashes));
            return self.skips("\"", &close);
        }
        if !start.starts_with('"') || self.rest.len() - start.len() > 1 {
            return false;
        }
        let mut characters = start.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => drop(characters.next()),
                '"' => {
                    self.rest = &start[at + 1..];
                    return true;
                }
                _ => {}
            }
        }
        self.rest = "";
        true
    }

    /// Skips `'a'` and `'\n'`, but not the lifetime `'a`.
    fn skips_character(&mut self) -> bool {
        let Some(inside) = self.rest.strip_prefix('\'') else {
            return false;
        };
        let escape = inside.strip_prefix('\\');
        let mut characters = escape.unwrap_or(inside).char_indices();
        characters.next();
        let close = characters.find(|(_, c)| *c == '\'' || escape.is_none());
        match close {
            Some((at, '\'')) => self.rest = &escape.unwrap_or(inside)[at + 1..],
            _ => return false,
        }
        true
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Leaves out modules that are compiled for tests alone.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const TESTS: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let mut kept: Vec<String> = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        kept.push(token);
        if kept.ends_with(&TESTS.map(str::to_owned)) {
            kept.truncate(kept.len() - TESTS.len());
            skip_block(&mut tokens);
        }
    }
    kept
}

/// Skips a block in braces with what stands before it, or up to a semicolon without one.
pub(super) fn skip_block(tokens: &mut impl Iterator<Item = impl AsRef<str>>) {
    let mut depth = 0;
    for token in tokens {
        match token.as_ref() {
            "{" => depth += 1,
            "}" => depth -= 1,
            ";" => {}
            _ => continue,
        }
        if depth == 0 {
            return;
        }
    }
}

#[test]
fn comments_strings_and_tests_are_no_code() {
    let text = r##"
        use a::b; // use c::d; "
        /* use e; */ fn f<'a>(x: &'a str) { let _ = ("g\"", 'h', '\'', '"', b"i", r#"j" k"#); }
        #[cfg(test)]
        mod tests { use l; mod m { } }
        n
    "##;
    let words: Vec<String> = tokens(text)
        .into_iter()
        .filter(|token| token.starts_with(is_word))
        .collect();
    let expected = [
        "use", "a", "b", "fn", "f", "a", "x", "a", "str", "let", "_", "n",
    ];
    assert_eq!(words, expected);
}
