//! Whose request it is: its sandbox, its ID, and the fault that strikes it.

use std::sync::Arc;

use crate::actions::{Caller, Failure};
use crate::base::Random;
use crate::faults::{Strike, Subject};
use crate::sandbox::Sandbox;
use crate::server::arrival::Arrival;
use crate::server::state::AppState;
use crate::wire::{ApiError, ErrorCode};

/// Whose request it is.
#[derive(Debug)]
pub(super) struct Admission {
    /// The sandbox; `None` when the request belongs to none.
    pub(super) sandbox: Option<Arc<Sandbox>>,
    pub(super) request_id: String,
    /// The fault that strikes the request.
    pub(super) strike: Option<Strike>,
}

impl Admission {
    /// Finds out whose request it is; and why it is refused, when it is not admitted.
    pub(super) fn of(state: &AppState, arrival: &mut Arrival<'_>) -> (Self, Option<Failure>) {
        if let Some(refused) = arrival.refused.take() {
            return (Self::stray(state), Some(refused.into()));
        }
        let gate = match state.gate() {
            Ok(gate) => gate,
            Err(not_ready) => {
                let reason = not_ready.to_string();
                let refused = ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, reason);
                return (Self::stray(state), Some(refused.into()));
            }
        };
        match gate.caller(arrival.access_key_id()) {
            Ok(caller) => (Self::admit(arrival, caller), None),
            // A key that can have no sandbox is refused after `Format`, in the contract's order.
            Err(refused) => {
                let asked = state.actions.ask(&arrival.params, &arrival.head);
                let refused = asked.map_or_else(Failure::from, |_| refused);
                (Self::stray(state), Some(refused))
            }
        }
    }

    fn admit(arrival: &Arrival<'_>, caller: Caller) -> Self {
        let Caller { sandbox, magic } = caller;
        let subject = Subject {
            action: arrival.action(),
            access_key_id: arrival.access_key_id(),
            params: &arrival.params,
        };
        Self {
            request_id: sandbox.random().uuid(),
            strike: sandbox.faults().strike(&subject, magic.as_ref()),
            sandbox: Some(sandbox),
        }
    }

    /// A request that belongs to no sandbox.
    fn stray(state: &AppState) -> Self {
        let request_id = match state.sandboxes() {
            Ok(sandboxes) => sandboxes.strays().uuid(),
            Err(_not_ready) => Random::of(None, "").uuid(),
        };
        Self {
            sandbox: None,
            request_id,
            strike: None,
        }
    }
}
