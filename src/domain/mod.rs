//! The vendor's things as values that cannot be wrong: no HTTP, no JSON, no SQL.

mod filter;
mod image;
mod page;
mod region;
mod status;

pub use filter::{FilterField, ImageFilter, Sharing, TagFilter};
pub use image::{Image, OsType, Tag};
pub use page::{Page, PageNumber, PageNumberError, PageSize, PageSizeError};
pub use region::{RegionId, Regions, UnknownRegion};
pub use status::Status;
