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
mod control_bad_input;
mod control_clock;
mod control_docs;
#[cfg(all(feature = "cli", unix))]
mod control_flags;
mod control_generate;
mod control_guard;
mod control_images;
mod control_openapi;
#[cfg(all(feature = "cli", unix))]
mod control_process;
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
#[cfg(all(feature = "cli", unix))]
mod fixture_stream;
#[cfg(feature = "cli")]
mod fixtures;
mod health;
mod journal;
mod kept_counts;
mod limits;
#[cfg(feature = "cli")]
mod logs;
mod properties;
mod sandbox_determinism;
#[cfg(all(feature = "cli", unix))]
mod sandbox_durability;
mod sandbox_handle;
mod sandbox_isolation;
mod sandbox_limits;
mod sandbox_model;
mod sandbox_timelines;
#[cfg(feature = "cli")]
mod stopping;
mod support;
mod transport;
mod warnings;
