//! The store, held against plain models.

mod kept_counts;
pub(crate) mod properties;
pub(crate) mod rows;
