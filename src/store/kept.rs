//! A checkpoint of a file, read without going back to it.
//!
//! It is what is still there of the images and rows of then, and what was kept of the others.

use rusqlite::params;

use crate::store::{Pending, Store, StoreError, StoredImage, StoredRow, View, images, rows};

/// A checkpoint of a file as it was when the view was opened.
#[derive(Debug)]
pub(crate) struct KeptState {
    view: View,
    name: String,
    /// The keys of the images that were kept, in the order of their ids; none of these is there still.
    kept: Vec<i64>,
    n_read: usize,
}

/// Which rows of a table are of the checkpoint `?1` and have stayed as they were.
const IMAGE_STAYED: &str = "image_key < (SELECT next_image_key FROM checkpoints WHERE name = ?1)
     AND image_key NOT IN (SELECT image_key FROM checkpoint_images WHERE checkpoint_name = ?1)";

impl Store {
    /// Opens a checkpoint; `None` when there is none of this name.
    pub(crate) fn kept_state(&self, name: &str) -> Result<Option<KeptState>, StoreError> {
        let view = self.view()?;
        if !view.checkpoints()?.contains_key(name) {
            return Ok(None);
        }
        let kept = {
            let connection = view.connection();
            let mut select = connection.prepare(
                "SELECT image_key FROM checkpoint_images WHERE checkpoint_name = ? ORDER BY image_id",
            )?;
            let keys = select.query_map([name], |row| row.get(0))?;
            keys.collect::<rusqlite::Result<_>>()?
        };
        Ok(Some(KeptState {
            view,
            name: name.to_owned(),
            kept,
            n_read: 0,
        }))
    }
}

impl KeptState {
    /// Returns the next images by id after this one, which is the last that was returned.
    pub(crate) fn images_after(
        &mut self,
        image_id: &str,
        n_max: u64,
    ) -> Result<Vec<StoredImage>, StoreError> {
        let stayed = self.stayed_after(image_id, n_max)?.into_iter();
        let kept = self.kept_after(n_max)?.into_iter();
        let mut both: Vec<(StoredImage, usize)> = stayed
            .map(|image| (image, 0))
            .chain(kept.map(|image| (image, 1)))
            .collect();
        both.sort_by(|(a, _), (b, _)| a.image_id.cmp(&b.image_id));
        // There may be more of either, whose ids come later.
        both.truncate(usize::try_from(n_max).unwrap_or(usize::MAX));
        self.n_read += both.iter().map(|(_, n_kept)| n_kept).sum::<usize>();
        Ok(both.into_iter().map(|(image, _)| image).collect())
    }

    fn stayed_after(&self, image_id: &str, n_max: u64) -> Result<Vec<StoredImage>, StoreError> {
        let rest = format!("WHERE {IMAGE_STAYED} AND image_id > ?2 ORDER BY image_id LIMIT ?3");
        let connection = self.view.connection();
        Ok(images::select(
            &connection,
            &rest,
            params![self.name, image_id, n_max],
        )?)
    }

    fn kept_after(&self, n_max: u64) -> Result<Vec<StoredImage>, StoreError> {
        let connection = self.view.connection();
        let mut select = connection.prepare_cached(&format!(
            "SELECT image_id, document, {} FROM checkpoint_images
             WHERE checkpoint_name = ? AND image_key = ?",
            Pending::COLUMNS
        ))?;
        let keys = self.kept.iter().skip(self.n_read);
        let keys = keys.take(usize::try_from(n_max).unwrap_or(usize::MAX));
        let images = keys.map(|key| {
            select.query_row(params![self.name, key], |row| {
                Ok(StoredImage {
                    image_id: row.get(0)?,
                    document: row.get(1)?,
                    pending: Pending::of(row, 2)?,
                })
            })
        });
        Ok(images.collect::<rusqlite::Result<_>>()?)
    }

    /// Returns the resources of a kind by id.
    pub(crate) fn rows_by_id(&self, kind: &str) -> Result<Vec<StoredRow>, StoreError> {
        let rest = format!(
            "WHERE row_key < (SELECT next_row_key FROM checkpoints WHERE name = ?1)
               AND row_key NOT IN (SELECT row_key FROM checkpoint_rows WHERE checkpoint_name = ?1)
               AND kind = ?2
             UNION ALL
             SELECT {} FROM checkpoint_rows WHERE checkpoint_name = ?1 AND kind = ?2
             ORDER BY id",
            rows::COLUMNS
        );
        let connection = self.view.connection();
        Ok(rows::select(&connection, &rest, [&self.name, kind])?)
    }
}
