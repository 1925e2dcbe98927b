//! The control API: every route, its guard and its document.

mod bad_bodies;
mod bad_input;
mod clock;
mod docs;
mod explain;
mod faults;
mod first_use;
mod generate;
mod guard;
mod health;
mod images;
mod long_values;
pub(crate) mod openapi;
mod sandboxes;
mod states;
mod token;
