//! The integration tests: a real server on a real port, driven from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a failed test should panic, and its name says what it shows"
)]

mod architecture;
mod properties;
