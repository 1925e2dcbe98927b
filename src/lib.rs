//! A test double of Alibaba Cloud's Simple Application Server `ListCustomImages` API.
//!
//! The vendor's own SDKs use it unchanged. Rust tests start it inside their own process:
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
//! Dropping an emulator stops it. Several in one process share nothing.
//!
//! [`EmulatorBuilder`] has the settings. [`SandboxHandle`] sets and asks everything else: images,
//! checkpoints, the clock, faults, recorded requests. `docs/rust.md` is a guide with examples.

mod actions;
mod base;
mod control;
mod emulator;
mod faults;
mod fixture;
mod journal;
mod resources;
mod sandbox;
mod server;
mod store;
mod wire;

#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod telemetry;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::run;

pub use emulator::{
    Emulator, EmulatorBuilder, Fault, HandleError, SandboxClock, SandboxHandle, StartError,
    check_fixtures,
};
pub use faults::RuleSummary;
pub use fixture::{EntryPlace, Fixture, FixtureError, InvalidFixture};
pub use journal::{Outcome, RecordedRequest, Retries};
pub use store::{Durability, StoreError};

/// The version of this emulator, as in the header `x-emulator-version`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// For the benches and the tests of this crate, not for users.
#[doc(hidden)]
pub mod internals {
    pub use crate::actions::{
        ACTIONS, Access, Action, Actions, Answered, Call, Failure, Findings,
        ListCustomImagesRequest, Parameter, Presence, Ram,
    };
    pub use crate::base::{Clock, ClockMode, Effort, Span, Timestamp};
    #[cfg(feature = "cli")]
    pub use crate::cli::command_line;
    pub use crate::control::{ROUTES, openapi_document};
    pub use crate::emulator::InProcess;
    pub use crate::faults::Paging;
    pub use crate::fixture::{FixtureImage, FixtureRow, Resource, Timeline, entries_of};
    pub use crate::journal::Laps;
    pub use crate::resources::{
        Image, ImageFilter, Kind, Kinds, OsType, Page, PageNumber, PageSize, RegionId, Regions,
        Row, Sharing, Status, Tag, TagFilter, generate_images,
    };
    pub use crate::sandbox::{
        CheckpointName, Export, Isolation, RowListing, Sandbox, SandboxError, SandboxName,
        SandboxSettings, Sandboxes, seed_store,
    };
    pub use crate::store::{
        Contents, KindFull, ListingCache, NewRow, OldCheckpoints, Put, Seeding, Store, StoredRow,
    };
    pub use crate::wire::{Answer, ApiError, Field, Params, Warning};
}

/// The examples of the guide for Rust users, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
struct Guide;
