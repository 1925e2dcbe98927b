//! Listing: some of the matching images, and the count of all of them.

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::base::Effort;
use crate::base::limits::BRIEF_BYTES_MAX;
use crate::resources::ImageFilter;
use crate::store::generation::Generation;
use crate::store::images::cache::{CacheQuery, Finding, ListingCache};
use crate::store::images::facets::KnownFacet;
use crate::store::images::listing::{Listing, ListingBuilder, Slice};
use crate::store::images::look_up::{LookUp, LookedUp};
use crate::store::images::plan::Plan;
use crate::store::{Store, StoreError};

/// From here on, a slice is found by the keys of all images before it, which are kept for the next.
const DEEP_OFFSET: u64 = 256;

impl Store {
    /// Counts the matching images.
    pub fn count(&self, filter: &ImageFilter) -> Result<u64, StoreError> {
        Ok(self.list(filter, 0, 0)?.total_count)
    }

    /// Lists a slice of the matching images and counts all matches.
    ///
    /// The order is newest first, then by id, byte for byte. The count is right on a slice past the
    /// end too. Both come from one state of the data.
    pub fn list(
        &self,
        filter: &ImageFilter,
        offset: u64,
        n_images_max: u32,
    ) -> Result<Arc<Listing>, StoreError> {
        let slice = Slice {
            offset,
            n_images_max,
        };
        self.find(filter, slice, Effort::Long)
    }

    /// Lists a slice if that takes a few milliseconds at most, else [`StoreError::TooLong`].
    pub(crate) fn list_briefly(
        &self,
        filter: &ImageFilter,
        offset: u64,
        n_images_max: u32,
    ) -> Result<Arc<Listing>, StoreError> {
        let slice = Slice {
            offset,
            n_images_max,
        };
        let listing = self.find(filter, slice, Effort::Brief)?;
        if listing.documents.len() > BRIEF_BYTES_MAX {
            return Err(StoreError::TooLong);
        }
        Ok(listing)
    }

    fn find(
        &self,
        filter: &ImageFilter,
        slice: Slice,
        effort: Effort,
    ) -> Result<Arc<Listing>, StoreError> {
        let found = self.generation.number().and_then(|generation| {
            self.cache.get(&CacheQuery {
                generation,
                slice: Some(slice),
                filter,
            })
        });
        if let Some(Finding::Slice(found)) = found {
            return Ok(found);
        }
        self.read(|connection| {
            let _limited = self.limit(effort);
            let search = Search {
                connection,
                cache: &self.cache,
                generation: &self.generation,
                at: self.generation.number(),
                filter,
                slice,
            };
            let found = Arc::new(search.run()?);
            search.keep(Some(slice), Finding::Slice(Arc::clone(&found)));
            Ok(found)
        })
        .map_err(StoreError::from)
    }
}

/// A look at one state of the data.
struct Search<'a> {
    connection: &'a Connection,
    cache: &'a ListingCache,
    generation: &'a Generation,
    /// The number of the state when the look began; `None` between two states.
    at: Option<u64>,
    filter: &'a ImageFilter,
    slice: Slice,
}

impl Search<'_> {
    fn run(&self) -> rusqlite::Result<Listing> {
        let offset = self.slice.offset;
        match Plan::of(self.connection, self.filter)? {
            Plan::Nothing => Ok(Listing::default()),
            Plan::Facet(facet) if offset >= facet.n_images || self.slice.n_images_max == 0 => {
                Ok(Listing {
                    total_count: facet.n_images,
                    ..Listing::default()
                })
            }
            Plan::Facet(facet) if offset < DEEP_OFFSET => self.of_facet(&facet),
            Plan::Facet(facet) => self.of_keys(|| facet_keys(self.connection, &facet)),
            Plan::Statement(statement) => self.of_keys(|| statement.keys(self.connection)),
            Plan::LookUp(look_up) => self.of_look_up(&look_up),
        }
    }

    /// Reads a slice near the beginning of a facet.
    fn of_facet(&self, facet: &KnownFacet) -> rusqlite::Result<Listing> {
        let mut select = self.connection.prepare_cached(
            "SELECT image_facets.image_id, document
             FROM image_facets CROSS JOIN images USING (image_key)
             WHERE facet_key = ?
             ORDER BY image_facets.newest_first, image_facets.image_id LIMIT ? OFFSET ?",
        )?;
        let slice = self.slice;
        let mut rows = select.query(params![facet.facet_key, slice.n_images_max, slice.offset])?;
        let mut builder = ListingBuilder::default();
        while let Some(row) = rows.next()? {
            builder.add_row(row)?;
        }
        Ok(builder.build(facet.n_images))
    }

    /// Finds all matching images by their keys and reads a slice of them.
    fn of_keys(
        &self,
        find: impl FnOnce() -> rusqlite::Result<Vec<i64>>,
    ) -> rusqlite::Result<Listing> {
        match self.kept_keys() {
            Some(keys) => self.read(&keys),
            None => self.keep_and_read(find()?),
        }
    }

    /// Looks images up; if all of them fit on a page, they need not be looked up again.
    fn of_look_up(&self, look_up: &LookUp<'_>) -> rusqlite::Result<Listing> {
        if let Some(keys) = self.kept_keys() {
            return self.read(&keys);
        }
        let len_max = self.slice.len_max();
        let LookedUp { images, documents } = look_up.find(self.connection, len_max)?;
        if images.len() > len_max {
            return self.keep_and_read(images.iter().map(|image| image.image_key).collect());
        }
        let n_images = number(images.len());
        let mut builder = ListingBuilder::default();
        for image in images.into_iter().skip(self.slice.start()) {
            builder.add(image.image_id, &documents[image.document]);
        }
        Ok(builder.build(n_images))
    }

    /// Reads the slice of the images with these keys.
    fn read(&self, keys: &[i64]) -> rusqlite::Result<Listing> {
        let mut select = self
            .connection
            .prepare_cached("SELECT image_id, document FROM images WHERE image_key = ?")?;
        let mut builder = ListingBuilder::default();
        let rest = keys.get(self.slice.start()..).unwrap_or_default();
        for key in rest.iter().take(self.slice.len_max()) {
            select.query_row([key], |row| builder.add_row(row))?;
        }
        Ok(builder.build(number(keys.len())))
    }

    fn query(&self, slice: Option<Slice>) -> Option<CacheQuery<'_>> {
        Some(CacheQuery {
            generation: self.at?,
            slice,
            filter: self.filter,
        })
    }

    /// Keeps what was found, unless the state has been replaced meanwhile.
    fn keep(&self, slice: Option<Slice>, finding: Finding) {
        if let Some(query) = self
            .query(slice)
            .filter(|_| self.generation.number() == self.at)
        {
            self.cache.put(&query, finding);
        }
    }

    /// The keys of all matching images, if an earlier page has found them.
    fn kept_keys(&self) -> Option<Arc<[i64]>> {
        if self.slice.offset == 0 {
            return None;
        }
        match self.cache.get(&self.query(None)?)? {
            Finding::Keys(keys) => Some(keys),
            Finding::Slice(_) => None,
        }
    }

    /// Reads the slice; keeps the keys of all matching images if there are later pages.
    fn keep_and_read(&self, keys: Vec<i64>) -> rusqlite::Result<Listing> {
        let listing = self.read(&keys)?;
        // A mere count has no pages.
        if self.slice.n_images_max > 0 && keys.len() > self.slice.len_max() {
            self.keep(None, Finding::Keys(keys.into()));
        }
        Ok(listing)
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

fn number(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
