//! What the tests share: an emulator to ask, bytes to send, the binary to run.

mod answer;
#[cfg(feature = "cli")]
mod process;
mod raw;
mod served;

pub(crate) use answer::{Answer, assert_upper_case_uuid};
#[cfg(feature = "cli")]
pub(crate) use process::{Outcome, Process, binary};
pub(crate) use raw::{FORM, Raw, get, post};
pub(crate) use served::{Served, encode, fixture, image, images};

/// The parameters that say which action is meant.
pub(crate) const ACTION: &str = "Action=ListCustomImages&Version=2020-06-01";

/// The parameters that every successful request has.
pub(crate) const LIST: &str = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
