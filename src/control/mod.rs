//! The control API: what a test sets and asks, as plain calls without HTTP.

mod call;
mod clock;
mod error;
mod generate;
mod health;
mod images;
mod sandboxes;
mod states;

pub use call::{Call, Reply};
pub use error::ControlError;

pub use clock::{change_clock, read_clock, reset_clock};
pub use generate::generate;
pub use health::{health, openapi};
pub use images::{
    delete_image, delete_images, list_images, patch_image, put_image, put_images, read_image,
};
pub use sandboxes::{create_sandbox, end_sandbox, list_sandboxes};
pub use states::{delete_snapshot, export, list_snapshots, read_snapshot, reset, take_snapshot};
