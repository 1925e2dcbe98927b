//! What is checked before anything starts: region ids and fixtures.

use crate::base::{Clock, ClockMode};
use crate::emulator::error::{REGION_ID_CHARS_MAX, StartError};
use crate::fixture::{self, Fixture};
use crate::resources::{Kinds, Regions};

/// The vendor's regions and the `added` ones.
pub(crate) fn parse_regions(added: &[String]) -> Result<Regions, StartError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    for id in added {
        if !(1..=REGION_ID_CHARS_MAX).contains(&id.len()) || !id.bytes().all(is_plain) {
            return Err(StartError::Region { text: id.clone() });
        }
    }
    Ok(Regions::with_added(added.iter().cloned()))
}

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
