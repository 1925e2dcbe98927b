//! A sandbox's custom images: changed, and read whole.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::Effort;
use crate::fixture::{self, FixtureImage, image_json};
use crate::resources::{Image, ImageFilter};
use crate::sandbox::world::{Cleared, Extent};
use crate::sandbox::{Sandbox, SandboxError};
use crate::store::{StoreError, StoredImage};

impl Sandbox {
    /// Changes an image by a merge patch, by the rules of fixtures; returns the changed image.
    pub fn patch(
        &self,
        image_id: &str,
        patch: &Map<String, Value>,
    ) -> Result<Map<String, Value>, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.settle(now_unix_ms, Effort::Long)?;
        self.change_image(image_id, now_unix_ms, |stored| {
            let json = Value::Object(image_json(stored, now_unix_ms)?).to_string();
            let patched = fixture::patch(&json, patch, &self.regions, self.clock.now());
            let patched = patched.map_err(|rule| SandboxError::InvalidPatch { rule })?;
            Ok(Some(patched))
        })?;
        self.image(image_id)
    }

    /// Replaces an image with what `change` makes of it, or deletes it when that is nothing.
    fn change_image(
        &self,
        image_id: &str,
        now_unix_ms: i64,
        change: impl FnOnce(&StoredImage) -> Result<Option<FixtureImage>, SandboxError>,
    ) -> Result<(), SandboxError> {
        // An image that is not there copies nothing.
        if self.world.store().image(image_id)?.is_none() {
            return Err(unknown(image_id));
        }
        self.world.change(Effort::Long, Extent::Few, |store| {
            let stored = store.image(image_id)?;
            let stored = stored.ok_or_else(|| unknown(image_id))?;
            match change(&stored)? {
                Some(image) => drop(store.put([image.stored(now_unix_ms)])?),
                None => drop(store.delete(image_id)?),
            }
            Ok(())
        })
    }

    /// Deletes an image.
    pub fn delete(&self, image_id: &str) -> Result<(), SandboxError> {
        self.change_image(image_id, self.clock.now_unix_ms(), |_| Ok(None))
    }

    /// Deletes every image, and nothing else; returns how many there were.
    pub fn clear(&self) -> Result<u64, StoreError> {
        self.world.clear(Cleared::Images)
    }

    /// Returns an image as a fixture has it.
    pub(crate) fn image(&self, image_id: &str) -> Result<Map<String, Value>, SandboxError> {
        self.settle(self.clock.now_unix_ms(), Effort::Long)?;
        let stored = self.world.store().image(image_id)?;
        let stored = stored.ok_or_else(|| unknown(image_id))?;
        Ok(image_json(&stored, self.clock.now_unix_ms())?)
    }

    /// Returns a slice of the images as fixtures have them, by id.
    pub(crate) fn images(
        &self,
        offset: u64,
        n_max: u64,
    ) -> Result<Vec<Map<String, Value>>, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let stored = self.settled()?.images(offset, n_max)?;
        let images = stored.iter().map(|image| image_json(image, now_unix_ms));
        Ok(images.collect::<Result<_, _>>()?)
    }

    /// Counts the images of each region that has any.
    pub(crate) fn counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.settle(self.clock.now_unix_ms(), Effort::Long)?;
        self.world.store().counts()
    }

    /// Counts the matching images, without counting it as a listing.
    pub(crate) fn count(&self, filter: &ImageFilter, effort: Effort) -> Result<u64, StoreError> {
        self.settle(self.clock.now_unix_ms(), effort)?;
        match effort {
            Effort::Brief => Ok(self.world.store().list_briefly(filter, 0, 0)?.total_count),
            Effort::Long => self.world.present()?.count(filter),
        }
    }

    /// Counts all images.
    pub(crate) fn count_all(&self) -> Result<u64, StoreError> {
        Ok(self.counts()?.values().sum())
    }

    /// Reads the first images by id, to look at them one by one.
    pub(crate) fn scan(&self, n_max: u64) -> Result<Vec<Image>, SandboxError> {
        let stored = self.settled()?.images(0, n_max)?;
        let now = self.clock.now();
        let image = |stored: StoredImage| {
            fixture::patch(&stored.document, &Map::new(), &self.regions, now)
                .map(|read| read.image)
                .map_err(|rule| SandboxError::InvalidPatch { rule })
        };
        stored.into_iter().map(image).collect()
    }
}

fn unknown(image_id: &str) -> SandboxError {
    SandboxError::UnknownImage {
        image_id: image_id.to_owned(),
    }
}
