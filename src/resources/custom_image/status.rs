//! The status of a custom image.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::resources::json;

/// What state a custom image is in.
///
/// Source: `ListCustomImages` response field `Status`, as the official SDKs document it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Status {
    /// `0`: the image is being copied.
    Copying,
    /// `1`: servers can be created from the image.
    #[default]
    Available,
    /// `2`: the image cannot be used.
    Unavailable,
    /// `3`: the creation of the image failed.
    CreationFailed,
    /// `4`: the image is being created.
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

    /// The code that the API writes, a string of one digit.
    pub fn code(self) -> &'static str {
        match self {
            Self::Copying => "0",
            Self::Available => "1",
            Self::Unavailable => "2",
            Self::CreationFailed => "3",
            Self::Creating => "4",
        }
    }

    /// Reads the API's code; `None` for any other text.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "`0` (copying), `1` (available), `2` (unavailable), `3` (creation failed) \
                        or `4` (creating)";
        json::parsed(deserializer, expected, Self::parse)
    }
}
