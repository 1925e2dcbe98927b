//! The parameters of a request as sent: decoded text pairs, in order, repeats kept.

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::memchr_iter;
use percent_encoding::percent_decode;
use serde::Deserialize;

use crate::base::limits::PARAMETERS_MAX;

/// The parameters of a query string and a form body, merged in that order.
///
/// All of them are one text, and each pair knows its place in it: most requests need two heap
/// blocks for their parameters, and the journal keeps those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// `name=value&` for each pair, decoded.
    text: String,
    pairs: Vec<Pair>,
}

/// Where a pair stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    name_at: usize,
    /// The value begins one byte after it.
    name_end: usize,
    value_end: usize,
    /// Whether no pair before it has its name.
    is_first: bool,
}

/// Why a query string or a form body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A `%` without two hexadecimal digits after it.
    #[error("broken percent-encoding at byte {at} of the {part}")]
    BrokenPercentEncoding {
        /// `query string` or `form body`.
        part: &'static str,
        /// Position of the `%`, from 0.
        at: usize,
    },
    /// The decoded bytes are no UTF-8.
    #[error("the {part} is not UTF-8 once decoded")]
    NotUtf8 {
        /// `query string` or `form body`.
        part: &'static str,
    },
    /// More parameters than the limit.
    #[error("a request has at most {PARAMETERS_MAX} parameters, got {n_params}")]
    TooMany {
        /// Parameters of query string and form body together.
        n_params: usize,
    },
}

impl Params {
    /// Decodes a query string and a form body; `+` is a space.
    ///
    /// Fails on broken percent-encoding, on bytes that are no UTF-8, and past 1,000 parameters.
    #[expect(clippy::missing_errors_doc, reason = "public for the benches alone")]
    pub fn parse(query: &[u8], form: &[u8]) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        params.read("query string", query)?;
        if !form.is_empty() {
            params.read("form body", form)?;
        }
        params.mark_repeats();
        Ok(params)
    }

    fn read(&mut self, part: &'static str, bytes: &[u8]) -> Result<(), ParamsError> {
        check_encoding(part, bytes)?;
        self.check_number(bytes)?;
        let decoded: Vec<Decoded<'_>> =
            serde_urlencoded::from_bytes(bytes).map_err(|_| ParamsError::NotUtf8 { part })?;
        self.pairs.reserve(decoded.len());
        // Room for the separators that the last pair may lack.
        self.text.reserve(bytes.len() + 2);
        for Decoded(name, value) in decoded {
            self.push(&name, &value);
        }
        Ok(())
    }

    /// Counts before decoding, so that a megabyte of `a&a&a` is never decoded.
    fn check_number(&self, bytes: &[u8]) -> Result<(), ParamsError> {
        let n_parts = memchr_iter(b'&', bytes).count() + 1;
        if self.pairs.len() + n_parts <= PARAMETERS_MAX {
            return Ok(());
        }
        // Some parts may be empty, which are no pairs.
        let parts = bytes.split(|byte| *byte == b'&');
        let n_params = self.pairs.len() + parts.filter(|part| !part.is_empty()).count();
        if n_params <= PARAMETERS_MAX {
            return Ok(());
        }
        Err(ParamsError::TooMany { n_params })
    }

    /// Marks the pairs that count: of a repeated name, the first.
    fn mark_repeats(&mut self) {
        /// Up to this number of pairs, a look at all pairs before is faster than a set.
        const SCANNED_MAX: usize = 32;
        if self.pairs.len() <= SCANNED_MAX {
            for idx in 1..self.pairs.len() {
                let (before, rest) = self.pairs.split_at_mut(idx);
                let name = rest[0].name(&self.text);
                rest[0].is_first = !before.iter().any(|pair| pair.is_named(name, &self.text));
            }
        } else {
            let mut seen = HashSet::new();
            for pair in &mut self.pairs {
                pair.is_first = seen.insert(pair.name(&self.text));
            }
        }
    }

    /// The value of a parameter; `None` when it is absent or empty. Of a repeated one, the first.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter();
        let pair = pairs.find(|pair| pair.is_named(name, &self.text))?;
        Some(pair.value(&self.text)).filter(|value| !value.is_empty())
    }

    /// All parameters but those of a name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        self.iter().filter(|(found, _)| *found != name).collect()
    }

    /// Puts another value in the place of each for which there is a `replacement`.
    pub fn replace(&mut self, replacement: impl Fn(&str, &str) -> Option<&'static str>) {
        let value_of = |pair: &Pair| replacement(pair.name(&self.text), pair.value(&self.text));
        let Some(first) = self.pairs.iter().position(|pair| value_of(pair).is_some()) else {
            return;
        };
        // What comes before the first of them stays; the rest is written anew, once.
        let (before, rest) = self.pairs.split_at(first);
        let mut replaced = Self {
            text: String::with_capacity(self.text.len()),
            pairs: before.to_vec(),
        };
        let n_bytes_before = rest.first().map_or(0, |pair| pair.name_at);
        replaced.text.push_str(&self.text[..n_bytes_before]);
        for pair in rest {
            let value = value_of(pair).unwrap_or(pair.value(&self.text));
            replaced.push(pair.name(&self.text), value);
            if let Some(last) = replaced.pairs.last_mut() {
                last.is_first = pair.is_first;
            }
        }
        *self = replaced;
    }

    fn push(&mut self, name: &str, value: &str) {
        let name_at = self.text.len();
        for part in [name, "=", value, "&"] {
            self.text.push_str(part);
        }
        self.pairs.push(Pair {
            name_at,
            name_end: name_at + name.len(),
            value_end: self.text.len() - 1,
            is_first: true,
        });
    }

    /// Every pair, in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|pair| (pair.name(&self.text), pair.value(&self.text)))
    }

    /// Every pair that counts, in the order sent: of a repeated name, the first.
    pub fn iter_first(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .filter(|pair| pair.is_first)
            .map(|pair| (pair.name(&self.text), pair.value(&self.text)))
    }

    /// The names that were sent more than once, each once, in the order of their first repeat.
    pub fn repeated(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let repeats = self.pairs.iter().filter(|pair| !pair.is_first);
        let names = repeats.map(|pair| pair.name(&self.text));
        names.filter(|name| seen.insert(*name)).collect()
    }

    /// The memory that the parameters take beside their own size, in bytes.
    pub fn n_bytes(&self) -> usize {
        self.text.capacity() + self.pairs.capacity() * size_of::<Pair>()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Params {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            params.push(name, value);
        }
        params.mark_repeats();
        params
    }
}

impl Pair {
    fn name(self, text: &str) -> &str {
        &text[self.name_at..self.name_end]
    }

    /// Whether this is its name; most names differ in their length already.
    fn is_named(self, name: &str, text: &str) -> bool {
        self.name_end - self.name_at == name.len() && self.name(text) == name
    }

    fn value(self, text: &str) -> &str {
        &text[self.name_end + 1..self.value_end]
    }
}

/// Checks what the form decoder accepts silently: `%zz` and bytes that are no UTF-8.
fn check_encoding(part: &'static str, bytes: &[u8]) -> Result<(), ParamsError> {
    let mut is_ascii = bytes.is_ascii();
    for at in memchr_iter(b'%', bytes) {
        match bytes.get(at + 1..at + 3) {
            Some([high, low]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                // `%80` and above.
                is_ascii &= matches!(high, b'0'..=b'7');
            }
            _ => return Err(ParamsError::BrokenPercentEncoding { part, at }),
        }
    }
    // The separators are ASCII, so the whole is UTF-8 exactly when each name and value is.
    if is_ascii || percent_decode(bytes).decode_utf8().is_ok() {
        Ok(())
    } else {
        Err(ParamsError::NotUtf8 { part })
    }
}

/// A pair from the form decoder, which copies only what it has to decode.
#[derive(Debug, Deserialize)]
struct Decoded<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn query_and_form_are_merged_in_order_and_the_first_of_a_name_stands() {
        let params = Params::parse(b"a=1&b=&c=x+y%2B", b"a=2&d=%E6%B5%8B&a=3").unwrap();
        let pairs: Vec<_> = params.iter().collect();
        assert_eq!(
            pairs,
            [
                ("a", "1"),
                ("b", ""),
                ("c", "x y+"),
                ("a", "2"),
                ("d", "测"),
                ("a", "3")
            ]
        );
        assert_eq!(params.value("a"), Some("1"));
        assert_eq!(params.value("b"), None);
        assert_eq!(params.repeated(), ["a"]);
    }

    #[rstest]
    #[case(b"a=%zz")]
    #[case(b"a=%")]
    #[case(b"a=%4")]
    #[case(b"a=%E6%B5")]
    #[case(b"a=%E6&b=%B5%8B")]
    #[case(b"a=\xFF")]
    fn broken_encodings_are_refused(#[case] query: &[u8]) {
        assert!(Params::parse(query, b"").is_err());
        assert!(Params::parse(b"", query).is_err());
    }

    #[rstest]
    #[case(1_000, true)]
    #[case(1_001, false)]
    fn the_number_of_parameters_has_a_limit(#[case] n_params: usize, #[case] accepted: bool) {
        let half = n_params / 2;
        let query = "a=1&".repeat(half);
        let form = "b=2&".repeat(n_params - half);
        assert_eq!(
            Params::parse(query.as_bytes(), form.as_bytes()).is_ok(),
            accepted
        );
    }

    #[test]
    fn values_are_replaced_and_all_others_stay() {
        let query = b"a=1&secret=long+value&b=2&a=&secret=&c=3";
        let mut params = Params::parse(query, b"").unwrap();
        params.replace(|name, value| (name == "secret" && !value.is_empty()).then_some("***"));
        let pairs: Vec<_> = params.iter().collect();
        let right = [
            ("a", "1"),
            ("secret", "***"),
            ("b", "2"),
            ("a", ""),
            ("secret", ""),
            ("c", "3"),
        ];
        assert_eq!(pairs, right);
        assert_eq!(params.repeated(), ["a", "secret"]);
    }

    proptest! {
        #[test]
        fn what_a_form_encoder_writes_is_read_back(pairs: Vec<(String, String)>) {
            let query = serde_urlencoded::to_string(&pairs).unwrap();
            let params = Params::parse(query.as_bytes(), b"").unwrap();
            let read: Vec<_> = params.iter().collect();
            let sent: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
            prop_assert_eq!(read, sent);
        }

        #[test]
        fn no_input_panics(query: Vec<u8>, form: Vec<u8>) {
            Params::parse(&query, &form).ok();
        }
    }
}
