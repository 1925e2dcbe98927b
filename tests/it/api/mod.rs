//! The vendor's API: what holds for every action, and a folder or a file for each action.

mod actions;
mod bodies;
mod captures;
mod client_tokens;
pub(crate) mod errors;
mod list_custom_images;
mod list_regions;
