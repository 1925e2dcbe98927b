//! Changing a sandbox's images, and reading them whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::fixture::{self, Fixture, FixtureImage, Resource, export, image_json};
use crate::resources::{Image, ImageFilter, Kinds};
use crate::sandbox::{CheckpointName, CheckpointSummary, Sandbox, SandboxError};
use crate::store::{Put, Store, StoreError, StoredImage};

impl Sandbox {
    /// Reads images by the rules of fixtures, and adds each in the place of the one with its id.
    ///
    /// All or nothing.
    ///
    /// # Errors
    /// [`SandboxError::InvalidImages`] when one breaks a rule, [`SandboxError::Store`] when the
    /// store fails.
    pub fn put(&self, images: &Fixture) -> Result<Put, SandboxError> {
        let images = std::slice::from_ref(images);
        let resources = fixture::read(images, Kinds::default(), &self.regions, self.clock.now());
        let mut images = Vec::new();
        for resource in resources {
            if let Resource::Image(image) = resource? {
                images.push(image);
            }
        }
        self.put_images(&images)
    }

    /// Adds images, each in the place of the one with its id. All or nothing.
    ///
    /// # Errors
    /// [`SandboxError::Store`] when the store fails.
    pub fn put_images(&self, images: &[FixtureImage]) -> Result<Put, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let stored = images.iter().map(|image| image.stored(now_unix_ms));
        Ok(self.images.change(|store| store.put(stored))?)
    }

    /// Changes an image by a merge patch, by the rules of fixtures; gives the image as it is then.
    ///
    /// # Errors
    /// [`SandboxError::UnknownImage`], [`SandboxError::InvalidPatch`] when the changed image breaks
    /// a rule, [`SandboxError::Store`] when the store fails.
    pub fn patch(
        &self,
        image_id: &str,
        patch: &Map<String, Value>,
    ) -> Result<Map<String, Value>, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        self.images.settle(&self.regions, now_unix_ms)?;
        self.images.change_image(image_id, now_unix_ms, |stored| {
            self.patched(stored, patch, now_unix_ms).map(Some)
        })?;
        self.image(image_id)
    }

    fn patched(
        &self,
        stored: &StoredImage,
        patch: &Map<String, Value>,
        now_unix_ms: i64,
    ) -> Result<FixtureImage, SandboxError> {
        let json = Value::Object(image_json(stored, now_unix_ms)?).to_string();
        fixture::patch(&json, patch, &self.regions, self.clock.now())
            .map_err(|rule| SandboxError::InvalidPatch { rule })
    }

    /// Deletes an image.
    ///
    /// # Errors
    /// [`SandboxError::UnknownImage`], [`SandboxError::Store`] when the store fails.
    pub fn delete(&self, image_id: &str) -> Result<(), SandboxError> {
        self.images
            .change_image(image_id, self.clock.now_unix_ms(), |_| Ok(None))
    }

    /// Deletes every image; tells how many there were.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn clear(&self) -> Result<u64, StoreError> {
        self.images.change(Store::clear)
    }

    /// Gives an image as a fixture has it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownImage`], [`SandboxError::Store`] when the store fails.
    pub fn image(&self, image_id: &str) -> Result<Map<String, Value>, SandboxError> {
        let stored = self.present()?.image(image_id)?;
        let unknown = || SandboxError::UnknownImage {
            image_id: image_id.to_owned(),
        };
        Ok(image_json(
            &stored.ok_or_else(unknown)?,
            self.clock.now_unix_ms(),
        )?)
    }

    /// Gives a slice of the images as fixtures have them, by id.
    ///
    /// # Errors
    /// [`SandboxError::Store`] when the store fails.
    pub fn images(&self, offset: u64, n_max: u64) -> Result<Vec<Map<String, Value>>, SandboxError> {
        let now_unix_ms = self.clock.now_unix_ms();
        let stored = self.present()?.images(offset, n_max)?;
        let images = stored.iter().map(|image| image_json(image, now_unix_ms));
        Ok(images.collect::<Result<_, _>>()?)
    }

    /// Counts the images of each region that has any.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.present()?.counts()
    }

    /// Counts the matching images, without counting it as a listing.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn count(&self, filter: &ImageFilter) -> Result<u64, StoreError> {
        self.present()?.count(filter)
    }

    /// Counts all images.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn count_all(&self) -> Result<u64, StoreError> {
        Ok(self.counts()?.values().sum())
    }

    /// Reads the first images by id, to look at them one by one.
    ///
    /// # Errors
    /// [`SandboxError::Store`] when the store fails.
    pub fn scan(&self, n_max: u64) -> Result<Vec<Image>, SandboxError> {
        let stored = self.present()?.images(0, n_max)?;
        let now = self.clock.now();
        let image = |stored: StoredImage| {
            fixture::patch(&stored.document, &Map::new(), &self.regions, now)
                .map(|read| read.image)
                .map_err(|rule| SandboxError::InvalidPatch { rule })
        };
        stored.into_iter().map(image).collect()
    }

    /// Writes every image as a fixture, by id.
    ///
    /// # Errors
    /// [`SandboxError::Store`] when the store fails.
    pub fn export(&self) -> Result<String, SandboxError> {
        let images = self.present()?.all_images()?;
        Ok(export(&images, self.clock.now_unix_ms())?)
    }

    /// The images with every change that is due.
    fn present(&self) -> Result<Arc<Store>, StoreError> {
        self.images
            .settle(&self.regions, self.clock.now_unix_ms())?;
        Ok(self.images.store())
    }

    /// Goes back to the seed, to no images, or to a checkpoint.
    ///
    /// # Errors
    /// [`SandboxError::UnknownCheckpoint`], [`SandboxError::Store`] when the store fails.
    pub fn reset_to(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        match name {
            CheckpointName::Seed => Ok(self.reset()?),
            CheckpointName::Empty => self.clear().map(drop).map_err(SandboxError::from),
            CheckpointName::Taken(name) => self
                .images
                .restore_checkpoint(name, self.clock.now_unix_ms()),
        }
    }

    /// Keeps the present images under a name, in the place of what was kept under it.
    ///
    /// # Errors
    /// [`SandboxError::ReservedCheckpoint`], [`SandboxError::TooManyCheckpoints`] past 100 of them,
    /// [`SandboxError::Store`] when the store fails.
    pub fn take_checkpoint(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        let CheckpointName::Taken(name) = name else {
            return Err(SandboxError::ReservedCheckpoint);
        };
        let now_unix_ms = self.clock.now_unix_ms();
        self.images.settle(&self.regions, now_unix_ms)?;
        self.images
            .take_checkpoint(name, &self.regions, now_unix_ms, self.clock.now())
    }

    /// Forgets a checkpoint.
    ///
    /// # Errors
    /// [`SandboxError::ReservedCheckpoint`], [`SandboxError::UnknownCheckpoint`],
    /// [`SandboxError::Store`] when the store fails.
    pub fn delete_checkpoint(&self, name: &CheckpointName) -> Result<(), SandboxError> {
        let CheckpointName::Taken(name) = name else {
            return Err(SandboxError::ReservedCheckpoint);
        };
        self.images.delete_checkpoint(name)
    }

    /// The checkpoints, by name; `seed` and `empty` are not among them.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    pub fn checkpoints(&self) -> Result<Vec<CheckpointSummary>, StoreError> {
        self.images.checkpoints()
    }

    /// Writes the images kept under a name as a fixture.
    ///
    /// # Errors
    /// [`SandboxError::UnknownCheckpoint`], [`SandboxError::Store`] when the store fails.
    pub fn export_checkpoint(&self, name: &CheckpointName) -> Result<String, SandboxError> {
        let images = match name {
            CheckpointName::Seed => self.images.seed_images()?,
            CheckpointName::Empty => Vec::new(),
            CheckpointName::Taken(name) => self.images.checkpoint(name)?.all_images()?,
        };
        // A kept timeline has been cut to what is left, so nothing has been waited for since.
        let kept = images.into_iter().map(|image| StoredImage {
            waiting_since_unix_ms: 0,
            ..image
        });
        Ok(export(&kept.collect::<Vec<_>>(), 0)?)
    }
}
