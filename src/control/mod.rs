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

pub(crate) use call::{Call, Reply, ReplyBody, Wanted};
pub(crate) use clock::ClockChange;
pub(crate) use error::ControlError;
pub(crate) use faults::parse_fault;
pub(crate) use generate::{GenerateError, put_generated};
pub use openapi::document as openapi_document;
pub(crate) use openapi::openapi;
pub(crate) use route::{Function, Handler, Method, Route};
pub use routes::ROUTES;
