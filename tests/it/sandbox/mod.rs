//! Sandboxes: isolated worlds, over HTTP and from Rust.

mod determinism;
mod handle;
mod handle_journal;
mod isolation;
mod limits;
mod model;
mod rows;
mod timelines;
