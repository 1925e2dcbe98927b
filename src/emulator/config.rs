//! The settings of an emulator: the builder and the command line fill the same ones.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::actions::Actions;
use crate::base::limits::CACHE_BYTES_MAX;
use crate::emulator::error::{REGION_ID_CHARS_MAX, StartError};
use crate::faults::Magic;
use crate::fixture::Fixture;
use crate::resources::Regions;
use crate::sandbox::SandboxSettings;
use crate::server::ControlSettings;

/// The address that the command line listens on by default.
pub(crate) const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8808);

/// What to do with a database that already holds a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reseed {
    /// Keep it as it is.
    #[default]
    Never,
    /// Delete it and seed again.
    Always,
}

/// The settings of an emulator.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The address to listen on; the default is a free port of 127.0.0.1.
    pub(crate) listen: SocketAddr,
    /// What to seed with; when there is none, the built-in account.
    pub(crate) fixtures: Vec<Fixture>,
    /// The database file; `None` keeps everything in memory.
    pub(crate) database: Option<PathBuf>,
    pub(crate) reseed: Reseed,
    /// Region ids beside the vendor's.
    pub(crate) regions: Vec<String>,
    /// The actions that are answered.
    pub(crate) actions: Actions,
    /// How sandboxes are made, and how many may live.
    pub(crate) sandboxes: SandboxSettings,
    /// How the control API is reached.
    pub(crate) control: ControlSettings,
    /// Whether an AccessKeyId with a `+` means a fault.
    pub(crate) magic: Magic,
    /// Threads that serve requests, at least one.
    pub(crate) worker_threads: usize,
    /// Memory for cached listings of all sandboxes, in bytes; 0 switches the cache off.
    pub(crate) cache_bytes_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        let mut any_port = LISTEN_DEFAULT;
        any_port.set_port(0);
        Self {
            listen: any_port,
            fixtures: Vec::new(),
            database: None,
            reseed: Reseed::default(),
            regions: Vec::new(),
            actions: Actions::default(),
            sandboxes: SandboxSettings::default(),
            control: ControlSettings::default(),
            magic: Magic::default(),
            worker_threads: 1,
            cache_bytes_max: CACHE_BYTES_MAX,
        }
    }
}

/// The vendor's regions and the `added` ones.
pub(crate) fn parse_regions(added: &[String]) -> Result<Regions, StartError> {
    for id in added {
        let plain = id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || id.is_empty() || id.len() > REGION_ID_CHARS_MAX {
            return Err(StartError::Region { text: id.clone() });
        }
    }
    Ok(Regions::with_added(added.iter().cloned()))
}
