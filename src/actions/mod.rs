//! The actions: where wire, domain and store meet.

pub mod list_custom_images;
