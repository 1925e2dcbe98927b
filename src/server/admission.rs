//! Whose request it is: its sandbox, its ID, and the fault that strikes it.

use std::sync::Arc;

use crate::actions::{Caller, Failure};
use crate::base::Random;
use crate::faults::{Strike, Subject};
use crate::sandbox::Sandbox;
use crate::server::arrival::Arrival;
use crate::server::state::AppState;

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
            return (Self::refused(state, arrival), Some(refused.into()));
        }
        match caller(state, arrival) {
            Ok(caller) => (Self::admit(arrival, caller), None),
            Err(refused) => (Self::stray(state), Some(refused)),
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

    /// A request that is refused before its parameters are looked at: it belongs to the sandbox of
    /// the key in its header, if that has one of its own. No fault strikes it.
    fn refused(state: &AppState, arrival: &Arrival<'_>) -> Self {
        let key = arrival.access_key_id();
        let gate = key.and_then(|_| state.gate().ok());
        let caller = gate.and_then(|gate| gate.caller(key).ok());
        match caller.map(|caller| caller.sandbox) {
            Some(sandbox) if !sandbox.name().is_default() => Self {
                request_id: sandbox.random().uuid(),
                strike: None,
                sandbox: Some(sandbox),
            },
            _ => Self::stray(state),
        }
    }

    /// A request that belongs to no sandbox.
    fn stray(state: &AppState) -> Self {
        Self {
            sandbox: None,
            request_id: match state.sandboxes() {
                Ok(sandboxes) => sandboxes.strays().uuid(),
                Err(_not_ready) => Random::of(None, "").uuid(),
            },
            strike: None,
        }
    }
}

fn caller(state: &AppState, arrival: &Arrival<'_>) -> Result<Caller, Failure> {
    let caller = state.gate()?.caller(arrival.access_key_id());
    caller.or_else(|refused| {
        // A key that can have no sandbox is refused after `Format`, in the contract's order.
        state.actions.ask(&arrival.params, &arrival.head)?;
        Err(refused)
    })
}
