//! An action as plain data: one row of the table.

use crate::actions::explanation::Findings;
use crate::actions::{Answered, Call, Failure};

/// An action of the vendor's API that is emulated.
#[derive(Debug)]
pub struct Action {
    /// The vendor's name.
    pub name: &'static str,
    /// Whether it changes anything.
    pub access: Access,
    /// Its own parameters, in the order of the reference.
    pub parameters: &'static [Parameter],
    /// What a policy must allow.
    pub ram: Ram,
    /// Answers a request, or says why not.
    pub answer: Run<Answered>,
    /// Finds what explains an answer; `None` for an action without an explanation.
    pub explain: Option<Run<Findings>>,
}

/// What an action does with a call.
pub(crate) type Run<T> = fn(&Call<'_>) -> Result<T, Failure>;

/// Whether an action changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads.
    Reads,
    /// It changes something; a call that is sent again with its client token gets the first answer.
    Changes,
}

/// A parameter of an action.
#[derive(Debug)]
pub struct Parameter {
    /// The name, or a pattern with `N` for a plain decimal number, such as `Tag.N.Key`.
    pub name: &'static str,
    /// Whether a request must have it.
    pub presence: Presence,
    /// How the emulator reads it.
    pub meaning: &'static str,
    /// Where the vendor documents it.
    pub source: &'static str,
}

/// Whether a request must have a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It need not.
    Optional,
}

/// What a RAM policy must allow for an action.
#[derive(Debug)]
pub struct Ram {
    /// The action of a policy, such as `swas-open:ListCustomImages`.
    pub action: &'static str,
    /// The resources of a policy; `{#…}` stands for a value of the request.
    pub resources: &'static [&'static str],
}

impl Parameter {
    /// Whether a name as sent is this parameter.
    ///
    /// Every parameter of every request is compared here. Most names differ at their first byte.
    pub fn is_named(&self, name: &str) -> bool {
        let (mut known, mut sent) = (self.name.as_bytes(), name.as_bytes());
        let mut is_part_start = true;
        while let [byte, rest @ ..] = known {
            let is_number = is_part_start && *byte == b'N' && matches!(rest, [] | [b'.', ..]);
            let left = if is_number {
                after_plain_number(sent)
            } else {
                sent.strip_prefix(&[*byte])
            };
            let Some(left) = left else { return false };
            (known, sent, is_part_start) = (rest, left, *byte == b'.');
        }
        sent.is_empty()
    }

    /// Whether the name is a pattern.
    pub(crate) fn is_pattern(&self) -> bool {
        self.name.contains('.')
    }

    /// The part before the first dot: `Tag` of `Tag.N.Key`.
    pub(crate) fn head(&self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }
}

/// Whether a text is a decimal without a sign and without leading zeros, of any length.
pub(crate) fn is_plain_number(text: &str) -> bool {
    after_plain_number(text.as_bytes()).is_some_and(<[u8]>::is_empty)
}

/// What comes after the plain number that a text begins with, if it begins with one.
fn after_plain_number(text: &[u8]) -> Option<&[u8]> {
    let n_digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(n_digits);
    matches!(digits, [b'0'] | [b'1'..=b'9', ..]).then_some(rest)
}

impl Action {
    /// The action's own parameter of a name as sent.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.is_named(name))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Tag.N.Key", "Tag.1.Key", true)]
    #[case("Tag.N.Key", "Tag.999.Key", true)]
    #[case("Tag.N.Key", "Tag.0.Key", true)]
    #[case("Tag.N.Key", "Tag.01.Key", false)]
    #[case("Tag.N.Key", "Tag.N.Key", false)]
    #[case("Tag.N.Key", "Tag.x.Key", false)]
    #[case("Tag.N.Key", "Tag..Key", false)]
    #[case("Tag.N.Key", "Tag.1.Key.2", false)]
    #[case("Tag.N.Key", "Tag.1", false)]
    #[case("RegionId", "RegionId", true)]
    #[case("RegionId", "regionid", false)]
    #[case("RegionId", "RegionId.1", false)]
    fn a_pattern_stands_for_its_numbers(
        #[case] pattern: &'static str,
        #[case] name: &str,
        #[case] is_named: bool,
    ) {
        let parameter = Parameter {
            name: pattern,
            presence: Presence::Optional,
            meaning: "",
            source: "",
        };
        assert_eq!(parameter.is_named(name), is_named);
    }
}
