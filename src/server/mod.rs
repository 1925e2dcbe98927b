//! The server: sockets and HTTP, and the only place that names paths.

mod accept;
mod admission;
mod arrival;
mod body;
mod budget;
mod connection;
mod control;
mod fault;
mod gateway;
mod guard;
mod health;
mod in_process;
mod mistakes;
mod places;
mod process;
mod record;
mod reply;
mod respond;
mod router;
mod seldom;
mod serve;
mod shutdown;
mod socket;
mod state;
mod stream;
mod token;
mod turns;

pub(crate) use accept::serve;
pub(crate) use budget::BodyBudget;
pub(crate) use guard::is_open;
pub(crate) use router::{Router, router};
pub(crate) use shutdown::Shutdown;
pub(crate) use state::{AppState, ControlSettings};
pub(crate) use token::ControlToken;
