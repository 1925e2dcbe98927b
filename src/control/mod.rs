//! The control API: what a test sets and asks, as plain calls without HTTP.

mod call;
mod clock;
mod error;
mod faults;
mod generate;
mod health;
mod images;
mod openapi;
mod parameters;
mod refusals;
mod requests;
mod route;
mod routes;
mod sandboxes;
mod states;

pub(crate) use call::{Call, Reply, Wanted};
pub(crate) use error::ControlError;
pub use openapi::document as openapi_document;
pub(crate) use route::{Function, Handler, Method, Route};
pub use routes::ROUTES;

pub(crate) use clock::{ClockChange, change_clock, read_clock, reset_clock};
pub(crate) use faults::{
    add_fault, delete_fault, delete_faults, list_faults, parse_fault, replace_faults,
};
pub(crate) use generate::{generate, generated_images};
pub(crate) use health::health;
pub(crate) use images::{
    delete_image, delete_images, list_images, patch_image, put_image, put_images, read_image,
};
pub(crate) use openapi::openapi;
pub(crate) use requests::{
    count_requests, delete_requests, explain_query, explain_request, list_parameters,
    list_requests, list_retries, read_request, verify,
};
pub(crate) use sandboxes::{create_sandbox, end_sandbox, list_sandboxes};
pub(crate) use states::{
    delete_checkpoint, export, list_checkpoints, read_checkpoint, reset, take_checkpoint,
};
