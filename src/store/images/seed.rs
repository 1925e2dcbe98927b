//! Images that are seeded: written first, indexed and counted at the end.

use rusqlite::Connection;

use crate::store::images::write::insert;
use crate::store::images::{NewImage, facets};

/// Images that are written into an empty table.
#[derive(Debug)]
pub(in crate::store) struct ImageSeeding<'c> {
    connection: &'c Connection,
    n_images: u64,
    /// The indexes that are left out until the end, each as the statement that makes it.
    left_out: Vec<String>,
}

impl<'c> ImageSeeding<'c> {
    /// From this number of images on, it is faster to make an index at the end than to keep it up
    /// to date.
    const MANY: u64 = 20_000;

    pub(in crate::store) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            n_images: 0,
            left_out: Vec::new(),
        }
    }

    pub(in crate::store) fn add(&mut self, image: &NewImage<'_>) -> rusqlite::Result<()> {
        self.n_images += 1;
        if self.n_images == Self::MANY {
            self.leave_indexes_out()?;
        }
        insert(self.connection, image)?;
        Ok(())
    }

    fn leave_indexes_out(&mut self) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'images'",
        )?;
        let indexes = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let indexes: Vec<(String, String)> = indexes.collect::<rusqlite::Result<_>>()?;
        for (name, sql) in indexes {
            self.connection.execute(&format!("DROP INDEX {name}"), [])?;
            self.left_out.push(sql);
        }
        Ok(())
    }

    pub(in crate::store) fn finish(&self) -> rusqlite::Result<()> {
        for sql in &self.left_out {
            self.connection.execute(sql, [])?;
        }
        facets::fill(self.connection)
    }
}
