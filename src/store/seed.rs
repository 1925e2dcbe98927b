//! Seeding: everything in a store is replaced by what fixtures hold, however much it is.

use rusqlite::Connection;

use crate::base::Timestamp;
use crate::store::checkpoints::{SEED, keep, mark};
use crate::store::connection::{Place, configure, configure_for_seeding};
use crate::store::images::ImageSeeding;
use crate::store::rows::RowWriter;
use crate::store::{NewImage, NewRow, Store, StoreError, clear_all};

impl Store {
    /// Replaces everything and the seed with what `fill` adds. All or nothing.
    ///
    /// A database file keeps the seed itself too, so that a reset can go back to it.
    pub fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        checkpoints: OldCheckpoints,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_in_file() {
            configure_for_seeding(&self.connection()).map_err(StoreError::from)?;
        }
        let seeded: Result<(), E> = self.change(|transaction| {
            let mut seeding = Seeding::begin(transaction, checkpoints)?;
            fill(&mut seeding)?;
            Ok(seeding.finish(self.place, at)?)
        });
        // The first failure is the one to report.
        let ended = self.end_seeding();
        seeded?;
        Ok(ended?)
    }

    fn end_seeding(&self) -> Result<(), StoreError> {
        if self.is_in_file() {
            let connection = self.connection();
            configure(&connection, self.place)?;
            connection.execute_batch("PRAGMA shrink_memory")?;
        }
        Ok(())
    }
}

/// Whether checkpoints outlive a new seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldCheckpoints {
    /// They are deleted with the old seed.
    Delete,
    /// They are kept.
    Keep,
}

/// A seed that is being written; it replaces everything that the store held.
#[derive(Debug)]
pub struct Seeding<'c> {
    connection: &'c Connection,
    images: ImageSeeding<'c>,
    rows: RowWriter<'c>,
}

impl<'c> Seeding<'c> {
    fn begin(connection: &'c Connection, old: OldCheckpoints) -> Result<Self, StoreError> {
        match old {
            OldCheckpoints::Delete => connection.execute("DELETE FROM checkpoints", [])?,
            OldCheckpoints::Keep => {
                connection.execute("DELETE FROM checkpoints WHERE name = ?", [SEED])?
            }
        };
        clear_all(connection)?;
        Ok(Self {
            connection,
            images: ImageSeeding::new(connection),
            rows: RowWriter::new(connection),
        })
    }

    fn finish(self, place: Place, at: Timestamp) -> Result<(), StoreError> {
        self.images.finish()?;
        match place {
            Place::File(_) => keep(self.connection, SEED, at)?,
            Place::Memory => mark(self.connection, SEED, at)?,
        }
        Ok(())
    }

    /// Adds an image.
    pub fn add(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
        Ok(self.images.add(image)?)
    }

    /// Adds a resource of another kind; one with the same kind and id is replaced.
    ///
    /// [`StoreError::Full`] when its kind would exceed a limit.
    pub fn add_row(&mut self, row: &NewRow<'_>) -> Result<(), StoreError> {
        self.rows.add(row)?;
        // At once: nothing that is added later makes a kind smaller.
        Ok(self.rows.check()?)
    }
}
