//! What arrived, from Rust: recorded requests, expectations, retries, explanations.

use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Value;

use crate::actions;
use crate::emulator::handle::error::HandleError;
use crate::emulator::handle::sandbox::{Done, SandboxHandle};
use crate::journal::{self, RecordedRequest, Retries, Verification};
use crate::wire::Params;

impl SandboxHandle {
    /// The recorded requests, oldest first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
    /// let sandbox = emulator.sandbox("ci-7");
    /// // A client with the AccessKeyId `ci-7` sends its requests here.
    /// for request in sandbox.requests()? {
    ///     println!("{} {:?}", request.status, request.parameter("RegionId"));
    /// }
    /// sandbox.clear_requests()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn requests(&self) -> Result<Vec<Arc<RecordedRequest>>, HandleError> {
        self.with(|sandbox| Ok(sandbox.journal().entries()))
    }

    /// Deletes every recorded request.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn clear_requests(&self) -> Done<'_> {
        self.act(|sandbox| {
            sandbox.journal().clear();
            Ok(())
        })
    }

    /// Compares the recorded requests with expectations, written as for `POST /_emulator/verify`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
    /// use serde_json::json;
    ///
    /// let sandbox = emulator.sandbox("ci-7");
    /// sandbox.verify(&json!([{"match": {"action": "ListCustomImages"}, "never": true}]))?;
    ///
    /// let unmet = sandbox.verify(&json!([{"match": {"status": 200}, "times": 1}])).unwrap_err();
    /// assert!(unmet.to_string().starts_with("expectation 1 was not met"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError::NotVerified`] with a text like an assertion's for the first expectation that
    /// is not met, [`HandleError::Refused`] for invalid expectations.
    pub fn verify(&self, expectations: &Value) -> Done<'_> {
        let verification = Verification::deserialize(expectations).map_err(HandleError::refused)?;
        verification.check().map_err(HandleError::refused)?;
        let met = verification.verify(&self.requests()?);
        met.map_err(HandleError::NotVerified)?;
        Ok(self)
    }

    /// Groups recorded requests that a client sent again because the one before failed.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
    /// for retries in emulator.sandbox("ci-7").retries()? {
    ///     println!("waited {:?} ms, attempt {:?} succeeded", retries.gaps_ms(), retries.winner());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn retries(&self) -> Result<Vec<Retries>, HandleError> {
        Ok(journal::retries(&self.requests()?))
    }

    /// Explains what a request with this query string gets here, and why; the text is for people.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = swas_emulator::Emulator::builder().isolate().start().await?;
    /// let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou&InstanceId=i-9";
    /// let why = emulator.sandbox("ci-7").explain(query)?;
    /// assert!(why.starts_with("sandbox 42 → RegionId cn-hangzhou 24 → InstanceId i-9 0"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] for an invalid query string, when there is no such sandbox, or the
    /// store fails.
    pub fn explain(&self, query: &str) -> Result<String, HandleError> {
        let params = Params::parse(query.as_bytes(), b"").map_err(HandleError::refused)?;
        let gate = self.state.gate().map_err(HandleError::refused)?;
        let explanation = actions::explain_query(gate, Some(self.access_key_id()), &params)?;
        Ok(explanation.text())
    }
}
