//! The vendor's resources as values that cannot be wrong: no HTTP, no SQL.

mod custom_image;
pub(crate) mod json;
mod kind;
mod page;
mod region;

pub(crate) use custom_image::{FilterField, Filtered, document};
pub use custom_image::{
    Image, ImageFilter, OsType, Sharing, Status, Tag, TagFilter, generate_images,
};
pub use kind::{Kind, Kinds, Row};
pub use page::{Page, PageNumber, PageSize};
pub use region::{RegionId, Regions};

/// Every kind beside custom images that is emulated, in the order of an export. A new one is a file
/// beside this one, its `mod`, and a line here.
static KINDS: [&Kind; 0] = [];
