//! The token of the control API, for who publishes the port.

use std::fmt;
use std::hint::black_box;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// What a caller of the control API must know; it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ControlToken(String);

impl From<String> for ControlToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl From<ControlToken> for String {
    fn from(token: ControlToken) -> Self {
        token.0
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl ControlToken {
    /// Whether a header can hold it: visible ASCII, at least one character.
    pub(crate) fn is_valid(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// Whether a request has it, as `Authorization: Bearer TOKEN`.
    pub(super) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return false;
        };
        let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
        parts.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("Bearer") && self.is(token.trim())
        })
    }

    /// Compares every byte, so that the time says nothing about the first wrong one.
    fn is(&self, token: &str) -> bool {
        let pairs = self.0.bytes().zip(token.bytes());
        let difference = pairs.fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
        self.0.len() == token.len() && difference == 0
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Bearer s3cret", true)]
    #[case("bearer s3cret", true)]
    #[case("Bearer  s3cret ", true)]
    #[case("Bearer s3cre", false)]
    #[case("Bearer s3cret!", false)]
    #[case("Bearer S3cret", false)]
    #[case("Bearer", false)]
    #[case("Bearer ", false)]
    #[case("Basic s3cret", false)]
    #[case("s3cret", false)]
    fn only_the_whole_token_is_let_in(#[case] value: &str, #[case] is_in: bool) {
        let token = ControlToken("s3cret".to_owned());
        let mut headers = HeaderMap::new();
        assert!(!token.is_in(&headers));
        headers.append(AUTHORIZATION, value.parse().unwrap());
        assert_eq!(token.is_in(&headers), is_in);
        headers.append(AUTHORIZATION, "Bearer s3cret".parse().unwrap());
        assert!(!token.is_in(&headers), "two are none");
    }

    #[rstest]
    #[case("s3cret", true)]
    #[case("", false)]
    #[case("a b", false)]
    #[case("é", false)]
    #[case("a\n", false)]
    fn a_token_must_fit_into_a_header(#[case] token: &str, #[case] is_valid: bool) {
        assert_eq!(ControlToken(token.to_owned()).is_valid(), is_valid);
    }

    #[test]
    fn it_is_never_shown() {
        let token = ControlToken("s3cret".to_owned());
        assert_eq!(format!("{token:?} {:?}", Some(&token)), "*** Some(***)");
    }
}
