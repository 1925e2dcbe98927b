//! What an emulator is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::actions::Actions;
use crate::faults::Magic;
use crate::resources::Regions;
use crate::sandbox::SandboxSettings;
use crate::server::ControlSettings;

/// Where the emulator listens unless told otherwise.
pub(crate) const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8808);

/// What to do with a database that already holds a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reseed {
    /// Keep it as it is.
    #[default]
    Never,
    /// Throw it away and seed anew.
    Always,
}

/// The settings of an emulator.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    /// The address to listen on; `None` is a free port of 127.0.0.1.
    pub(crate) listen: Option<SocketAddr>,
    /// The database file; `None` keeps the images in memory.
    pub(crate) database: Option<PathBuf>,
    pub(crate) reseed: Reseed,
    /// Region ids beside the vendor's.
    pub(crate) regions: Vec<String>,
    /// How sandboxes are made, and how many may live.
    pub(crate) sandboxes: SandboxSettings,
    /// How the control API is reached.
    pub(crate) control: ControlSettings,
    /// The actions that are answered.
    pub(crate) actions: Actions,
    /// Whether an AccessKeyId with a `+` means a fault.
    pub(crate) magic: Magic,
    /// Threads that serve requests; `None` is one.
    pub(crate) worker_threads: Option<usize>,
    /// Memory for what listings have found, in bytes; `None` is the default.
    pub(crate) cache_bytes_max: Option<u64>,
}

/// The text cannot be the id of a region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a region id has 1 to {REGION_ID_CHARS_MAX} letters, digits and hyphens, such as `cn-hangzhou`, got {text:?}"
)]
pub struct InvalidRegion {
    /// The text as given.
    pub text: String,
}

/// Longest id of an added region, in characters.
const REGION_ID_CHARS_MAX: usize = 64;

impl Config {
    /// The vendor's regions and the added ones.
    pub(crate) fn regions(&self) -> Result<Regions, InvalidRegion> {
        parse_regions(&self.regions)
    }
}

/// The vendor's regions and the `added` ones.
///
/// # Errors
/// [`InvalidRegion`] for an id that has other characters than letters, digits and hyphens.
pub(crate) fn parse_regions(added: &[String]) -> Result<Regions, InvalidRegion> {
    for id in added {
        let plain = id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || id.is_empty() || id.len() > REGION_ID_CHARS_MAX {
            return Err(InvalidRegion { text: id.clone() });
        }
    }
    Ok(Regions::with_added(added.iter().cloned()))
}
