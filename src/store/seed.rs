//! Seeding: everything in a store is replaced by what fixtures hold, however much it is.

use rusqlite::{Connection, Transaction};

use crate::base::Timestamp;
use crate::store::checkpoints::{SEED, keep, mark};
use crate::store::connection::configure_for_seeding;
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
        self.change(|transaction| self.seed_in(transaction, at, checkpoints, fill))
    }

    /// Seeds a store that nobody else uses yet, which is faster in a file.
    pub(crate) fn seed_first<E: From<StoreError>>(
        &self,
        at: Timestamp,
        checkpoints: OldCheckpoints,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.is_in_file() {
            return self.seed(at, checkpoints, fill);
        }
        let mut connection = self.connection();
        configure_for_seeding(&connection).map_err(StoreError::from)?;
        let seeded = connection.transaction().map_err(StoreError::from);
        let seeded = seeded.map_err(E::from).and_then(|transaction| {
            self.seed_in(&transaction, at, checkpoints, fill)?;
            let commit = || transaction.commit();
            let committed = self.generation.replace(&self.cache, commit);
            Ok(committed.map_err(StoreError::from)?)
        });
        // The first failure is the one to report.
        let ended = self.place.configure(&connection);
        let ended = ended.and_then(|()| connection.execute_batch("PRAGMA shrink_memory"));
        seeded?;
        Ok(ended.map_err(StoreError::from)?)
    }

    fn seed_in<E: From<StoreError>>(
        &self,
        transaction: &Transaction<'_>,
        at: Timestamp,
        checkpoints: OldCheckpoints,
        fill: impl FnOnce(&mut Seeding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut seeding = Seeding::begin(transaction, checkpoints)?;
        fill(&mut seeding)?;
        Ok(seeding.finish(self.is_in_file(), at)?)
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

    fn finish(self, keeps_seed: bool, at: Timestamp) -> Result<(), StoreError> {
        self.images.finish()?;
        if keeps_seed {
            keep(self.connection, SEED, at)?;
        } else {
            mark(self.connection, SEED, at)?;
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
