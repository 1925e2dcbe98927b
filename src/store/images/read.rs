//! Reading images as they are stored, with what is yet to happen to them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params, params};

use crate::store::images::facets::REGION;
use crate::store::{Pending, Store, StoreError};

/// An image as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Its id.
    pub image_id: String,
    /// Its JSON object, as the API writes it.
    pub document: String,
    /// What is yet to happen to it.
    pub pending: Pending,
}

impl Store {
    /// Finds an image by its id.
    pub(crate) fn image(&self, image_id: &str) -> Result<Option<StoredImage>, StoreError> {
        let images = select(&self.connection(), "WHERE image_id = ?", [image_id])?;
        Ok(images.into_iter().next())
    }

    /// Returns a slice of the images, by id, byte for byte.
    pub(crate) fn images(&self, offset: u64, n_max: u64) -> Result<Vec<StoredImage>, StoreError> {
        let values = params![n_max, offset];
        let rest = "ORDER BY image_id LIMIT ? OFFSET ?";
        Ok(select(&self.connection(), rest, values)?)
    }

    /// Counts the images of each region that has any.
    pub fn counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(
            "SELECT substr(term, length(?1) + 1), n_images FROM facets
             WHERE term >= ?1 AND term < rtrim(?1) || '!'",
        )?;
        let rows = select.query_map([REGION], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Reads images; `rest` is what follows the table's name.
pub(in crate::store) fn select(
    connection: &Connection,
    rest: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<StoredImage>> {
    let pending = Pending::COLUMNS;
    let mut select = connection.prepare_cached(&format!(
        "SELECT image_id, document, {pending} FROM images {rest}"
    ))?;
    let images = select.query_map(values, |row| {
        Ok(StoredImage {
            image_id: row.get(0)?,
            document: row.get(1)?,
            pending: Pending::of(row, 2)?,
        })
    })?;
    images.collect()
}
