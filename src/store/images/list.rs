//! Listing: some of the matching images, and the count of all of them.

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::resources::{ImageFilter, Page};
use crate::store::images::cache::{CacheQuery, Cached, ListingCache, ListingPart};
use crate::store::images::facets::KnownFacet;
use crate::store::images::look_up::{LookUp, LookedUp};
use crate::store::images::plan::Plan;
use crate::store::{Store, StoreError};

/// A slice of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// All images that match, on every page.
    pub total_count: u64,
    /// The ids of the slice's images, in order; none past the end.
    pub image_ids: Arc<[String]>,
    /// The images' JSON objects as the API writes them, with a comma between two.
    pub documents: Arc<String>,
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
    pub fn list(&self, filter: &ImageFilter, page: Page) -> Result<Arc<Listing>, StoreError> {
        self.list_slice(filter, page.offset(), page.size.n_images())
    }

    /// Lists a slice that need not be a page, like [`Self::list`].
    pub fn list_slice(
        &self,
        filter: &ImageFilter,
        offset: u64,
        n_images_max: u32,
    ) -> Result<Arc<Listing>, StoreError> {
        let part = ListingPart::Slice {
            offset,
            n_images_max,
        };
        self.find(filter, part, |search| {
            Ok(Arc::new(search.slice(offset, n_images_max)?))
        })
    }

    /// Counts the matching images.
    pub fn count(&self, filter: &ImageFilter) -> Result<u64, StoreError> {
        self.find(filter, ListingPart::Count, count)
    }

    /// Finds something that was found before, or looks for it.
    fn find<T: Cached>(
        &self,
        filter: &ImageFilter,
        part: ListingPart,
        look: impl FnOnce(&Search<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let query = |generation| CacheQuery {
            generation,
            filter,
            part,
        };
        if let Some(found) = self.cache.get(&query(self.generation())) {
            return Ok(found);
        }
        // Whoever holds the connection sees one state of the data, and its generation.
        let connection = self.connection();
        let query = query(self.generation());
        let found = look(&Search {
            connection: &connection,
            cache: &self.cache,
            query,
        })?;
        drop(connection);
        self.cache.put(&query, &found);
        Ok(found)
    }
}

/// A look at one state of the data.
struct Search<'a> {
    connection: &'a Connection,
    cache: &'a ListingCache,
    query: CacheQuery<'a>,
}

fn count(search: &Search<'_>) -> rusqlite::Result<u64> {
    Ok(match Plan::of(search.connection, search.query.filter)? {
        Plan::Nothing => 0,
        Plan::Facet(facet) => facet.n_images,
        Plan::LookUp(look_up) => number(look_up.find(search.connection, 0)?.images.len()),
        Plan::Statement(statement) => number(statement.keys(search.connection)?.len()),
    })
}

fn number(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl Search<'_> {
    fn slice(&self, offset: u64, n_images_max: u32) -> rusqlite::Result<Listing> {
        let slice = Slice {
            offset,
            n_images_max,
        };
        match Plan::of(self.connection, self.query.filter)? {
            Plan::Nothing => Ok(Listing::default()),
            Plan::Facet(facet) if offset >= facet.n_images => Ok(Listing {
                total_count: facet.n_images,
                ..Listing::default()
            }),
            Plan::Facet(facet) if offset < DEEP_OFFSET => self.of_facet(&facet, slice),
            Plan::Facet(facet) => self.of_keys(slice, || facet_keys(self.connection, &facet)),
            Plan::Statement(statement) => self.of_keys(slice, || statement.keys(self.connection)),
            Plan::LookUp(look_up) => self.of_look_up(&look_up, slice),
        }
    }

    /// Reads a slice near the beginning of a facet.
    fn of_facet(&self, facet: &KnownFacet, slice: Slice) -> rusqlite::Result<Listing> {
        let mut select = self.connection.prepare_cached(
            "SELECT image_facets.image_id, document
             FROM image_facets CROSS JOIN images USING (image_key)
             WHERE facet_key = ?
             ORDER BY image_facets.newest_first, image_facets.image_id LIMIT ? OFFSET ?",
        )?;
        let mut rows = select.query(params![facet.facet_key, slice.n_images_max, slice.offset])?;
        let mut builder = SliceBuilder::default();
        while let Some(row) = rows.next()? {
            builder.add_row(row)?;
        }
        Ok(builder.listing(facet.n_images))
    }

    /// Finds all matching images by their keys and reads a slice of them.
    fn of_keys(
        &self,
        slice: Slice,
        find: impl FnOnce() -> rusqlite::Result<Vec<i64>>,
    ) -> rusqlite::Result<Listing> {
        let keys = match self.kept_keys(slice) {
            Some(keys) => keys,
            None => self.keep_keys(find()?, slice),
        };
        self.read(&keys, slice)
    }

    /// Looks images up; if all of them fit on a page, they need not be looked up again.
    fn of_look_up(&self, look_up: &LookUp<'_>, slice: Slice) -> rusqlite::Result<Listing> {
        if let Some(keys) = self.kept_keys(slice) {
            return self.read(&keys, slice);
        }
        let found = look_up.find(self.connection, slice.len_max())?;
        if found.images.len() > slice.len_max() {
            let keys = found.images.iter().map(|image| image.image_key).collect();
            return self.read(&self.keep_keys(keys, slice), slice);
        }
        let LookedUp { images, documents } = found;
        let total_count = number(images.len());
        let mut builder = SliceBuilder::default();
        for image in images.into_iter().skip(slice.start()).take(slice.len_max()) {
            builder.add(image.image_id, &documents[image.document]);
        }
        Ok(builder.listing(total_count))
    }

    /// Reads a slice of the images with these keys.
    fn read(&self, keys: &[i64], slice: Slice) -> rusqlite::Result<Listing> {
        let mut select = self
            .connection
            .prepare_cached("SELECT image_id, document FROM images WHERE image_key = ?")?;
        let mut builder = SliceBuilder::default();
        for key in slice.of(keys) {
            select.query_row([key], |row| builder.add_row(row))?;
        }
        Ok(builder.listing(number(keys.len())))
    }

    fn keys_query(&self) -> CacheQuery<'_> {
        CacheQuery {
            part: ListingPart::Keys,
            ..self.query
        }
    }

    /// The keys of all matching images, if an earlier page has found them.
    fn kept_keys(&self, slice: Slice) -> Option<Arc<[i64]>> {
        if slice.offset == 0 {
            return None;
        }
        self.cache.get(&self.keys_query())
    }

    /// Keeps the keys of all matching images for later pages, if there are any.
    fn keep_keys(&self, keys: Vec<i64>, slice: Slice) -> Arc<[i64]> {
        let keys: Arc<[i64]> = keys.into();
        if keys.len() > slice.len_max() {
            self.cache.put(&self.keys_query(), &keys);
        }
        keys
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

/// Which of the matching images are wanted.
#[derive(Debug, Clone, Copy)]
struct Slice {
    offset: u64,
    n_images_max: u32,
}

impl Slice {
    fn start(self) -> usize {
        usize::try_from(self.offset).unwrap_or(usize::MAX)
    }

    fn len_max(self) -> usize {
        usize::try_from(self.n_images_max).unwrap_or(usize::MAX)
    }

    /// The slice of all that match.
    fn of<T>(self, all: &[T]) -> &[T] {
        let rest = all.get(self.start()..).unwrap_or_default();
        &rest[..rest.len().min(self.len_max())]
    }
}

/// A slice in the making.
#[derive(Debug, Default)]
struct SliceBuilder {
    image_ids: Vec<String>,
    documents: String,
}

impl SliceBuilder {
    /// Adds the image of a row, whose columns are its id and its document.
    fn add_row(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        self.add(row.get(0)?, row.get_ref(1)?.as_str()?);
        Ok(())
    }

    fn add(&mut self, image_id: String, document: &str) {
        if !self.image_ids.is_empty() {
            self.documents.push(',');
        }
        self.image_ids.push(image_id);
        self.documents.push_str(document);
    }

    fn listing(self, total_count: u64) -> Listing {
        Listing {
            total_count,
            image_ids: self.image_ids.into(),
            documents: Arc::new(self.documents),
        }
    }
}
