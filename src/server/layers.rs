//! What every answer goes through, the vendor's and ours.

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::VERSION;

const EMULATOR_VERSION: HeaderName = HeaderName::from_static("x-emulator-version");

/// Adds the version header, and an answer to a panic in one of our own paths.
///
/// The vendor's gateway answers its own panics, in the vendor's form.
pub(super) fn add(router: Router) -> Router {
    router
        .layer(CatchPanicLayer::new())
        .layer(SetResponseHeaderLayer::overriding(
            EMULATOR_VERSION,
            HeaderValue::from_static(VERSION),
        ))
}
