//! The operating system family of a custom image.

use serde::{Deserialize, Deserializer, Serialize};

use crate::resources::json;

/// The operating system family of an image, under the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum OsType {
    /// `Linux`.
    Linux,
    /// `Windows`.
    Windows,
}

impl<'de> Deserialize<'de> for OsType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, "`Linux` or `Windows`", |name| match name {
            "Linux" => Some(Self::Linux),
            "Windows" => Some(Self::Windows),
            _ => None,
        })
    }
}
