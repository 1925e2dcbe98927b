//! The control API: every route, its guard and its document.

mod bad_input;
mod clock;
mod docs;
mod explain;
mod faults;
#[cfg(all(feature = "cli", unix))]
mod flags;
mod generate;
mod guard;
mod health;
mod images;
pub(crate) mod openapi;
#[cfg(all(feature = "cli", unix))]
pub(crate) mod process;
mod sandboxes;
mod states;
pub(crate) mod support;
