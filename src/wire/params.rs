//! The parameters of a request as sent: decoded text pairs, in order, repeats kept.

use std::collections::HashSet;

use percent_encoding::percent_decode;

use crate::limits::PARAMETERS_MAX;

/// The parameters of a query string and a form body, merged in that order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
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
    /// Decodes a query string and a form body; `+` is a blank.
    ///
    /// # Errors
    /// [`ParamsError`] on broken percent-encoding, on bytes that are no UTF-8, and past 1,000
    /// parameters.
    pub fn parse(query: &[u8], form: &[u8]) -> Result<Self, ParamsError> {
        let mut pairs = Vec::new();
        for (part, bytes) in [("query string", query), ("form body", form)] {
            check_encoding(part, bytes)?;
            // Counted before decoding, so that a megabyte of `a&a&a` never becomes pairs.
            let n_params = bytes
                .split(|byte| *byte == b'&')
                .filter(|pair| !pair.is_empty())
                .count();
            if pairs.len() + n_params > PARAMETERS_MAX {
                return Err(ParamsError::TooMany {
                    n_params: pairs.len() + n_params,
                });
            }
            let decoded: Vec<(String, String)> =
                serde_urlencoded::from_bytes(bytes).map_err(|_| ParamsError::NotUtf8 { part })?;
            pairs.extend(decoded);
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter; `None` when it is absent or empty. Of a repeated one, the first.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(found, _)| found == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// Parameters that were decoded before.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }

    /// All parameters but those of a name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut pairs = self.pairs.clone();
        pairs.retain(|(found, _)| found != name);
        Self { pairs }
    }

    /// Every pair, in the order sent, for keeping.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.pairs
    }

    /// Every pair, in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every pair that counts, in the order sent: of a repeated name, the first.
    pub fn iter_first(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut seen = HashSet::new();
        self.iter().filter(move |(name, _)| seen.insert(*name))
    }

    /// The names that were sent more than once, each once, in the order of their first repeat.
    pub fn repeated(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let mut told = HashSet::new();
        self.iter()
            .map(|(name, _)| name)
            .filter(|name| !seen.insert(*name) && told.insert(*name))
            .collect()
    }
}

/// Checks what the form decoder passes over in silence: `%zz` and bytes that are no UTF-8.
fn check_encoding(part: &'static str, bytes: &[u8]) -> Result<(), ParamsError> {
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%') {
        let digits = bytes.get(at + 1..at + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return Err(ParamsError::BrokenPercentEncoding { part, at });
        }
    }
    // The separators are ASCII, so the whole is UTF-8 exactly when each name and value is.
    match percent_decode(bytes).decode_utf8() {
        Ok(_) => Ok(()),
        Err(_) => Err(ParamsError::NotUtf8 { part }),
    }
}

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

    proptest! {
        #[test]
        fn what_a_form_encoder_writes_is_read_back(pairs: Vec<(String, String)>) {
            let query = serde_urlencoded::to_string(&pairs).unwrap();
            let params = Params::parse(query.as_bytes(), b"").unwrap();
            prop_assert_eq!(params.pairs, pairs);
        }

        #[test]
        fn no_input_panics(query: Vec<u8>, form: Vec<u8>) {
            Params::parse(&query, &form).ok();
        }
    }
}
