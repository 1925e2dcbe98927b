//! A slice of a listing: which images it has, and what was found.

use std::sync::Arc;

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

/// Which of the matching images are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slice {
    pub(super) offset: u64,
    pub(super) n_images_max: u32,
}

impl Slice {
    pub(super) fn start(self) -> usize {
        usize::try_from(self.offset).unwrap_or(usize::MAX)
    }

    pub(super) fn len_max(self) -> usize {
        usize::try_from(self.n_images_max).unwrap_or(usize::MAX)
    }
}

/// A listing that is being built.
#[derive(Debug, Default)]
pub(super) struct ListingBuilder {
    image_ids: Vec<String>,
    documents: String,
}

impl ListingBuilder {
    /// Adds the image of a row, whose columns are its id and its document.
    pub(super) fn add_row(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        self.add(row.get(0)?, row.get_ref(1)?.as_str()?);
        Ok(())
    }

    pub(super) fn add(&mut self, image_id: String, document: &str) {
        if !self.image_ids.is_empty() {
            self.documents.push(',');
        }
        self.image_ids.push(image_id);
        self.documents.push_str(document);
    }

    pub(super) fn build(self, total_count: u64) -> Listing {
        Listing {
            total_count,
            image_ids: self.image_ids.into(),
            documents: Arc::new(self.documents),
        }
    }
}
