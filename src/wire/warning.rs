//! Warnings: what works in a request, but is probably a mistake.

use std::fmt;

use crate::base::did_you_mean;

/// Something odd in a request, which is answered all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// No such parameter; the real gateway ignores it too.
    UnknownParameter {
        /// The name as sent.
        name: String,
        /// The known name that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// A parameter was sent more than once; the first one counts.
    RepeatedParameter {
        /// The name as sent.
        name: String,
    },
    /// A client token was used before with other parameters.
    ClientTokenReused {
        /// The token as sent.
        token: String,
    },
}

impl Warning {
    /// The parameter that nobody reads, when the warning is about one.
    pub(crate) fn unread(&self) -> Option<&str> {
        match self {
            Self::UnknownParameter { name, .. } => Some(name),
            Self::RepeatedParameter { .. } | Self::ClientTokenReused { .. } => None,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownParameter { name, nearest } => {
                write!(f, "unknown parameter `{name}`{}", did_you_mean(*nearest))
            }
            Self::RepeatedParameter { name } => write!(
                f,
                "parameter `{name}` was sent more than once, the first stands"
            ),
            Self::ClientTokenReused { token } => write!(
                f,
                "client token `{token}` was used before with other parameters"
            ),
        }
    }
}
