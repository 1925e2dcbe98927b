//! The actions: where wire, resources and sandbox meet.
//!
//! An action is a folder here and a line of [`ACTIONS`]. What the rest of the house needs to know of
//! it stands in its row.

mod action;
mod call;
mod explain;
mod explanation;
mod failure;
mod gate;
mod list_custom_images;
mod list_regions;
mod once;
mod parameters;
mod table;

pub use action::{Access, Action, Parameter, Presence, Ram};
pub(crate) use call::Emptiness;
pub use call::{Answered, Call};
pub(crate) use explain::{ExplainError, explain_query, explain_recorded};
pub(crate) use explanation::Explanation;
pub use explanation::Findings;
pub use failure::Failure;
pub(crate) use gate::{Caller, Gate};
pub use list_custom_images::ListCustomImagesRequest;
pub(crate) use once::answer;
pub use table::Actions;
pub(crate) use table::{Asked, unknown_parameters};

/// Every action that is emulated. A new one is a folder beside this file, its `mod`, and a line here.
#[rustfmt::skip]
pub static ACTIONS: [&Action; 2] = [
    &list_custom_images::ACTION,
    &list_regions::ACTION,
];
