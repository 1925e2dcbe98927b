//! The emulator as a process and as a peer on a socket: command line, log, files, connections.

mod bodies_in_flight;
mod clients_that_stall;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod command_line_docs;
#[cfg(feature = "cli")]
mod control_token;
#[cfg(feature = "cli")]
mod crowds;
#[cfg(feature = "cli")]
mod database;
mod embedding;
#[cfg(feature = "cli")]
mod first_mistakes;
mod keep_alive;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod kept_texts;
#[cfg(feature = "cli")]
mod listening;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod log_readers;
#[cfg(feature = "cli")]
mod logs;
#[cfg(feature = "cli")]
mod old_databases;
#[cfg(all(feature = "cli", unix))]
mod sandbox_flags;
#[cfg(feature = "cli")]
mod stopping;
mod transport;
