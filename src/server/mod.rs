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

pub use accept::{Shutdown, serve};
pub use router::{Router, router};
pub use routes::{ROUTES, Route, RouteBody};
pub use state::{AppState, ControlSettings, Magic, NotReady};
