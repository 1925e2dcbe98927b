//! The custom image: what it holds, what filters ask of it, how the API writes it.

mod filter;
mod generate;
mod image;
mod status;

pub(crate) use filter::FilterField;
pub use filter::{ImageFilter, Sharing, TagFilter};
pub use generate::generate_images;
pub(crate) use image::document;
pub use image::{Image, OsType, Tag};
pub use status::Status;
