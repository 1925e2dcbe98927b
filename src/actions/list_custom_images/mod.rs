//! `ListCustomImages`: the custom images of a region, filtered and paged.

mod explain;
mod nearness;
mod request;
mod response;

use crate::base::limits::EXPLAINED_IMAGES_MAX;
use crate::faults::Paging;
use crate::sandbox::{Sandbox, TokenUse};
use crate::store::StoreError;
use crate::wire::Warning;

pub(crate) use explain::{Explanation, explain, funnel, one_line, page_note};
pub use request::ListCustomImagesRequest;
pub(crate) use request::{is_parameter, unknown_parameters};
pub use response::ListCustomImagesResponse;

/// Answers a request from the sandbox's images, as they are or as if they had `change`d.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn answer(
    sandbox: &Sandbox,
    request: &ListCustomImagesRequest,
    change: Option<Paging>,
) -> Result<ListCustomImagesResponse, StoreError> {
    tracing::trace!(region_id = request.filter.region_id.as_str(), "listing");
    let listing = sandbox.list(&request.filter, request.page, change)?;
    Ok(ListCustomImagesResponse {
        listing,
        page: request.page,
    })
}

/// Notes the request's client token; a warning when it was used with other parameters before.
///
/// A read has no effect to repeat, so the token changes nothing else.
pub(crate) fn use_client_token(
    sandbox: &Sandbox,
    request: &ListCustomImagesRequest,
) -> Option<Warning> {
    let token = request.client_token.as_deref()?;
    match sandbox.use_client_token(token, request.fingerprint()) {
        TokenUse::Consistent => None,
        TokenUse::Reused => Some(Warning::ClientTokenReused {
            token: token.to_owned(),
        }),
    }
}

/// What a 200 tells of an answer without images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Emptiness {
    /// Nothing matches: the funnel in one line.
    NothingMatches(String),
    /// Nothing matches, in a sandbox too large to explain it with every answer.
    NotExplained,
    /// The page lies past the end: `page 3 of 2`.
    PastTheEnd(String),
}

/// Tells why an answer has no images; `None` when it has some.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub(crate) fn emptiness(
    sandbox: &Sandbox,
    request: &ListCustomImagesRequest,
    response: &ListCustomImagesResponse,
) -> Result<Option<Emptiness>, StoreError> {
    let total_count = response.listing.total_count;
    if total_count > 0 {
        return Ok(page_note(request.page, total_count).map(Emptiness::PastTheEnd));
    }
    let n_images = sandbox.count_all()?;
    if n_images > EXPLAINED_IMAGES_MAX {
        return Ok(Some(Emptiness::NotExplained));
    }
    let funnel = funnel(sandbox, &request.filter)?;
    Ok(Some(Emptiness::NothingMatches(one_line(n_images, &funnel))))
}
