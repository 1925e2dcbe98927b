//! The custom image: what it holds, what filters ask of it, how the API writes it.

mod document;
mod filter;
mod generate;
mod image;
mod status;

pub(crate) use document::document;
pub(crate) use filter::{FilterField, Filtered};
pub use filter::{ImageFilter, Sharing, TagFilter};
pub use generate::generate_images;
pub use image::{Image, OsType, Tag};
pub use status::Status;
