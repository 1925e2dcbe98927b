//! The actions: where wire, domain and store meet.

pub(crate) mod list_custom_images;
