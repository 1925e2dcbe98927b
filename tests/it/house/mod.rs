//! The rules of the project that no compiler checks.

mod actions;
mod architecture;
mod docs;
mod limits;
