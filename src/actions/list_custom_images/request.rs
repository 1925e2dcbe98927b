//! The request: text parameters become a filter and a page, once.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::base::limits::{
    CLIENT_TOKEN_CHARS_MAX, LIST_ENTRIES_MAX, TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX,
};
use crate::base::nearest;
use crate::resources::{
    ImageFilter, Page, PageNumber, PageSize, RegionId, Regions, Sharing, TagFilter,
};
use crate::wire::{ApiError, Params, Warning, is_common_parameter};

/// The action's own parameters; `Tag.N.Key` and `Tag.N.Value` stand for twenty each.
const PARAMETERS: [&str; 13] = [
    "RegionId",
    "ClientToken",
    "ImageIds",
    "ImageNames",
    "PageSize",
    "PageNumber",
    "SystemSnapshotId",
    "DataSnapshotId",
    "InstanceId",
    "ResourceGroupId",
    "Tag.N.Key",
    "Tag.N.Value",
    "Share",
];

/// A request that keeps every documented rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCustomImagesRequest {
    /// Which images.
    pub filter: ImageFilter,
    /// Which slice of them.
    pub page: Page,
    /// The client's token, at most 64 ASCII characters.
    pub client_token: Option<String>,
}

impl ListCustomImagesRequest {
    /// Reads the action's parameters, in the order in which the contract checks them.
    ///
    /// # Errors
    /// `MissingRegionId`, `InvalidRegionId`, `InvalidClientToken`, `InvalidImageIds`,
    /// `InvalidImageNames`, `InvalidPageSize`, `InvalidPageNumber`, `InvalidTag`,
    /// `InvalidTag.N.Key`, `InvalidTag.N.Value`, `InvalidShare`; the first that applies.
    pub fn parse(params: &Params, regions: &Regions) -> Result<Self, ApiError> {
        let region_id = region_id(params, regions)?;
        let client_token = client_token(params)?;
        let image_ids = list(params, "ImageIds")?;
        let image_names = list(params, "ImageNames")?;
        let size = params.value("PageSize").map(PageSize::parse).transpose();
        let size = size.map_err(|error| ApiError::invalid("PageSize", error.to_string()))?;
        let number = params
            .value("PageNumber")
            .map(PageNumber::parse)
            .transpose();
        let number = number.map_err(|error| ApiError::invalid("PageNumber", error.to_string()))?;
        let text = |name| params.value(name).map(str::to_owned);
        let filter = ImageFilter {
            region_id,
            image_ids,
            image_names,
            system_snapshot_id: text("SystemSnapshotId"),
            data_snapshot_id: text("DataSnapshotId"),
            instance_id: text("InstanceId"),
            resource_group_id: text("ResourceGroupId"),
            tags: tags(params)?,
            share: share(params)?,
        };
        let page = Page {
            number: number.unwrap_or_default(),
            size: size.unwrap_or_default(),
        };
        Ok(Self {
            filter,
            page,
            client_token,
        })
    }

    /// A number that differs, but for chance, when the filter or the page size differs.
    ///
    /// The page number is left out: a client that walks the pages may keep its token.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.page.size.n_images().hash(&mut hasher);
        self.filter.hash(&mut hasher);
        hasher.finish()
    }
}

/// A warning for each parameter that the action does not have, in the order sent.
pub(crate) fn unknown_parameters(params: &Params) -> Vec<Warning> {
    params
        .iter_first()
        .map(|(name, _)| name)
        .filter(|name| !is_parameter(name))
        .map(|name| Warning::UnknownParameter {
            name: name.to_owned(),
            nearest: meant(name),
        })
        .collect()
}

/// Tells whether a request of this action may have such a parameter.
pub(crate) fn is_parameter(name: &str) -> bool {
    is_own_parameter(name) || is_common_parameter(name)
}

fn is_own_parameter(name: &str) -> bool {
    TagName::parse(name).is_some() || PARAMETERS.contains(&name) && !name.starts_with("Tag.N.")
}

/// The known parameter that an unknown name most likely means.
fn meant(name: &str) -> Option<&'static str> {
    const COMMON: [&str; 6] = [
        "Action",
        "Version",
        "Format",
        "AccessKeyId",
        "Timestamp",
        "SecurityToken",
    ];
    let known = || PARAMETERS.into_iter().chain(COMMON);
    let (head, _) = name.split_once('.').unwrap_or((name, ""));
    if head.eq_ignore_ascii_case("Tag") || head.eq_ignore_ascii_case("Tags") {
        let value = name.to_ascii_lowercase().ends_with("value");
        return Some(if value { "Tag.N.Value" } else { "Tag.N.Key" });
    }
    nearest(name, known()).or_else(|| nearest(head, known()))
}

fn region_id(params: &Params, regions: &Regions) -> Result<RegionId, ApiError> {
    let text = params
        .value("RegionId")
        .ok_or_else(|| ApiError::missing("RegionId"))?;
    regions
        .parse(text)
        .map_err(|error| ApiError::invalid("RegionId", error.to_string()))
}

fn client_token(params: &Params) -> Result<Option<String>, ApiError> {
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
    Ok(Some(token.to_owned()))
}

/// Reads a list of ids or names: a JSON array of strings, or entries between commas.
///
/// `[]` is no filter, like an absent parameter.
fn list(params: &Params, name: &str) -> Result<Option<BTreeSet<String>>, ApiError> {
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

/// Reads `Tag.N.Key` and `Tag.N.Value` by rising `N`, the key before the value.
fn tags(params: &Params) -> Result<Vec<TagFilter>, ApiError> {
    let mut sent: BTreeMap<TagNumber, (&str, &str)> = BTreeMap::new();
    for (name, value) in params.iter_first().filter(|(_, value)| !value.is_empty()) {
        let Some(TagName { number, part }) = TagName::parse(name) else {
            continue;
        };
        let tag = sent.entry(number).or_default();
        match part {
            TagPart::Key => tag.0 = value,
            TagPart::Value => tag.1 = value,
        }
    }
    sent.into_iter()
        .map(|(number, (key, value))| tag(number, key, value))
        .collect()
}

fn tag(number: TagNumber<'_>, key: &str, value: &str) -> Result<TagFilter, ApiError> {
    let n = number.digits;
    if !number
        .digits
        .parse::<u32>()
        .is_ok_and(|n| (1..=TAGS_MAX).contains(&n))
    {
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

/// A parameter of the form `Tag.N.Key` or `Tag.N.Value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TagName<'a> {
    number: TagNumber<'a>,
    part: TagPart,
}

impl<'a> TagName<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let (digits, part) = name.strip_prefix("Tag.")?.split_once('.')?;
        let part = match part {
            "Key" => TagPart::Key,
            "Value" => TagPart::Value,
            _ => return None,
        };
        let plain = !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        plain.then_some(Self {
            number: TagNumber {
                n_digits: digits.len(),
                digits,
            },
            part,
        })
    }
}

fn share(params: &Params) -> Result<Option<Sharing>, ApiError> {
    match params.value("Share") {
        None => Ok(None),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(Sharing::Shared)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(Sharing::NotShared)),
        Some(text) => {
            let rule = format!("`Share` must be `true` or `false`, got `{text}`");
            Err(ApiError::invalid("Share", rule))
        }
    }
}
