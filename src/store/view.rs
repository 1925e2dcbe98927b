//! A view: one state of a store, read for as long as it takes, without holding up anybody.

use std::ops::Deref;
use std::sync::Arc;

use crate::base::limits::VIEW_CACHE_KIB;
use crate::store::generation::Generation;
use crate::store::{Store, StoreError};

/// A store as it was when the view was opened, over a connection of its own.
///
/// A file keeps the state of the view beside later ones. Whoever views a store in memory must not
/// let it change meanwhile.
#[derive(Debug)]
pub(crate) struct View(Store);

impl Deref for View {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

impl Store {
    /// Opens a view of the present state.
    pub(crate) fn view(&self) -> Result<View, StoreError> {
        let connection = self.place.connect()?;
        // There may be many views at once.
        connection.pragma_update(None, "cache_size", -VIEW_CACHE_KIB)?;
        let generation = loop {
            let before = self.generation.number();
            if self.is_in_file() {
                // The state is fixed by the first read, not by the beginning.
                connection.execute_batch("BEGIN; SELECT 1 FROM checkpoints LIMIT 1")?;
            }
            if self.generation.number() == before {
                break before;
            }
            connection.execute_batch("ROLLBACK")?;
        };
        let mut view = Self::over(
            connection,
            self.place.clone(),
            self.lock.clone(),
            &self.cache,
        )?;
        view.generation = Arc::new(Generation::of_view(generation));
        Ok(View(view))
    }
}
