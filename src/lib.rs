//! A local double of Alibaba Cloud's Simple Application Server `ListCustomImages` API.
//!
//! The vendor's own SDKs, unchanged, take it for the real thing. Rust tests start it inside their
//! own process:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use swas_emulator::{Emulator, Fixture};
//!
//! let images = r#"{"CustomImages": [
//!     {"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}
//! ]}"#;
//! let emulator =
//!     Emulator::builder().fixture(Fixture::from_json("images", images)).start().await?;
//! println!("point an SDK at {}", emulator.endpoint());
//! # Ok(())
//! # }
//! ```
//!
//! An emulator is stopped when it is dropped. Several in one process share nothing.

pub mod actions;
pub mod clock;
pub mod config;
pub mod control;
pub mod domain;
pub mod emulator;
pub mod faults;
pub mod fixture;
pub mod generate;
pub mod handle;
pub mod journal;
pub mod limits;
pub mod random;
pub mod sandbox;
pub mod server;
pub mod similar;
pub mod store;
pub mod text;
pub mod wire;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
mod telemetry;

pub use config::InvalidRegion;
pub use emulator::{
    BoundEmulator, Emulator, EmulatorBuilder, SeedProgress, StartError, check_fixtures,
};
pub use fixture::{Fixture, FixtureError, InvalidFixture};
pub use handle::{HandleError, SandboxHandle};
pub use store::StoreError;

/// The version of this emulator, as in the header `x-emulator-version`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
