//! The server: sockets and HTTP, and the only place that names paths.

mod accept;
mod body;
mod gateway;
mod health;
mod layers;
mod record;
mod router;
mod state;

pub use accept::{Shutdown, serve};
pub use router::router;
pub use state::{AppState, NotReady};
