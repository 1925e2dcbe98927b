//! A sandbox from Rust: what a test sets and asks, without HTTP.

mod clock;
mod error;
mod fault;
mod journal;
mod sandbox;

pub use clock::SandboxClock;
pub use error::HandleError;
pub use fault::Fault;
pub use sandbox::SandboxHandle;
