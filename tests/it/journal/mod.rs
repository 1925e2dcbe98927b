//! The journal: what is recorded, found and verified.

mod records;
