//! Reading images as they are stored, with what is yet to happen to them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params, Row, params};

use crate::store::images::facets::REGION;
use crate::store::{Store, StoreError};

/// An image as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Its id.
    pub image_id: String,
    /// Its JSON object, as the API writes it.
    pub document: String,
    /// What is yet to happen to it, as JSON.
    pub timeline: Option<String>,
    /// Since when its timeline's first step waits.
    pub waiting_since_unix_ms: i64,
    /// Listings that contained it since then.
    pub n_lists: u32,
}

impl StoredImage {
    /// The columns that [`Self::of`] reads, in its order.
    const COLUMNS: &'static str = "image_id, document, timeline, waiting_since_unix_ms, n_lists";

    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            image_id: row.get(0)?,
            document: row.get(1)?,
            timeline: row.get(2)?,
            waiting_since_unix_ms: row.get(3)?,
            n_lists: row.get(4)?,
        })
    }
}

impl Store {
    /// Finds an image by its id.
    pub fn image(&self, image_id: &str) -> Result<Option<StoredImage>, StoreError> {
        let images = select(&self.connection(), "WHERE image_id = ?", [image_id])?;
        Ok(images.into_iter().next())
    }

    /// Gives a slice of the images, by id, byte for byte.
    pub fn images(&self, offset: u64, n_max: u64) -> Result<Vec<StoredImage>, StoreError> {
        let values = params![n_max, offset];
        let rest = "ORDER BY image_id LIMIT ? OFFSET ?";
        Ok(select(&self.connection(), rest, values)?)
    }

    /// Gives the images to which something is yet to happen.
    pub fn image_timelines(&self) -> Result<Vec<StoredImage>, StoreError> {
        Ok(select(
            &self.connection(),
            "WHERE timeline IS NOT NULL",
            [],
        )?)
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
    let columns = StoredImage::COLUMNS;
    let mut select = connection.prepare_cached(&format!("SELECT {columns} FROM images {rest}"))?;
    select.query_map(values, StoredImage::of)?.collect()
}
