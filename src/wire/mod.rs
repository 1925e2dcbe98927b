//! The vendor's dialect as text: parameters in, JSON or XML out, codes and messages.
//!
//! Nothing here knows an HTTP library, the store or an action's meaning.

mod action;
mod codes;
mod common;
mod document;
mod error;
mod note;
mod params;
mod render;
mod vendor_codes;
mod warning;
mod xml;

pub use action::Action;
pub use codes::ErrorCode;
pub use common::{
    API_VERSION, CommonParams, PRODUCT, RequestHead, is_common_parameter, is_secret_parameter,
};
pub use document::document;
pub use error::ApiError;
pub use note::note;
pub use params::{Params, ParamsError};
pub use render::Format;
pub use warning::Warning;
