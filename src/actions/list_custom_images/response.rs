//! The response: a listing in the documented form.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::resources::Page;
use crate::store::Listing;

/// The answer of `ListCustomImages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCustomImagesResponse {
    /// The images of the page and the count of all.
    pub listing: Arc<Listing>,
    /// The page that was asked for.
    pub page: Page,
}

impl ListCustomImagesResponse {
    /// The root of the answer's XML form.
    pub const XML_ROOT: &'static str = "ListCustomImagesResponse";

    /// Writes the JSON answer; count, page size and page number are strings.
    ///
    /// The stored documents go in as they are. `request_id` is a UUID and needs no escaping.
    ///
    /// Source: `ListCustomImages` reference, the documented example.
    pub fn json(&self, request_id: &str) -> String {
        const FRAME_BYTES: usize = 160;
        let documents = &self.listing.documents;
        let mut json = String::with_capacity(documents.len() + FRAME_BYTES);
        // Writing to a `String` cannot fail.
        write!(json, r#"{{"RequestId":"{request_id}","CustomImages":["#).ok();
        json.push_str(documents);
        write!(
            json,
            r#"],"TotalCount":"{}","PageSize":"{}","PageNumber":"{}"}}"#,
            self.listing.total_count,
            self.page.size.n_images(),
            self.page.number.number(),
        )
        .ok();
        json
    }
}
