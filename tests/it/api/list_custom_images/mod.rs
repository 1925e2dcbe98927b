//! The action `ListCustomImages`.

mod answer;
mod filters;
mod limits;
mod warnings;
