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
mod routes;
mod state;
mod stream;

pub(crate) use accept::{Shutdown, serve};
pub(crate) use router::router;
pub use routes::{ROUTES, RouteBody};
pub(crate) use state::{AppState, ControlSettings, Magic};
