//! A sandbox from Rust: what a test sets and asks, without HTTP.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::{ClockMode, Span, Timestamp};
use crate::fixture::{self, Fixture};
use crate::sandbox::{CheckpointName, InvalidSandboxName, NameError, Sandbox, SandboxError};
use crate::server::AppState;

/// Why a sandbox does not do what a test tells it.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The name gives no sandbox.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The text cannot be the name of a checkpoint.
    #[error(transparent)]
    CheckpointName(#[from] InvalidSandboxName),
    /// The sandbox refused or failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The clock cannot go there.
    #[error(transparent)]
    Clock(#[from] crate::base::ClockOutOfRange),
    /// The text is no moment as `yyyy-MM-ddTHH:mm:ssZ` and no time such as `3s`.
    #[error("`{text}` is neither a moment as `yyyy-MM-ddTHH:mm:ssZ` nor a time such as `3s`")]
    Time {
        /// The text as given.
        text: String,
    },
    /// The patch is no JSON object.
    #[error("a merge patch is a JSON object")]
    Patch,
    /// The emulator is not ready, which cannot be once it has started.
    #[error(transparent)]
    NotReady(#[from] crate::server::NotReady),
}

/// One sandbox of a running emulator, by name; made from the seed on first use.
///
/// Every call names the sandbox anew, so a handle outlives a sandbox that went.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use serde_json::json;
/// use swas_emulator::{Emulator, Fixture};
///
/// let emulator = Emulator::builder().isolate().start().await?;
/// let images = r#"[{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}]"#;
/// emulator.sandbox("ci-7").seed(Fixture::from_json("images", images))?.reset()?;
///
/// let sandbox = emulator.sandbox("ci-7");
/// sandbox.patch("m-1", &json!({"Status": "3"}))?;
/// assert_eq!(sandbox.image("m-1")?["Status"], "3");
/// sandbox.reset()?;
/// assert_eq!(sandbox.image("m-1")?["Status"], "1");
/// assert!(emulator.sandbox("ci-8").image("m-1").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SandboxHandle {
    state: Arc<AppState>,
    name: String,
}

type Done<'a> = Result<&'a SandboxHandle, HandleError>;

impl SandboxHandle {
    pub(crate) fn new(state: Arc<AppState>, name: impl Into<String>) -> Self {
        Self {
            state,
            name: name.into(),
        }
    }

    /// The AccessKeyId with which clients reach this sandbox.
    pub fn access_key_id(&self) -> &str {
        &self.name
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&Sandbox) -> Result<T, HandleError>,
    ) -> Result<T, HandleError> {
        let sandboxes = self.state.sandboxes()?;
        let sandbox = sandboxes.named(Some(&self.name))?;
        let done = act(&sandbox);
        sandboxes.keep_within_limits(sandbox.name());
        done
    }

    fn act(&self, act: impl FnOnce(&Sandbox) -> Result<(), HandleError>) -> Done<'_> {
        self.with(act).map(|()| self)
    }

    /// Makes the fixture's images the seed of this sandbox, and goes back to it.
    ///
    /// # Errors
    /// [`HandleError`] when an image breaks a rule, the name gives no sandbox, or the store fails.
    pub fn seed(&self, fixture: Fixture) -> Done<'_> {
        let fixture = [fixture];
        self.act(|sandbox| {
            let now = sandbox.clock().now();
            let images = fixture::read(&fixture, sandbox.kinds(), sandbox.regions(), now);
            Ok(sandbox.seed(images)?)
        })
    }

    /// Goes back to the seed.
    ///
    /// # Errors
    /// [`HandleError`] when the name gives no sandbox, or the store fails.
    pub fn reset(&self) -> Done<'_> {
        self.reset_to("seed")
    }

    /// Goes back to `seed`, to `empty`, or to a checkpoint.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such checkpoint, the name gives no sandbox, or the store
    /// fails.
    pub fn reset_to(&self, checkpoint: &str) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.reset_to(&CheckpointName::parse(checkpoint)?)?))
    }

    /// Keeps the present images under a name.
    ///
    /// # Errors
    /// [`HandleError`] for a reserved name, past 100 checkpoints, or when the store fails.
    pub fn take_checkpoint(&self, name: &str) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.take_checkpoint(&CheckpointName::parse(name)?)?))
    }

    /// Forgets a checkpoint.
    ///
    /// # Errors
    /// [`HandleError`] for a reserved name, when there is no such checkpoint, or the store fails.
    pub fn delete_checkpoint(&self, name: &str) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.delete_checkpoint(&CheckpointName::parse(name)?)?))
    }

    /// Adds the fixture's images, each in the place of the one with its id. All or nothing.
    ///
    /// # Errors
    /// [`HandleError`] when an image breaks a rule, the name gives no sandbox, or the store fails.
    pub fn put(&self, images: &Fixture) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.put(images).map(drop)?))
    }

    /// Changes an image by a merge patch, such as `json!({"Status": "1"})`.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such image, the changed one breaks a rule, or the store
    /// fails.
    pub fn patch(&self, image_id: &str, patch: &Value) -> Done<'_> {
        let patch = patch.as_object().ok_or(HandleError::Patch)?;
        self.act(|sandbox| Ok(sandbox.patch(image_id, patch).map(drop)?))
    }

    /// Deletes an image.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such image, or the store fails.
    pub fn delete(&self, image_id: &str) -> Done<'_> {
        self.act(|sandbox| Ok(sandbox.delete(image_id)?))
    }

    /// Gives an image as a fixture has it.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such image, or the store fails.
    pub fn image(&self, image_id: &str) -> Result<Map<String, Value>, HandleError> {
        self.with(|sandbox| Ok(sandbox.image(image_id)?))
    }

    /// Writes every image as a fixture, by id.
    ///
    /// # Errors
    /// [`HandleError`] when the name gives no sandbox, or the store fails.
    pub fn export(&self) -> Result<String, HandleError> {
        self.with(|sandbox| Ok(sandbox.export()?))
    }

    /// Stops the sandbox's clock at a moment, `yyyy-MM-ddTHH:mm:ssZ`.
    ///
    /// # Errors
    /// [`HandleError::Time`] for any other text.
    pub fn freeze(&self, at: &str) -> Done<'_> {
        let moment = Timestamp::parse(at).ok_or_else(|| HandleError::Time {
            text: at.to_owned(),
        })?;
        self.act(|sandbox| Ok(sandbox.clock().set(ClockMode::frozen(moment))?))
    }

    /// Moves the sandbox's clock forwards by a time such as `3s`, whether it runs or stands.
    ///
    /// # Errors
    /// [`HandleError::Time`] for any other text, [`HandleError::Clock`] past the year 9999.
    pub fn advance(&self, by: &str) -> Done<'_> {
        let span =
            Span::parse(by)
                .filter(|span| span.ms >= 0)
                .ok_or_else(|| HandleError::Time {
                    text: by.to_owned(),
                })?;
        self.act(|sandbox| Ok(sandbox.clock().advance(span)?))
    }
}
