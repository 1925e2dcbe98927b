//! The integration tests: a real server on a real port, driven from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::similar_names,
    missing_docs,
    reason = "a failed test should panic, and its name says what it shows"
)]

mod answer;
mod architecture;
mod bodies;
mod captures;
mod clients_that_stall;
#[cfg(feature = "cli")]
mod command;
mod control_clock;
mod control_generate;
mod control_images;
mod control_openapi;
mod control_sandboxes;
mod control_states;
mod control_support;
#[cfg(feature = "cli")]
mod database;
mod embedding;
mod errors;
mod explain;
mod faults;
mod filters;
#[cfg(feature = "cli")]
mod fixture_sources;
#[cfg(feature = "cli")]
mod fixtures;
mod health;
mod journal;
mod limits;
#[cfg(feature = "cli")]
mod logs;
mod properties;
mod sandbox_isolation;
mod sandbox_limits;
#[cfg(feature = "cli")]
mod stopping;
mod support;
mod transport;
mod warnings;
