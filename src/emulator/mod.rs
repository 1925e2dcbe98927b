//! The façade: build an emulator, start it, ask where it is, use its sandboxes, stop it.

mod builder;
mod config;
mod error;
mod handle;
mod progress;
mod running;
mod start;

use crate::base::{Clock, ClockMode};
use crate::fixture::{self, Fixture};
use crate::resources::Kinds;

pub use builder::EmulatorBuilder;
pub(crate) use config::parse_regions;
#[cfg(feature = "cli")]
pub(crate) use config::{Config, LISTEN_DEFAULT, Reseed};
pub use error::StartError;
pub use handle::{Fault, HandleError, SandboxClock, SandboxHandle};
pub use progress::SeedProgress;
pub use running::Emulator;
pub use start::BoundEmulator;

/// Checks fixtures by every rule, without starting anything; returns the number of images.
///
/// `added_regions` are known beside the vendor's.
///
/// # Errors
/// [`StartError`] for the first rule that is broken.
pub fn check_fixtures(fixtures: &[Fixture], added_regions: &[String]) -> Result<usize, StartError> {
    let regions = parse_regions(added_regions)?;
    let now = Clock::new(ClockMode::default()).now();
    let mut n_images = 0;
    for image in fixture::read(fixtures, Kinds::default(), &regions, now) {
        image?;
        n_images += 1;
    }
    Ok(n_images)
}
