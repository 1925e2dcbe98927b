//! Reading parameters, each kind once for all actions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::actions::action::is_plain_number;
use crate::base::limits::{
    CLIENT_TOKEN_CHARS_MAX, LIST_ENTRIES_MAX, TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX,
};
use crate::resources::{Page, PageNumber, PageSize, RegionId, Regions, TagFilter};
use crate::wire::{ApiError, Params};

/// Reads a parameter as a value that cannot be wrong; `None` when it is absent.
fn read<T, E: Display>(
    params: &Params,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, ApiError> {
    let value = params.value(name).map(parse).transpose();
    value.map_err(|error| ApiError::invalid(name, error.to_string()))
}

/// The refusal of a parameter, whose name begins the reason.
fn invalid(name: &str, rule: impl Display) -> ApiError {
    ApiError::invalid(name, format!("`{name}` {rule}"))
}

/// `RegionId`, which must be a known region.
pub(crate) fn region(params: &Params, regions: &Regions) -> Result<RegionId, ApiError> {
    read(params, "RegionId", |text| regions.parse(text))?
        .ok_or_else(|| ApiError::missing("RegionId"))
}

/// `PageSize` and `PageNumber`.
pub(crate) fn page(params: &Params) -> Result<Page, ApiError> {
    Ok(Page {
        size: read(params, "PageSize", PageSize::parse)?.unwrap_or_default(),
        number: read(params, "PageNumber", PageNumber::parse)?.unwrap_or_default(),
    })
}

/// `ClientToken`: at most 64 ASCII characters.
pub(crate) fn client_token(params: &Params) -> Result<Option<&str>, ApiError> {
    const NAME: &str = "ClientToken";
    let Some(token) = params.value(NAME) else {
        return Ok(None);
    };
    if !token.is_ascii() {
        return Err(invalid(NAME, "must be ASCII"));
    }
    let n_chars = token.len();
    if n_chars > CLIENT_TOKEN_CHARS_MAX {
        let rule = format!("has at most {CLIENT_TOKEN_CHARS_MAX} characters, got {n_chars}");
        return Err(invalid(NAME, rule));
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
    let entries: Vec<String> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text.trim())
            .map_err(|error| invalid(name, format!("is no JSON array of strings: {error}")))?
    } else {
        text.split(',')
            .map(|entry| entry.trim().to_owned())
            .collect()
    };
    let n_entries = entries.len();
    if n_entries > LIST_ENTRIES_MAX {
        let rule = format!("has at most {LIST_ENTRIES_MAX} entries, got {n_entries}");
        return Err(invalid(name, rule));
    }
    if let Some(idx) = entries.iter().position(String::is_empty) {
        let rule = format!("has an empty entry, the one at position {}", idx + 1);
        return Err(invalid(name, rule));
    }
    Ok((!entries.is_empty()).then(|| entries.into_iter().collect()))
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
            let rule = format!("must be `true` or `false`, got `{text}`");
            Err(invalid(name, rule))
        }
    }
}

/// `Tag.N.Key` and `Tag.N.Value`, checked by rising `N`, the key before the value.
pub(crate) fn tags(params: &Params) -> Result<Vec<TagFilter>, ApiError> {
    // A longer `N` is a larger one, whatever its digits.
    let mut sent: BTreeMap<(usize, &str), (&str, &str)> = BTreeMap::new();
    for (name, value) in params.iter_first().filter(|(_, value)| !value.is_empty()) {
        let Some((n, part)) = name
            .strip_prefix("Tag.")
            .and_then(|rest| rest.split_once('.'))
            .filter(|(n, part)| is_plain_number(n) && ["Key", "Value"].contains(part))
        else {
            continue;
        };
        let tag = sent.entry((n.len(), n)).or_default();
        if part == "Key" {
            tag.0 = value;
        } else {
            tag.1 = value;
        }
    }
    sent.into_iter()
        .map(|((_, n), (key, value))| tag(n, key, value))
        .collect()
}

fn tag(n: &str, key: &str, value: &str) -> Result<TagFilter, ApiError> {
    if !n.parse().is_ok_and(|n: u32| (1..=TAGS_MAX).contains(&n)) {
        let rule = format!("`Tag.N` must have N in 1..={TAGS_MAX}, got `{n}`");
        return Err(ApiError::invalid("Tag", rule));
    }
    let (n_key, n_value) = (key.chars().count(), value.chars().count());
    if !(1..=TAG_KEY_CHARS_MAX).contains(&n_key) {
        let rule = format!("has 1 to {TAG_KEY_CHARS_MAX} characters, got {n_key}");
        return Err(invalid(&format!("Tag.{n}.Key"), rule));
    }
    if n_value > TAG_VALUE_CHARS_MAX {
        let rule = format!("has at most {TAG_VALUE_CHARS_MAX} characters, got {n_value}");
        return Err(invalid(&format!("Tag.{n}.Value"), rule));
    }
    Ok(TagFilter {
        key: key.to_owned(),
        value: (!value.is_empty()).then(|| value.to_owned()),
    })
}
