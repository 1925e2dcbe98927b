//! What the answers of our own paths go through.

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::VERSION;

pub(super) const EMULATOR_VERSION: HeaderName = HeaderName::from_static("x-emulator-version");

/// Adds the version header, and an answer to a panic.
///
/// The vendor's gateway does both itself, a panic's answer in the vendor's form.
pub(super) fn add(router: Router) -> Router {
    router
        .layer(CatchPanicLayer::new())
        .layer(SetResponseHeaderLayer::overriding(
            EMULATOR_VERSION,
            HeaderValue::from_static(VERSION),
        ))
}
