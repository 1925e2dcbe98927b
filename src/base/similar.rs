//! The "did you mean" of every message: the known name nearest to an unknown one.

use crate::base::limits::SIMILAR_CHARS_MAX;

/// Finds the candidate that a user most likely meant by `name`.
///
/// A candidate that differs in letter case alone wins. Otherwise it is the one with the fewest
/// edits, as long as they are at most a third of the name's characters and at most three.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Comparing takes time by the length, and no known name is nearly as long.
    if name.chars().nth(SIMILAR_CHARS_MAX).is_some() {
        return None;
    }
    let lower = name.to_lowercase();
    let edits_max = (name.chars().count() / 3).clamp(1, 3);
    let n_chars = lower.chars().count();
    candidates
        .into_iter()
        // As many edits as their lengths differ are the least.
        .filter(|candidate| candidate.chars().count().abs_diff(n_chars) <= edits_max)
        .map(|candidate| {
            let edits = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (edits, candidate)
        })
        .filter(|(edits, _)| *edits <= edits_max)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// The end of a message about an unknown name: the name that was probably meant, if any.
pub(crate) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["ImageIds", "ImageNames", "RegionId", "PageSize"];

    #[test]
    fn a_letter_too_few_or_another_case_finds_the_name() {
        assert_eq!(nearest("ImageId", NAMES), Some("ImageIds"));
        assert_eq!(nearest("regionid", NAMES), Some("RegionId"));
        assert_eq!(nearest("PageSzie", NAMES), Some("PageSize"));
    }

    #[test]
    fn a_name_of_64_characters_is_compared_and_a_longer_one_is_not() {
        let name = "n".repeat(SIMILAR_CHARS_MAX);
        let shorter = &name[1..];
        assert_eq!(nearest(&name, [shorter]), Some(shorter));
        assert_eq!(nearest(&(name.clone() + "n"), [&*name]), None);
    }

    #[test]
    fn a_name_far_from_all_finds_none() {
        assert_eq!(nearest("Colour", NAMES), None);
        assert_eq!(nearest("", NAMES), None);
        assert_eq!(nearest(&"ImageIds".repeat(1 << 17), NAMES), None);
    }
}
