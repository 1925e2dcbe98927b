//! Listing: one page of the matching images and the count of all of them.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::domain::{ImageFilter, Page, Sharing};
use crate::store::{Store, StoreError};

/// An image of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedImage {
    /// The image's id.
    pub image_id: String,
    /// The image's JSON object, as the API writes it.
    pub document: String,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// All images that match, on every page.
    pub total_count: u64,
    /// The images of the page asked for; none past the end.
    pub images: Vec<ListedImage>,
}

impl Store {
    /// Lists one page of the matching images and counts all matches.
    ///
    /// The order is newest first, then by id, byte for byte. The count comes from a statement of
    /// its own, so it stays right on a page past the end, where `COUNT(*) OVER ()` would return no
    /// row at all. Both run in one read transaction.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn list(&self, filter: &ImageFilter, page: Page) -> Result<Listing, StoreError> {
        self.list_slice(filter, page.offset(), page.size.n_images())
    }

    /// Lists a slice that need not be a page, like [`Self::list`].
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn list_slice(
        &self,
        filter: &ImageFilter,
        offset: u64,
        n_images_max: u32,
    ) -> Result<Listing, StoreError> {
        let condition = Condition::of(filter);
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let total_count = condition.count(&transaction)?;
        let images = condition.slice(&transaction, offset, n_images_max)?;
        transaction.commit()?;
        Ok(Listing {
            total_count,
            images,
        })
    }
}

impl Store {
    /// Counts the matching images.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn count(&self, filter: &ImageFilter) -> Result<u64, StoreError> {
        Ok(Condition::of(filter).count(&self.connection())?)
    }

    /// Counts the images, but no further than so many.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn count_up_to(&self, n_max: u64) -> Result<u64, StoreError> {
        let connection = self.connection();
        let mut count =
            connection.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM images LIMIT ?)")?;
        Ok(count.query_row([n_max], |row| row.get(0))?)
    }
}

/// A `WHERE` clause of fixed texts, and the values bound to it, in order.
#[derive(Debug, Default)]
struct Condition {
    clauses: Vec<&'static str>,
    values: Vec<Value>,
}

impl Condition {
    fn of(filter: &ImageFilter) -> Self {
        let mut condition = Self::default();
        condition.equal("region_id = ?", Some(filter.region_id.as_str()));
        condition.one_of(
            "image_id IN (SELECT value FROM json_each(?))",
            filter.image_ids.as_ref(),
        );
        condition.one_of(
            "name IN (SELECT value FROM json_each(?))",
            filter.image_names.as_ref(),
        );
        condition.equal(
            "system_snapshot_id = ?",
            filter.system_snapshot_id.as_deref(),
        );
        condition.equal("data_snapshot_id = ?", filter.data_snapshot_id.as_deref());
        condition.equal("instance_id = ?", filter.instance_id.as_deref());
        condition.equal("resource_group_id = ?", filter.resource_group_id.as_deref());
        for tag in &filter.tags {
            match &tag.value {
                Some(value) => {
                    condition.clauses.push(
                        "image_key IN (SELECT image_key FROM image_tags WHERE key = ? AND value = ?)",
                    );
                    condition
                        .values
                        .extend([tag.key.clone().into(), value.clone().into()]);
                }
                None => condition.equal(
                    "image_key IN (SELECT image_key FROM image_tags WHERE key = ?)",
                    Some(&tag.key),
                ),
            }
        }
        match filter.share {
            Some(Sharing::Shared) => condition.clauses.push("in_share_user = 1"),
            Some(Sharing::NotShared) => condition.clauses.push("in_share_user = 0"),
            None => {}
        }
        condition
    }

    fn equal(&mut self, clause: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.clauses.push(clause);
            self.values.push(Value::Text(value.to_owned()));
        }
    }

    fn one_of(&mut self, clause: &'static str, values: Option<&BTreeSet<String>>) {
        if let Some(values) = values {
            let list: serde_json::Value = values.iter().map(String::as_str).collect();
            self.clauses.push(clause);
            self.values.push(Value::Text(list.to_string()));
        }
    }

    fn count(&self, connection: &Connection) -> rusqlite::Result<u64> {
        let mut statement = self.prepare(connection, "SELECT count(*) FROM images", "")?;
        statement.query_row(params_from_iter(&self.values), |row| row.get(0))
    }

    fn slice(
        &self,
        connection: &Connection,
        offset: u64,
        n_images_max: u32,
    ) -> rusqlite::Result<Vec<ListedImage>> {
        let mut statement = self.prepare(
            connection,
            "SELECT image_id, document FROM images",
            " ORDER BY created_at_unix_s DESC, image_id LIMIT ? OFFSET ?",
        )?;
        // The offset is below 2^39: a 32-bit page number times at most 100 images.
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let limits = [Value::from(i64::from(n_images_max)), Value::from(offset)];
        let values = params_from_iter(self.values.iter().chain(&limits));
        statement
            .query_map(values, |row| {
                Ok(ListedImage {
                    image_id: row.get(0)?,
                    document: row.get(1)?,
                })
            })?
            .collect()
    }

    fn prepare<'c>(
        &self,
        connection: &'c Connection,
        select: &str,
        order: &str,
    ) -> rusqlite::Result<CachedStatement<'c>> {
        let condition = self.clauses.join(" AND ");
        connection.prepare_cached(&format!("{select} WHERE {condition}{order}"))
    }
}
