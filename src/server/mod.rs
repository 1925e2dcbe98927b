//! The server: sockets and HTTP, and the only place that names paths.

mod accept;
mod body;
mod connection;
mod control;
mod fault;
mod gateway;
mod guard;
mod health;
mod layers;
mod record;
mod respond;
mod router;
mod state;
mod stream;

pub(crate) use accept::{Shutdown, serve};
pub(crate) use router::router;
pub(crate) use state::{AppState, NotReady};
pub use state::{ControlSettings, Magic};
