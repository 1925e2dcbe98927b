//! The façade: build an emulator, start it, ask where it is, use its sandboxes, stop it.

mod builder;
mod check;
mod error;
mod handle;
mod in_process;
mod listen;
mod progress;
mod running;
mod start;

pub use builder::EmulatorBuilder;
pub use check::check_fixtures;
#[cfg(feature = "cli")]
pub(crate) use check::parse_regions;
pub use error::StartError;
pub use handle::{Fault, HandleError, SandboxClock, SandboxHandle};
pub use in_process::InProcess;
#[cfg(feature = "cli")]
pub(crate) use listen::Listen;
#[cfg(feature = "cli")]
pub(crate) use progress::SeedProgress;
pub use running::Emulator;
