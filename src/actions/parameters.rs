//! Reading parameters, each kind once for all actions.

use std::collections::{BTreeMap, BTreeSet};

use crate::actions::action::is_plain_number;
use crate::base::limits::{
    CLIENT_TOKEN_CHARS_MAX, LIST_ENTRIES_MAX, TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX,
};
use crate::resources::{Page, PageNumber, PageSize, RegionId, Regions, TagFilter};
use crate::wire::{ApiError, Params};

/// `RegionId`, which must be a known region.
pub(crate) fn region(params: &Params, regions: &Regions) -> Result<RegionId, ApiError> {
    let text = params
        .value("RegionId")
        .ok_or_else(|| ApiError::missing("RegionId"))?;
    regions
        .parse(text)
        .map_err(|rule| ApiError::invalid("RegionId", rule))
}

/// `ClientToken`: at most 64 ASCII characters.
pub(crate) fn client_token(params: &Params) -> Result<Option<&str>, ApiError> {
    let Some(token) = params.value("ClientToken") else {
        return Ok(None);
    };
    let n_chars = token.chars().count();
    if !token.is_ascii() {
        return Err(ApiError::invalid(
            "ClientToken",
            "`ClientToken` must be ASCII",
        ));
    }
    if n_chars > CLIENT_TOKEN_CHARS_MAX {
        let rule =
            format!("`ClientToken` has at most {CLIENT_TOKEN_CHARS_MAX} characters, got {n_chars}");
        return Err(ApiError::invalid("ClientToken", rule));
    }
    Ok(Some(token))
}

/// A list of ids or names: a JSON array of strings, or entries between commas.
///
/// `[]` is no filter, like an absent parameter.
pub(crate) fn list(params: &Params, name: &str) -> Result<Option<BTreeSet<String>>, ApiError> {
    let Some(text) = params.value(name) else {
        return Ok(None);
    };
    let invalid = |rule: String| ApiError::invalid(name, format!("`{name}` {rule}"));
    let entries: Vec<String> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text.trim())
            .map_err(|error| invalid(format!("is no JSON array of strings: {error}")))?
    } else {
        text.split(',')
            .map(|entry| entry.trim().to_owned())
            .collect()
    };
    if entries.len() > LIST_ENTRIES_MAX {
        let n_entries = entries.len();
        return Err(invalid(format!(
            "has at most {LIST_ENTRIES_MAX} entries, got {n_entries}"
        )));
    }
    if let Some(idx) = entries.iter().position(String::is_empty) {
        return Err(invalid(format!(
            "has an empty entry, the one at position {}",
            idx + 1
        )));
    }
    Ok((!entries.is_empty()).then(|| entries.into_iter().collect()))
}

/// `PageSize` and `PageNumber`.
pub(crate) fn page(params: &Params) -> Result<Page, ApiError> {
    let size = params.value("PageSize").map(PageSize::parse).transpose();
    let size = size.map_err(|rule| ApiError::invalid("PageSize", rule))?;
    let number = params.value("PageNumber").map(PageNumber::parse);
    let number = number
        .transpose()
        .map_err(|rule| ApiError::invalid("PageNumber", rule))?;
    Ok(Page {
        number: number.unwrap_or_default(),
        size: size.unwrap_or_default(),
    })
}

/// A text that is compared byte for byte.
pub(crate) fn text(params: &Params, name: &str) -> Option<String> {
    params.value(name).map(str::to_owned)
}

/// `true` or `false`, in any case.
pub(crate) fn flag(params: &Params, name: &str) -> Result<Option<bool>, ApiError> {
    match params.value(name) {
        None => Ok(None),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(text) => {
            let rule = format!("`{name}` must be `true` or `false`, got `{text}`");
            Err(ApiError::invalid(name, rule))
        }
    }
}

/// `Tag.N.Key` and `Tag.N.Value`, checked by rising `N`, the key before the value.
pub(crate) fn tags(params: &Params) -> Result<Vec<TagFilter>, ApiError> {
    let mut sent: BTreeMap<TagNumber<'_>, (&str, &str)> = BTreeMap::new();
    for (name, value) in params.iter_first().filter(|(_, value)| !value.is_empty()) {
        let Some((number, part)) = tag_name(name) else {
            continue;
        };
        let tag = sent.entry(number).or_default();
        match part {
            TagPart::Key => tag.0 = value,
            TagPart::Value => tag.1 = value,
        }
    }
    sent.into_iter()
        .map(|(number, (key, value))| tag(number.digits, key, value))
        .collect()
}

/// The `N` of `Tag.N.Key`: a plain decimal of any length, ordered by its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct TagNumber<'a> {
    n_digits: usize,
    digits: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TagPart {
    Key,
    Value,
}

/// Reads a name of the form `Tag.N.Key` or `Tag.N.Value`.
fn tag_name(name: &str) -> Option<(TagNumber<'_>, TagPart)> {
    let (digits, part) = name.strip_prefix("Tag.")?.split_once('.')?;
    let part = match part {
        "Key" => TagPart::Key,
        "Value" => TagPart::Value,
        _ => return None,
    };
    let n_digits = digits.len();
    is_plain_number(digits).then_some((TagNumber { n_digits, digits }, part))
}

fn tag(n: &str, key: &str, value: &str) -> Result<TagFilter, ApiError> {
    let number = n.parse::<u32>();
    if !number.is_ok_and(|n| (1..=TAGS_MAX).contains(&n)) {
        let rule = format!("`Tag.N` must have N in 1..={TAGS_MAX}, got `{n}`");
        return Err(ApiError::invalid("Tag", rule));
    }
    let (n_key, n_value) = (key.chars().count(), value.chars().count());
    if !(1..=TAG_KEY_CHARS_MAX).contains(&n_key) {
        let name = format!("Tag.{n}.Key");
        let rule = format!("`{name}` has 1 to {TAG_KEY_CHARS_MAX} characters, got {n_key}");
        return Err(ApiError::invalid(&name, rule));
    }
    if n_value > TAG_VALUE_CHARS_MAX {
        let name = format!("Tag.{n}.Value");
        let rule = format!("`{name}` has at most {TAG_VALUE_CHARS_MAX} characters, got {n_value}");
        return Err(ApiError::invalid(&name, rule));
    }
    let value = (!value.is_empty()).then(|| value.to_owned());
    Ok(TagFilter {
        key: key.to_owned(),
        value,
    })
}
