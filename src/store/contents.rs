//! The resources of a store as they are stored, by id, a slice at a time.

use rusqlite::params;

use crate::base::Effort;
use crate::store::{Store, StoreError, StoredImage, StoredRow, images, rows};

/// Resources of a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The custom images.
    pub images: Vec<StoredImage>,
    /// The resources of every other kind.
    pub rows: Vec<StoredRow>,
}

impl Store {
    /// Returns the resources to which something is yet to happen.
    ///
    /// With a brief effort, [`StoreError::TooLong`] when there are too many.
    pub(crate) fn timelines(&self, effort: Effort) -> Result<Contents, StoreError> {
        const PENDING: &str = "WHERE timeline IS NOT NULL";
        Ok(self.read(|connection| {
            let _limited = self.limit(effort);
            Ok(Contents {
                images: images::select(connection, PENDING, [])?,
                rows: rows::select(connection, PENDING, [])?,
            })
        })?)
    }

    /// Returns everything by id, from one state of the data.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        Ok(self.read(|connection| {
            Ok(Contents {
                images: images::select(connection, "ORDER BY image_id", [])?,
                rows: rows::select(connection, "ORDER BY id", [])?,
            })
        })?)
    }

    /// Returns the next images by id, byte for byte, after this one.
    pub(crate) fn images_after(
        &self,
        image_id: &str,
        n_max: u64,
    ) -> Result<Vec<StoredImage>, StoreError> {
        let rest = "WHERE image_id > ? ORDER BY image_id LIMIT ?";
        let connection = self.connection();
        Ok(images::select(&connection, rest, params![image_id, n_max])?)
    }

    /// Returns the resources of every kind but custom images.
    pub(crate) fn all_rows(&self) -> Result<Vec<StoredRow>, StoreError> {
        Ok(rows::select(&self.connection(), "ORDER BY kind, id", [])?)
    }

    /// Returns the resources of a kind by id, byte for byte.
    pub(crate) fn rows_by_id(&self, kind: &str) -> Result<Vec<StoredRow>, StoreError> {
        let rest = "WHERE kind = ? ORDER BY id";
        Ok(rows::select(&self.connection(), rest, [kind])?)
    }
}
