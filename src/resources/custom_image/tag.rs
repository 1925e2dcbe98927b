//! The tags of a custom image.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::limits::{TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX};
use crate::resources::json;

/// A tag of an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// 1 to 64 characters; an image has each key once.
    #[serde(deserialize_with = "key")]
    pub key: String,
    /// 0 to 64 characters.
    #[serde(default, deserialize_with = "value")]
    pub value: String,
}

/// Reads the tags of one image: at most 20, each key once.
pub(super) fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Tag>, D::Error> {
    let tags: Vec<Tag> = json::objects(deserializer, "an image", TAGS_MAX as usize, "tags")?;
    for (idx, tag) in tags.iter().enumerate() {
        if tags[..idx].iter().any(|earlier| earlier.key == tag.key) {
            let rule = format!("tag key `{}` appears twice", tag.key);
            return Err(D::Error::custom(rule));
        }
    }
    Ok(tags)
}

fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let key = String::deserialize(deserializer)?;
    let n_chars = key.chars().count();
    if (1..=TAG_KEY_CHARS_MAX).contains(&n_chars) {
        return Ok(key);
    }
    let rule = format!("a tag key has 1 to {TAG_KEY_CHARS_MAX} characters, got {n_chars}");
    Err(D::Error::custom(rule))
}

fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = String::deserialize(deserializer)?;
    let n_chars = value.chars().count();
    if n_chars <= TAG_VALUE_CHARS_MAX {
        return Ok(value);
    }
    let rule = format!("a tag value has at most {TAG_VALUE_CHARS_MAX} characters, got {n_chars}");
    Err(D::Error::custom(rule))
}
