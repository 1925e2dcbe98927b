//! Magic credentials: a fault in the AccessKeyId, for clients that cannot call the control API.

use crate::base::limits::{MAGIC_KEY_CHARS_MAX, MAGIC_TIMES_MAX};
use crate::base::shortened;
use crate::faults::form::error_of_code;
use crate::wire::ApiError;

/// Whether an AccessKeyId with a `+` means a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Magic {
    /// Yes: `NAME+CODE:TIMES`.
    #[default]
    On,
    /// No: it is a key like any other.
    Off,
}

/// An AccessKeyId of the form `NAME+CODE[:TIMES]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MagicKey {
    /// All of it, with `+` for each space.
    pub whole: String,
    /// The name of the sandbox.
    pub name: String,
    /// The answer to its calls.
    pub error: ApiError,
    /// To how many of them; `None` is every call.
    pub times: Option<u64>,
}

/// The AccessKeyId has a `+`, but not the form that it must have then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an AccessKeyId with `+` has the form NAME+CODE or NAME+CODE:TIMES, got {text:?}: {rule}")]
pub(crate) struct InvalidMagic {
    /// The text as given.
    pub text: String,
    /// What is wrong with it.
    pub rule: String,
}

impl MagicKey {
    /// Reads an AccessKeyId; `None` when it is a plain one.
    ///
    /// A space counts as `+`: a `+` in a URL is decoded as a space.
    ///
    /// `is_in_code` says which parameters a code can name. Fails for an unknown code, an empty name,
    /// and times outside 1 to 1,000,000.
    pub(crate) fn parse(
        text: &str,
        is_in_code: impl Fn(&str) -> bool,
    ) -> Result<Option<Self>, InvalidMagic> {
        if !text.contains([' ', '+']) {
            return Ok(None);
        }
        if text.len() > MAGIC_KEY_CHARS_MAX {
            let rule = format!("it has at most {MAGIC_KEY_CHARS_MAX} characters");
            let text = shortened(text, MAGIC_KEY_CHARS_MAX).into_owned();
            return Err(InvalidMagic { text, rule });
        }
        let whole = text.replace(' ', "+");
        let Some((name, rest)) = whole.split_once('+') else {
            return Ok(None);
        };
        let invalid = |rule: &str| InvalidMagic {
            text: text.to_owned(),
            rule: rule.to_owned(),
        };
        if name.is_empty() {
            return Err(invalid("NAME is empty"));
        }
        let (code, times) = match rest.split_once(':') {
            None => (rest, None),
            Some((code, times)) => {
                let digits = times.bytes().all(|byte| byte.is_ascii_digit());
                let times = times.parse().ok().filter(|_| digits);
                let times = times.filter(|times| (1..=MAGIC_TIMES_MAX).contains(times));
                let rule = format!("TIMES must be in 1..={MAGIC_TIMES_MAX}");
                (code, Some(times.ok_or_else(|| invalid(&rule))?))
            }
        };
        let error = error_of_code(code, is_in_code).map_err(|rule| invalid(&rule))?;
        Ok(Some(Self {
            name: name.to_owned(),
            whole,
            error,
            times,
        }))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ci7+Throttling.User:2", Some(2))]
    #[case("ci7 Throttling.User:2", Some(2))]
    #[case("ci7+Throttling.User:1000000", Some(1_000_000))]
    #[case("ci7+InternalError", None)]
    #[case("ci7+InvalidTag.3.Key", None)]
    fn a_magic_key_names_a_code_and_how_often(#[case] text: &str, #[case] times: Option<u64>) {
        let magic = MagicKey::parse(text, |name| name == "Tag.3.Key")
            .unwrap()
            .unwrap();
        assert_eq!(magic.name, "ci7");
        assert_eq!(magic.times, times);
    }

    #[rstest]
    #[case("ci7+Throttling.User:0")]
    #[case("ci7+Throttling.User:")]
    #[case("ci7+Throttling.User:-1")]
    #[case("ci7+Throttling.User:1000001")]
    #[case("ci7+Throttled")]
    #[case("ci7+")]
    #[case("+Throttling")]
    #[case("ci7+Throttling+Throttling")]
    fn any_other_form_is_refused(#[case] text: &str) {
        assert!(MagicKey::parse(text, |name| name == "Tag.3.Key").is_err());
    }

    #[rstest]
    #[case(512, true)]
    #[case(513, false)]
    fn a_magic_key_has_at_most_512_characters(#[case] n_chars: usize, #[case] accepted: bool) {
        let key = "k".repeat(n_chars - "+Throttling".len()) + "+Throttling";
        assert_eq!(MagicKey::parse(&key, |_| false).is_ok(), accepted);
    }

    #[test]
    fn a_plain_key_is_not_magic() {
        assert_eq!(MagicKey::parse("LTAI5tABCDEF", |_| false), Ok(None));
    }
}
