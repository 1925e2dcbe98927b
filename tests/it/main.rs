//! The integration tests: a real server on a real port, driven from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::similar_names,
    missing_docs,
    reason = "a failed test should panic, and its name says what it shows"
)]

mod api;
mod control;
#[cfg(all(feature = "cli", unix))]
mod durability;
mod fixtures;
mod house;
mod journal;
mod process;
mod sandbox;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod stalls;
mod store;
mod support;
