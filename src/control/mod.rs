//! The control API: what a test sets and asks, as plain calls without HTTP.

mod call;
mod clock;
mod error;
mod faults;
mod generate;
mod health;
mod images;
mod requests;
mod sandboxes;
mod states;

pub use call::{Call, Reply, Wanted};
pub use error::ControlError;

pub use clock::{change_clock, read_clock, reset_clock};
pub use faults::{add_fault, delete_fault, delete_faults, list_faults, replace_faults};
pub use generate::generate;
pub use health::{health, openapi};
pub use images::{
    delete_image, delete_images, list_images, patch_image, put_image, put_images, read_image,
};
pub use requests::{
    count_requests, delete_requests, explain_query, explain_request, list_parameters,
    list_requests, list_retries, read_request, verify,
};
pub use sandboxes::{create_sandbox, end_sandbox, list_sandboxes};
pub use states::{
    delete_checkpoint, export, list_checkpoints, read_checkpoint, reset, take_checkpoint,
};
