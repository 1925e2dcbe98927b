//! Seeding: a store's images are replaced by those of a fixture, however many they are.

use rusqlite::Connection;

use crate::base::Timestamp;
use crate::base::limits::PAGE_CACHE_KIB;
use crate::store::checkpoint::{keep, mark};
use crate::store::facets;
use crate::store::write::{clear, insert};
use crate::store::{NewImage, SEED, Store, StoreError, StoreKind};

impl Store {
    /// Replaces the images and the seed with what `fill` adds, and the checkpoints as told. All or
    /// nothing.
    ///
    /// A database file keeps the seed itself too, so that a reset can go back to it.
    ///
    /// # Errors
    /// What `fill` fails with; [`StoreError::Statement`] when SQLite fails, two equal image ids
    /// included.
    pub fn seed<E: From<StoreError>>(
        &self,
        at: Timestamp,
        checkpoints: OldCheckpoints,
        fill: impl FnOnce(&mut Filling<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let bulk = Bulk::begin(self)?;
        let seeded: Result<(), E> = self.change(|transaction| {
            forget(transaction, checkpoints).map_err(StoreError::from)?;
            let mut filling = Filling::begin(transaction)?;
            fill(&mut filling)?;
            filling.finish()?;
            match self.kind {
                StoreKind::File { .. } => keep(transaction, SEED, at),
                StoreKind::Memory => mark(transaction, SEED, at),
            }
            .map_err(StoreError::from)?;
            Ok(())
        });
        // What went wrong first is told first.
        let ended = bulk.end();
        seeded?;
        Ok(ended?)
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

/// Images on their way into a store whose old ones they replace.
#[derive(Debug)]
pub struct Filling<'c> {
    connection: &'c Connection,
    n_images: u64,
    /// The indexes that are left out until the end, each as the statement that makes it.
    left_out: Vec<String>,
}

impl<'c> Filling<'c> {
    /// From so many images on, an index is faster made at the end than kept from the beginning.
    const MANY: u64 = 20_000;

    fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        clear(connection)?;
        Ok(Self {
            connection,
            n_images: 0,
            left_out: Vec::new(),
        })
    }

    /// Adds an image.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn add(&mut self, image: &NewImage<'_>) -> Result<(), StoreError> {
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

    fn finish(self) -> Result<(), StoreError> {
        for sql in &self.left_out {
            self.connection.execute(sql, [])?;
        }
        Ok(facets::fill(self.connection)?)
    }
}

/// Forgets the seed, and the other kept states unless they stay.
fn forget(connection: &Connection, checkpoints: OldCheckpoints) -> rusqlite::Result<()> {
    match checkpoints {
        OldCheckpoints::Delete => connection.execute("DELETE FROM checkpoints", [])?,
        OldCheckpoints::Keep => {
            connection.execute("DELETE FROM checkpoints WHERE name = ?", [SEED])?
        }
    };
    Ok(())
}

/// A database file while it is filled: a larger cache, and a journal that is not written twice.
struct Bulk<'s>(&'s Store);

impl<'s> Bulk<'s> {
    /// Memory for pages of the database meanwhile, in KiB, as the pragma wants it.
    const CACHE_KIB: i32 = -16 << 10;

    fn begin(store: &'s Store) -> Result<Self, StoreError> {
        if store.is_in_file() {
            let connection = store.connection();
            connection.pragma_update(None, "journal_mode", "DELETE")?;
            connection.pragma_update(None, "cache_size", Self::CACHE_KIB)?;
        }
        Ok(Self(store))
    }

    fn end(self) -> Result<(), StoreError> {
        if self.0.is_in_file() {
            let connection = self.0.connection();
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
            connection.execute_batch("PRAGMA shrink_memory")?;
        }
        Ok(())
    }
}
