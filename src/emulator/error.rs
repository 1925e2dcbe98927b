//! Why an emulator does not start.

use std::io;
use std::net::SocketAddr;

use crate::fixture::FixtureError;
use crate::store::StoreError;

/// Longest id of an added region, in characters.
pub(super) const REGION_ID_CHARS_MAX: usize = 64;

/// Why an emulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A fixture cannot be read or breaks a rule.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// An added region has no valid id.
    #[error(
        "a region id has 1 to {REGION_ID_CHARS_MAX} letters, digits and hyphens, such as \
         `cn-hangzhou`, got {text:?}"
    )]
    Region {
        /// The text as given.
        text: String,
    },
    /// The clock is to start at a text that is not a moment.
    #[error("a clock starts at a real date as `yyyy-MM-ddTHH:mm:ssZ`, got {text:?}")]
    Clock {
        /// The text as given.
        text: String,
    },
    /// The control API's token does not fit into a header.
    #[error("a control token has one or more characters, all of them visible ASCII")]
    ControlToken,
    /// The database cannot be opened or seeded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process listens on the address.
    #[error(
        "address {address} is in use already; stop what listens there, or choose another with \
         `--listen`, such as `--listen 127.0.0.1:0` for any free port"
    )]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The emulator was stopped during the seed; nothing of the new seed is kept.
    #[error("stopped before the seed was in")]
    Stopped,
    /// The threads of the server cannot be started.
    #[error("cannot start the server's threads")]
    Threads(#[source] io::Error),
    /// The server's thread ended before it was ready; its panic is on standard error.
    #[error("the server ended before it was ready")]
    Ended,
}
