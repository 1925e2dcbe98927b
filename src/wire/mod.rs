//! The vendor's dialect as text: parameters in, JSON or XML out, codes and messages.
//!
//! Nothing here knows an HTTP library, the store or an action's meaning.

mod action;
mod codes;
mod common;
mod error;
mod note;
mod params;
mod render;
mod vendor_codes;
mod warning;
mod xml;

pub(crate) use action::Action;
pub(crate) use codes::ErrorCode;
pub(crate) use common::{
    CommonParams, PRODUCT, RequestHead, is_common_parameter, is_secret_parameter,
};
pub(crate) use error::ApiError;
pub(crate) use note::note;
pub use params::Params;
pub(crate) use params::ParamsError;
pub(crate) use render::Format;
pub(crate) use warning::Warning;
