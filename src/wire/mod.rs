//! The vendor's dialect as text: parameters in, JSON or XML out, codes and messages.
//!
//! Nothing here knows an HTTP library, the store or an action's meaning.

mod answer;
mod codes;
mod common;
mod error;
mod format;
mod note;
mod params;
mod product;
mod vendor_codes;
mod warning;
mod xml;

pub use answer::{Answer, Field};
pub(crate) use codes::ErrorCode;
pub(crate) use common::{
    COMMON_PARAMETERS, RequestHead, access_key_id, action_sent, checked_action,
    is_common_parameter, is_secret_parameter, version_sent,
};
pub use error::ApiError;
pub(crate) use format::Format;
pub(crate) use note::note;
pub use params::Params;
pub(crate) use params::ParamsError;
pub(crate) use product::{ACTION_NAMES, PRODUCT, action_name};
pub use warning::Warning;
