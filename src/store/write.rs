//! Writing: seeding a database, and what it says of itself.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::clock::Timestamp;
use crate::domain::Image;
use crate::store::{Store, StoreError, StoreKind};

/// The name under which a database keeps its seed.
const SEED: &str = "seed";

impl Store {
    /// Tells when the database was seeded; `None` when it never was.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn seeded_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let taken_at: Option<i64> = self
            .connection()
            .query_row(
                "SELECT taken_at_unix_s FROM snapshots WHERE name = ?",
                [SEED],
                |row| row.get(0),
            )
            .optional()?;
        Ok(taken_at.and_then(Timestamp::from_unix_s))
    }

    /// Replaces everything with the seed: each image and its document. All or nothing.
    ///
    /// A database file keeps the seed itself too, so that a reset can go back to it.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails, two equal image ids included.
    pub fn seed<'a>(
        &self,
        images: impl IntoIterator<Item = (&'a Image, String)>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute("DELETE FROM images", [])?;
        transaction.execute("DELETE FROM snapshots", [])?;
        transaction.execute(
            "INSERT INTO snapshots VALUES (?, ?)",
            params![SEED, at.unix_s()],
        )?;
        for (image, document) in images {
            insert(&transaction, image, &document)?;
        }
        if matches!(self.kind, StoreKind::File { .. }) {
            transaction.execute(
                "INSERT INTO snapshot_images SELECT ?, image_id, document FROM images",
                [SEED],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Counts the images of each region that has any.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT region_id, count(*) FROM images GROUP BY region_id")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn insert(connection: &Connection, image: &Image, document: &str) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO images (image_id, region_id, name, created_at_unix_s, in_share_user,
             system_snapshot_id, data_snapshot_id, instance_id, resource_group_id, document)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let image_key = insert.insert(params![
        image.image_id,
        image.region_id.as_str(),
        image.name,
        image.creation_time.unix_s(),
        image.in_share_user,
        image.system_snapshot_id,
        image.data_snapshot_id,
        image.instance_id,
        image.resource_group_id,
        document,
    ])?;
    let mut insert_tag = connection.prepare_cached("INSERT INTO image_tags VALUES (?, ?, ?)")?;
    for tag in &image.tags {
        insert_tag.execute(params![tag.key, tag.value, image_key])?;
    }
    Ok(())
}
