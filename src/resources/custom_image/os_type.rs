//! The operating system family of a custom image.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::resources::json;

/// The operating system family of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OsType {
    /// `Linux`.
    Linux,
    /// `Windows`.
    Windows,
}

impl OsType {
    /// Every family.
    pub const ALL: [Self; 2] = [Self::Linux, Self::Windows];

    /// The name that the API writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }

    /// Reads the API's name; `None` for any other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|os_type| os_type.name() == name)
    }
}

impl Serialize for OsType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for OsType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, "`Linux` or `Windows`", Self::parse)
    }
}
