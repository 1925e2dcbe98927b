//! The custom image: what it holds, what filters ask of it, how the API writes it.

mod filter;
mod generate;
mod image;
mod os_type;
mod status;
mod tag;

pub(crate) use filter::{FilterField, Filtered};
pub use filter::{ImageFilter, Sharing, TagFilter};
pub use generate::generate_images;
pub use image::Image;
pub(crate) use image::document;
pub use os_type::OsType;
pub use status::Status;
pub use tag::Tag;
