//! Listing: some of the matching images, and the count of all of them.

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::domain::{ImageFilter, Page};
use crate::store::cache::{Found, ListingCache, Lookup, Wanted};
use crate::store::facets::KnownFacet;
use crate::store::plan::Plan;
use crate::store::{Store, StoreError};

/// A slice of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// All images that match, on every page.
    pub total_count: u64,
    /// The ids of the slice's images, in order; none past the end.
    pub image_ids: Arc<[String]>,
    /// The images' JSON objects as the API writes them, with a comma between two.
    pub documents: String,
}

impl Listing {
    /// The memory that it takes, in bytes, about.
    pub(super) fn n_bytes(&self) -> usize {
        let ids = self.image_ids.iter();
        let ids: usize = ids.map(|id| id.len() + 2 * size_of::<String>()).sum();
        size_of::<Self>() + ids + self.documents.len()
    }
}

/// From here on, a slice is found by the keys of all images before it, which are kept for the next.
const DEEP_OFFSET: u64 = 256;

impl Store {
    /// Lists one page of the matching images and counts all matches.
    ///
    /// The order is newest first, then by id, byte for byte. The count is right on a page past the
    /// end too. Both come from one state of the data.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn list(&self, filter: &ImageFilter, page: Page) -> Result<Arc<Listing>, StoreError> {
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
    ) -> Result<Arc<Listing>, StoreError> {
        let wanted = Wanted::Slice {
            offset,
            n_images_max,
        };
        self.find(filter, wanted, |search| {
            Ok(Arc::new(search.slice(offset, n_images_max)?))
        })
    }

    /// Counts the matching images.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when SQLite fails.
    pub fn count(&self, filter: &ImageFilter) -> Result<u64, StoreError> {
        self.find(filter, Wanted::Count, count)
    }

    /// Finds something that was found before, or looks for it.
    fn find<T: Found>(
        &self,
        filter: &ImageFilter,
        wanted: Wanted,
        look: impl FnOnce(&Search<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let lookup = |generation| Lookup {
            generation,
            filter,
            wanted,
        };
        if let Some(found) = self.cache.get(&lookup(self.generation())) {
            return Ok(found);
        }
        // Whoever holds the connection sees one state of the data, and its generation.
        let connection = self.connection();
        let lookup = lookup(self.generation());
        let found = look(&Search {
            connection: &connection,
            cache: &self.cache,
            lookup,
        })?;
        drop(connection);
        self.cache.put(&lookup, &found);
        Ok(found)
    }
}

/// A look at one state of the data.
struct Search<'a> {
    connection: &'a Connection,
    cache: &'a ListingCache,
    lookup: Lookup<'a>,
}

fn count(search: &Search<'_>) -> rusqlite::Result<u64> {
    Ok(match Plan::of(search.connection, search.lookup.filter)? {
        Plan::Nothing => 0,
        Plan::Facet(facet) => facet.n_images,
        Plan::Statement(statement) => {
            u64::try_from(statement.keys(search.connection)?.len()).unwrap_or(u64::MAX)
        }
    })
}

impl Search<'_> {
    fn slice(&self, offset: u64, n_images_max: u32) -> rusqlite::Result<Listing> {
        let plan = Plan::of(self.connection, self.lookup.filter)?;
        match &plan {
            Plan::Nothing => Ok(Listing::default()),
            Plan::Facet(facet) if offset >= facet.n_images => Ok(Listing {
                total_count: facet.n_images,
                ..Listing::default()
            }),
            Plan::Facet(facet) if offset < DEEP_OFFSET => {
                self.facet_slice(facet, offset, n_images_max)
            }
            Plan::Facet(_) | Plan::Statement(_) => self.slice_of_keys(&plan, offset, n_images_max),
        }
    }

    /// Reads a slice near the beginning of a facet.
    fn facet_slice(
        &self,
        facet: &KnownFacet,
        offset: u64,
        n_images_max: u32,
    ) -> rusqlite::Result<Listing> {
        let mut select = self.connection.prepare_cached(
            "SELECT image_facets.image_id, document
             FROM image_facets CROSS JOIN images USING (image_key)
             WHERE facet_key = ?
             ORDER BY image_facets.newest_first, image_facets.image_id LIMIT ? OFFSET ?",
        )?;
        let mut rows = select.query(params![facet.facet_key, n_images_max, offset])?;
        let mut slice = SliceBuilder::default();
        while let Some(row) = rows.next()? {
            slice.add(row)?;
        }
        Ok(slice.listing(facet.n_images))
    }

    fn slice_of_keys(
        &self,
        plan: &Plan<'_>,
        offset: u64,
        n_images_max: u32,
    ) -> rusqlite::Result<Listing> {
        let keys = self.keys(plan, u64::from(n_images_max))?;
        let total_count = u64::try_from(keys.len()).unwrap_or(u64::MAX);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let n_images_max = usize::try_from(n_images_max).unwrap_or(usize::MAX);
        let mut select = self
            .connection
            .prepare_cached("SELECT image_id, document FROM images WHERE image_key = ?")?;
        let mut slice = SliceBuilder::default();
        for key in keys.iter().skip(offset).take(n_images_max) {
            select.query_row([key], |row| slice.add(row))?;
        }
        Ok(slice.listing(total_count))
    }

    /// The keys of all matching images, kept when there are more than one page of them.
    fn keys(&self, plan: &Plan<'_>, n_images_page: u64) -> rusqlite::Result<Arc<[i64]>> {
        let lookup = Lookup {
            wanted: Wanted::Keys,
            ..self.lookup
        };
        if let Some(keys) = self.cache.get(&lookup) {
            return Ok(keys);
        }
        let keys: Arc<[i64]> = match plan {
            Plan::Nothing => Arc::default(),
            Plan::Facet(facet) => facet_keys(self.connection, facet)?.into(),
            Plan::Statement(statement) => statement.keys(self.connection)?.into(),
        };
        if u64::try_from(keys.len()).is_ok_and(|n_keys| n_keys > n_images_page) {
            self.cache.put(&lookup, &keys);
        }
        Ok(keys)
    }
}

fn facet_keys(connection: &Connection, facet: &KnownFacet) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached(
        "SELECT image_key FROM image_facets WHERE facet_key = ? ORDER BY newest_first, image_id",
    )?;
    select
        .query_map([facet.facet_key], |row| row.get(0))?
        .collect()
}

/// A slice in the making.
#[derive(Debug, Default)]
struct SliceBuilder {
    image_ids: Vec<String>,
    documents: String,
}

impl SliceBuilder {
    /// Adds the image of a row, whose columns are its id and its document.
    fn add(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        if !self.image_ids.is_empty() {
            self.documents.push(',');
        }
        self.image_ids.push(row.get_ref(0)?.as_str()?.into());
        self.documents.push_str(row.get_ref(1)?.as_str()?);
        Ok(())
    }

    fn listing(self, total_count: u64) -> Listing {
        Listing {
            total_count,
            image_ids: self.image_ids.into(),
            documents: self.documents,
        }
    }
}
