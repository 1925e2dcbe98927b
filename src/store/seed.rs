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
            forget(transaction, checkpoints).map_err(StoreError::from)?;
            let mut seeding = Seeding::begin(transaction)?;
            fill(&mut seeding)?;
            seeding.images.finish().map_err(StoreError::from)?;
            match self.place {
                Place::File => keep(transaction, SEED, at),
                Place::Memory => mark(transaction, SEED, at),
            }
            .map_err(StoreError::from)?;
            Ok(())
        });
        // The first failure is the one to report.
        let ended = self.end_seeding();
        seeded?;
        Ok(ended.map_err(StoreError::from)?)
    }

    fn end_seeding(&self) -> rusqlite::Result<()> {
        if self.is_in_file() {
            let connection = self.connection();
            configure(&connection, Place::File)?;
            connection.execute_batch("PRAGMA shrink_memory")?;
        }
        Ok(())
    }
}

/// Whether checkpoints outlive a new seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldCheckpoints {
    /// They go with the old seed.
    Delete,
    /// They stay.
    Keep,
}

/// Resources on their way into a store whose old ones they replace.
#[derive(Debug)]
pub struct Seeding<'c> {
    images: ImageSeeding<'c>,
    rows: RowWriter<'c>,
}

impl<'c> Seeding<'c> {
    fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        clear_all(connection)?;
        Ok(Self {
            images: ImageSeeding::new(connection),
            rows: RowWriter::new(connection),
        })
    }

    /// Adds an image.
    pub fn add(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
        Ok(self.images.add(image)?)
    }

    /// Adds a resource of another kind; one with the same kind and id is replaced.
    ///
    /// [`StoreError::Full`] when its kind would hold more than it may.
    pub fn add_row(&mut self, row: &NewRow<'_>) -> Result<(), StoreError> {
        self.rows.add(row)?;
        // At once: nothing that comes later makes a kind smaller.
        Ok(self.rows.check()?)
    }
}

/// Deletes the seed, and the other checkpoints unless they stay.
fn forget(connection: &Connection, checkpoints: OldCheckpoints) -> rusqlite::Result<()> {
    match checkpoints {
        OldCheckpoints::Delete => connection.execute("DELETE FROM checkpoints", [])?,
        OldCheckpoints::Keep => {
            connection.execute("DELETE FROM checkpoints WHERE name = ?", [SEED])?
        }
    };
    Ok(())
}
