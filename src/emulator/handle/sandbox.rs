//! The handle of a sandbox: its images, its seed and its checkpoints.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::control::{GenerateError, put_generated};
use crate::emulator::handle::error::HandleError;
use crate::fixture::{self, Fixture};
use crate::sandbox::{CheckpointName, Sandbox};
use crate::server::AppState;

/// One sandbox of a running emulator, by name; made from the seed on first use.
///
/// Every call looks the sandbox up by its name, so a handle stays valid when the sandbox is removed
/// and made again.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use serde_json::json;
/// use swas_emulator::{Emulator, Fixture};
///
/// let emulator = Emulator::builder().isolate().start().await?;
/// let images = r#"[{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}]"#;
/// let sandbox = emulator.sandbox("ci-7");
/// sandbox.seed(Fixture::from_json("images", images))?;
///
/// sandbox.patch("m-1", &json!({"Status": "3"}))?;
/// assert_eq!(sandbox.image("m-1")?["Status"], "3");
/// sandbox.reset()?;
/// assert_eq!(sandbox.image("m-1")?["Status"], "1");
///
/// assert!(emulator.sandbox("ci-8").image("m-1").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SandboxHandle {
    pub(super) state: Arc<AppState>,
    name: String,
}

/// What a change returns: the handle again, for the next call.
pub(super) type Done<'a> = Result<&'a SandboxHandle, HandleError>;

impl SandboxHandle {
    pub(in crate::emulator) fn new(state: Arc<AppState>, name: impl Into<String>) -> Self {
        Self {
            state,
            name: name.into(),
        }
    }

    /// The AccessKeyId of the clients that use this sandbox.
    pub fn access_key_id(&self) -> &str {
        &self.name
    }

    pub(super) fn with<T>(
        &self,
        act: impl FnOnce(&Sandbox) -> Result<T, HandleError>,
    ) -> Result<T, HandleError> {
        let sandboxes = self.state.sandboxes().map_err(HandleError::refused)?;
        let sandbox = sandboxes.named(Some(&self.name))?;
        let done = act(&sandbox);
        sandboxes.keep_within_limits(sandbox.name());
        done
    }

    pub(super) fn act(&self, act: impl FnOnce(&Sandbox) -> Result<(), HandleError>) -> Done<'_> {
        self.with(act).map(|()| self)
    }

    /// Makes the fixture the seed of this sandbox, and resets the sandbox to it.
    ///
    /// # Errors
    /// [`HandleError`] when the fixture breaks a rule, there is no such sandbox, or the store
    /// fails.
    pub fn seed(&self, fixture: Fixture) -> Done<'_> {
        let fixture = [fixture];
        self.act(|sandbox| {
            let now = sandbox.clock().now();
            let images = fixture::read(&fixture, sandbox.kinds(), sandbox.regions(), now);
            Ok(sandbox.seed(images)?)
        })
    }

    /// Resets the sandbox to its seed.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox, or the store fails.
    pub fn reset(&self) -> Done<'_> {
        self.reset_to("seed")
    }

    /// Resets the sandbox to `seed`, to `empty`, or to a checkpoint.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such checkpoint, there is no such sandbox, or the store
    /// fails.
    pub fn reset_to(&self, checkpoint: &str) -> Done<'_> {
        let name = checkpoint_name(checkpoint)?;
        self.act(|sandbox| Ok(sandbox.reset_to(&name)?))
    }

    /// Keeps the present state as a checkpoint; an older one of this name is replaced.
    ///
    /// # Errors
    /// [`HandleError`] for a reserved name, past 100 checkpoints, or when the store fails.
    pub fn take_checkpoint(&self, name: &str) -> Done<'_> {
        let name = checkpoint_name(name)?;
        self.act(|sandbox| Ok(sandbox.take_checkpoint(&name)?))
    }

    /// The names of the checkpoints, sorted; `seed` and `empty` are not among them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
    /// let sandbox = emulator.sandbox("ci-7");
    /// sandbox.generate(3)?.take_checkpoint("three-more")?;
    /// sandbox.reset_to("empty")?.reset_to("three-more")?;
    /// assert_eq!(sandbox.checkpoints()?, ["three-more"]);
    /// sandbox.delete_checkpoint("three-more")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox, or the store fails.
    pub fn checkpoints(&self) -> Result<Vec<String>, HandleError> {
        self.with(|sandbox| {
            let checkpoints = sandbox.checkpoints()?;
            Ok(checkpoints.into_iter().map(|kept| kept.name).collect())
        })
    }

    /// Deletes a checkpoint.
    ///
    /// # Errors
    /// [`HandleError`] for a reserved name, when there is no such checkpoint, or the store fails.
    pub fn delete_checkpoint(&self, name: &str) -> Done<'_> {
        let name = checkpoint_name(name)?;
        self.act(|sandbox| Ok(sandbox.delete_checkpoint(&name)?))
    }

    /// Adds the fixture's images; one with a known id replaces the image. All or nothing.
    ///
    /// # Errors
    /// [`HandleError`] when an image breaks a rule, there is no such sandbox, or the store fails.
    pub fn put(&self, images: &Fixture) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.put(images).map(drop)?))
    }

    /// Adds `n` plausible images in all regions, at most a million.
    ///
    /// Which ones depends on the sandbox's random numbers; [`Self::generate_from`] fixes them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
    /// let sandbox = emulator.sandbox("ci-7");
    /// sandbox.reset_to("empty")?.generate(250)?;
    /// assert_eq!(sandbox.counts()?.values().sum::<u64>(), 250);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] for 0 and for more than a million, or when the store fails.
    pub fn generate(&self, n: u64) -> Done<'_> {
        self.act(|sandbox| generate(sandbox, n, None))
    }

    /// Adds `n` plausible images; the same seed gives the same ones, on every machine.
    ///
    /// # Errors
    /// [`HandleError`] for 0 and for more than a million, or when the store fails.
    pub fn generate_from(&self, rng_seed: u64, n: u64) -> Done<'_> {
        self.act(|sandbox| generate(sandbox, n, Some(rng_seed)))
    }

    /// Changes an image by a merge patch, such as `json!({"Status": "1"})`.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such image, the changed one breaks a rule, or the store
    /// fails.
    pub fn patch(&self, image_id: &str, patch: &Value) -> Done<'_> {
        let patch = patch
            .as_object()
            .ok_or_else(|| HandleError::refused("a merge patch is a JSON object"))?;
        self.act(|sandbox| Ok(sandbox.patch(image_id, patch).map(drop)?))
    }

    /// Deletes an image.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such image, or the store fails.
    pub fn delete(&self, image_id: &str) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.delete(image_id)?))
    }

    /// Returns an image as a fixture has it.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such image, or the store fails.
    pub fn image(&self, image_id: &str) -> Result<Map<String, Value>, HandleError> {
        self.with(|sandbox| Ok(sandbox.image(image_id)?))
    }

    /// Counts the images of each region that has any.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().start().await?;
    /// assert_eq!(emulator.sandbox("default").counts()?["cn-hangzhou"], 24);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox, or the store fails.
    pub fn counts(&self) -> Result<BTreeMap<String, u64>, HandleError> {
        self.with(|sandbox| Ok(sandbox.counts()?))
    }

    /// Returns the sandbox's state as a fixture: the text of a JSON file, images by id.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox, or the store fails.
    pub fn export(&self) -> Result<String, HandleError> {
        self.with(|sandbox| Ok(sandbox.export()?.text()?))
    }
}

fn checkpoint_name(name: &str) -> Result<CheckpointName, HandleError> {
    CheckpointName::parse(name).map_err(HandleError::refused)
}

fn generate(sandbox: &Sandbox, n: u64, rng_seed: Option<u64>) -> Result<(), HandleError> {
    match put_generated(sandbox, n, rng_seed, &[]) {
        Ok(_) => Ok(()),
        Err(GenerateError::Rule(rule)) => Err(HandleError::refused(rule)),
        Err(GenerateError::Put(error)) => Err(error.into()),
    }
}
