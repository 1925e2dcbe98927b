//! Custom images: the one large kind, with indexes, counts and a cache of its own.

mod cache;
pub(super) mod facets;
mod list;
mod listing;
mod look_up;
mod plan;
mod read;
mod seed;
mod write;

pub use cache::ListingCache;
pub(crate) use listing::Listing;
pub(crate) use read::StoredImage;
pub(super) use read::select;
pub(super) use seed::ImageSeeding;
pub(crate) use write::NewImage;
pub(super) use write::{ImagePutter, clear, put};
