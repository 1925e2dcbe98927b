//! `ListCustomImages`: the custom images of a region, filtered and paged.

mod request;
mod response;

use crate::sandbox::{Sandbox, TokenUse};
use crate::store::StoreError;
use crate::wire::Warning;

pub use request::{ListCustomImagesRequest, unknown_parameters};
pub use response::ListCustomImagesResponse;

/// Answers a request from the sandbox's images.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn answer(
    sandbox: &Sandbox,
    request: &ListCustomImagesRequest,
) -> Result<ListCustomImagesResponse, StoreError> {
    tracing::trace!(region_id = request.filter.region_id.as_str(), "listing");
    let listing = sandbox.list(&request.filter, request.page)?;
    Ok(ListCustomImagesResponse {
        listing,
        page: request.page,
    })
}

/// Notes the request's client token; a warning when it was used with other parameters before.
///
/// A read has no effect to repeat, so the token changes nothing else.
pub fn use_client_token(sandbox: &Sandbox, request: &ListCustomImagesRequest) -> Option<Warning> {
    let token = request.client_token.as_deref()?;
    match sandbox.use_client_token(token, request.fingerprint()) {
        TokenUse::Consistent => None,
        TokenUse::Reused => Some(Warning::ClientTokenReused {
            token: token.to_owned(),
        }),
    }
}
