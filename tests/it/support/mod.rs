//! What the tests share: a running emulator, the binary as a process, bytes on a socket, images.

mod answer;
mod images;
pub(crate) mod kinds;
#[cfg(feature = "cli")]
mod process;
mod raw;
mod world;

pub(crate) use answer::{Answer, assert_upper_case_uuid};
pub(crate) use images::{encode, fixture, ids, image, images, isolated, seed};
#[cfg(feature = "cli")]
pub(crate) use process::{Outcome, Process, binary, folder, run};
#[cfg(all(feature = "cli", unix))]
pub(crate) use process::{send_signal, without_variables};
pub(crate) use raw::{FORM, Raw, begun, get, post, request};
pub(crate) use world::World;

/// The parameters that say which action is meant.
pub(crate) const ACTION: &str = "Action=ListCustomImages&Version=2020-06-01";

/// The parameters that every successful request has.
pub(crate) const LIST: &str = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
