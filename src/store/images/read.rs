//! Reading images as they are stored, with what is yet to happen to them.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Row, params};

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
        let connection = self.connection();
        let mut select = connection.prepare_cached(&format!(
            "SELECT {} FROM images WHERE image_id = ?",
            StoredImage::COLUMNS
        ))?;
        Ok(select.query_row([image_id], StoredImage::of).optional()?)
    }

    /// Gives a slice of the images, by id, byte for byte.
    pub fn images(&self, offset: u64, n_max: u64) -> Result<Vec<StoredImage>, StoreError> {
        self.select_images("ORDER BY image_id LIMIT ? OFFSET ?", params![n_max, offset])
    }

    /// Gives every image, by id, byte for byte.
    pub fn all_images(&self) -> Result<Vec<StoredImage>, StoreError> {
        self.select_images("ORDER BY image_id", params![])
    }

    /// Gives the images to which something is yet to happen.
    pub fn image_timelines(&self) -> Result<Vec<StoredImage>, StoreError> {
        self.select_images("WHERE timeline IS NOT NULL", params![])
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

    fn select_images(
        &self,
        rest: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<StoredImage>, StoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached(&format!(
            "SELECT {} FROM images {rest}",
            StoredImage::COLUMNS
        ))?;
        let rows = select.query_map(values, StoredImage::of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
