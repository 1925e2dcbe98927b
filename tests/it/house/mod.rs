//! The rules of the project that no compiler checks.

mod architecture;
mod docs;
mod limits;
