//! Names of sandboxes and checkpoints.

use std::fmt;

use crate::base::limits::NAME_CHARS_MAX;
use crate::base::shortened;

/// The name of a sandbox: an AccessKeyId of 1 to 128 letters, digits, `.`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SandboxName(String);

/// The text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {NAME_CHARS_MAX} of the characters A-Z a-z 0-9 . _ -, got {text:?}")]
pub struct InvalidSandboxName {
    /// The text as given.
    pub text: String,
}

impl SandboxName {
    /// The sandbox of requests that name no other.
    pub(crate) fn default_name() -> Self {
        Self("default".to_owned())
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidSandboxName> {
        check(text).map(|()| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether this is the sandbox of requests that name no other.
    pub(crate) fn is_default(&self) -> bool {
        self.0 == "default"
    }
}

impl fmt::Display for SandboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a state that a sandbox can go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckpointName {
    /// `seed`: what the sandbox started with.
    Seed,
    /// `empty`: no images.
    Empty,
    /// A checkpoint, under a name of the same characters as a sandbox's.
    Taken(String),
}

impl CheckpointName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidSandboxName> {
        check(text)?;
        Ok(match text {
            "seed" => Self::Seed,
            "empty" => Self::Empty,
            name => Self::Taken(name.to_owned()),
        })
    }
}

fn check(text: &str) -> Result<(), InvalidSandboxName> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.bytes().all(is_plain) && (1..=NAME_CHARS_MAX).contains(&text.len()) {
        return Ok(());
    }
    Err(InvalidSandboxName {
        text: shortened(text, 2 * NAME_CHARS_MAX).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ci-7", true)]
    #[case("STS.Nx_9", true)]
    #[case("", false)]
    #[case("a b", false)]
    #[case("a/b", false)]
    #[case("a\nb", false)]
    #[case("é", false)]
    fn a_name_has_plain_characters(#[case] text: &str, #[case] accepted: bool) {
        assert_eq!(SandboxName::parse(text).is_ok(), accepted);
    }

    #[rstest]
    #[case(128, true)]
    #[case(129, false)]
    fn a_name_has_at_most_128_characters(#[case] n_chars: usize, #[case] accepted: bool) {
        assert_eq!(SandboxName::parse(&"a".repeat(n_chars)).is_ok(), accepted);
    }
}
