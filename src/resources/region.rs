//! Regions: the ids that a request or a fixture may name.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::nearest;

/// Every region that the product has or had.
///
/// Source: the union of the endpoints in the product's metadata (June 2024) and in the vendor's
/// current product list.
const KNOWN: [&str; 29] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "us-east-1",
    "us-west-1",
];

/// The id of a region that the emulator knows, such as `cn-hangzhou`.
///
/// Which regions are known depends on the configuration, so reading one from JSON does not check
/// it. [`Regions::parse`] does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionId(String);

impl RegionId {
    /// The id as the API writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The regions of one emulator: the vendor's, and those that its configuration adds.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    added: BTreeSet<String>,
}

impl Regions {
    /// The vendor's regions and the `added` ones.
    pub fn with_added(added: impl IntoIterator<Item = String>) -> Self {
        Self {
            added: added.into_iter().collect(),
        }
    }

    /// Every known id, the vendor's first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        KNOWN
            .into_iter()
            .chain(self.added.iter().map(String::as_str))
    }

    /// Reads a region's id, byte for byte.
    ///
    /// # Errors
    /// That the text is no known id, and which one was probably meant.
    pub fn parse(&self, text: &str) -> Result<RegionId, String> {
        if KNOWN.contains(&text) || self.added.contains(text) {
            return Ok(RegionId(text.to_owned()));
        }
        let hint = match nearest(text, self.iter()) {
            Some(nearest) => format!(", did you mean `{nearest}`?"),
            None => "; `--region` adds one".to_owned(),
        };
        Err(format!(
            "`RegionId` must be a known region, got `{text}`{hint}"
        ))
    }
}
