//! The status of a custom image.

use serde::{Deserialize, Deserializer, Serialize};

use crate::resources::json;

/// What state a custom image is in.
///
/// Source: `ListCustomImages` response field `Status`, as the official SDKs document it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum Status {
    /// `0`: the image is being copied.
    #[serde(rename = "0")]
    Copying,
    /// `1`: servers can be created from the image.
    #[default]
    #[serde(rename = "1")]
    Available,
    /// `2`: the image cannot be used.
    #[serde(rename = "2")]
    Unavailable,
    /// `3`: the creation of the image failed.
    #[serde(rename = "3")]
    CreationFailed,
    /// `4`: the image is being created.
    #[serde(rename = "4")]
    Creating,
}

impl Status {
    /// Every status, in the order of its code.
    pub const ALL: [Self; 5] = [
        Self::Copying,
        Self::Available,
        Self::Unavailable,
        Self::CreationFailed,
        Self::Creating,
    ];
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "`0` (copying), `1` (available), `2` (unavailable), `3` (creation failed) \
                        or `4` (creating)";
        json::parsed(deserializer, expected, |code| {
            // In the order of `ALL`.
            let codes = ["0", "1", "2", "3", "4"];
            let idx = codes.iter().position(|known| *known == code)?;
            Some(Self::ALL[idx])
        })
    }
}
