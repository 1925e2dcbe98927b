//! A state that is read whole, in slices, while it stays as it is.

use crate::sandbox::world::Present;
use crate::store::{KeptState, StoreError, StoredImage, StoredRow, View};

/// A state that stays as it is while it is read.
#[derive(Debug)]
pub(in crate::sandbox) enum WholeState {
    Present(Present),
    /// A checkpoint in memory.
    Checkpoint(View),
    /// A checkpoint in a file.
    Kept(KeptState),
}

impl WholeState {
    /// Returns the next images by id after this one, the last that was returned.
    pub(in crate::sandbox) fn images_after(
        &mut self,
        image_id: &str,
        n_max: u64,
    ) -> Result<Vec<StoredImage>, StoreError> {
        match self {
            Self::Present(state) => state.images_after(image_id, n_max),
            Self::Checkpoint(state) => state.images_after(image_id, n_max),
            Self::Kept(state) => state.images_after(image_id, n_max),
        }
    }

    /// Returns the resources of a kind by id.
    pub(in crate::sandbox) fn rows_by_id(&self, kind: &str) -> Result<Vec<StoredRow>, StoreError> {
        match self {
            Self::Present(state) => state.rows_by_id(kind),
            Self::Checkpoint(state) => state.rows_by_id(kind),
            Self::Kept(state) => state.rows_by_id(kind),
        }
    }
}
