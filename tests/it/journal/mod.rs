//! The journal: what is recorded, found, verified and streamed.

use swas_emulator::Emulator;

use crate::support::World;

mod records;
mod verify;

/// An emulator with its built-in account, whose requests share one sandbox.
async fn world() -> World {
    World::start(Emulator::builder()).await
}
