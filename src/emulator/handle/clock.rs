//! A sandbox's clock from Rust.

use crate::control::ClockChange;
use crate::emulator::handle::error::HandleError;
use crate::emulator::handle::sandbox::SandboxHandle;

/// The clock of a sandbox: it runs with the system's, runs beside it, or is frozen.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
/// let sandbox = emulator.sandbox("ci-7");
/// sandbox.clock().freeze("2026-01-01T00:00:00Z")?.advance("1h 30m")?;
/// assert_eq!(sandbox.clock().now()?, "2026-01-01T01:30:00Z");
/// sandbox.clock().reset()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SandboxClock<'a> {
    sandbox: &'a SandboxHandle,
}

impl SandboxHandle {
    /// The sandbox's clock.
    pub fn clock(&self) -> SandboxClock<'_> {
        SandboxClock { sandbox: self }
    }
}

impl SandboxClock<'_> {
    /// The present moment, `yyyy-MM-ddTHH:mm:ssZ`.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn now(self) -> Result<String, HandleError> {
        self.sandbox
            .with(|sandbox| Ok(sandbox.clock().now().to_string()))
    }

    /// Stops the clock at a moment, `yyyy-MM-ddTHH:mm:ssZ`.
    ///
    /// # Errors
    /// [`HandleError::Refused`] for any other text.
    pub fn freeze(self, at: &str) -> Result<Self, HandleError> {
        self.change(ClockChange::Freeze(at))
    }

    /// Lets the clock run beside the system's, by a time such as `3s` or `-5m`.
    ///
    /// # Errors
    /// [`HandleError::Refused`] for any other text, and outside the years 0000 to 9999.
    pub fn offset(self, by: &str) -> Result<Self, HandleError> {
        self.change(ClockChange::Offset(by))
    }

    /// Moves the clock forwards by a time such as `3s`, whether it runs or is frozen.
    ///
    /// # Errors
    /// [`HandleError::Refused`] for any other text, and past the year 9999.
    pub fn advance(self, by: &str) -> Result<Self, HandleError> {
        self.change(ClockChange::Advance(by))
    }

    /// Lets the clock run as it did at the start.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn reset(self) -> Result<Self, HandleError> {
        self.sandbox.act(|sandbox| {
            sandbox.clock().reset();
            Ok(())
        })?;
        Ok(self)
    }

    fn change(self, change: ClockChange<'_>) -> Result<Self, HandleError> {
        self.sandbox
            .act(|sandbox| change.apply(sandbox.clock()).map_err(HandleError::refused))?;
        Ok(self)
    }
}
