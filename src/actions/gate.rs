//! Who asks, for what: the checks that come before an action, the same for the API and for explain.

use std::sync::Arc;

use crate::actions::{Actions, Failure};
use crate::faults::{Magic, MagicKey};
use crate::sandbox::{FirstUse, NameError, Sandbox, Sandboxes};
use crate::wire::ApiError;

/// What a request is checked against before its action is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate<'a> {
    /// The actions that are answered.
    pub(crate) actions: Actions,
    /// The sandboxes of this emulator.
    pub(crate) sandboxes: &'a Sandboxes,
    /// Whether an AccessKeyId with a `+` means a fault.
    pub(crate) magic: Magic,
    /// What the first use of a sandbox's name does.
    pub(crate) first_use: FirstUse,
}

/// Who asks.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The sandbox of the request.
    pub(crate) sandbox: Arc<Sandbox>,
    /// The fault that the AccessKeyId names.
    pub(crate) magic: Option<MagicKey>,
}

impl Gate<'_> {
    /// Finds the sandbox of a name; `None` is the default one.
    pub(crate) fn sandbox(self, name: Option<&str>) -> Result<Arc<Sandbox>, NameError> {
        self.sandboxes.used(name, self.first_use)
    }

    /// Finds the sandbox that an AccessKeyId belongs to.
    pub(crate) fn caller(self, access_key_id: Option<&str>) -> Result<Caller, Failure> {
        let magic = match access_key_id.filter(|_| self.magic == Magic::On) {
            Some(key) => MagicKey::parse(key, |name| self.actions.is_in_code(name))
                .map_err(|error| ApiError::invalid("AccessKeyId", error.to_string()))?,
            None => None,
        };
        let name = magic
            .as_ref()
            .map(|magic| magic.name.as_str())
            .or(access_key_id);
        let sandbox = self.sandboxes.of_request(name, self.first_use)?;
        Ok(Caller { sandbox, magic })
    }
}
