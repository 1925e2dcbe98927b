//! The table of error answers: which code has which status.

/// Error answers that share a status.
pub(super) struct Refusal {
    pub status: &'static str,
    /// The name of the shared answer in the document.
    pub name: &'static str,
    pub meaning: &'static str,
    pub codes: &'static [&'static str],
}

/// Every error code that a route can answer with, by its status.
pub(super) static REFUSALS: [Refusal; 10] = [
    Refusal {
        status: "400",
        name: "BadRequest",
        meaning: "The request breaks a rule. Nothing was changed",
        codes: &[
            "BadRequest",
            "InvalidName",
            "InvalidImages",
            "InvalidFault",
            "ClockOutOfRange",
        ],
    },
    Refusal {
        status: "401",
        name: "Unauthorized",
        meaning: "The emulator runs with `--control-token`, and the request does not have it",
        codes: &["Unauthorized"],
    },
    Refusal {
        status: "403",
        name: "Forbidden",
        meaning: "It comes from a page of another origin, or names a host that is not this \
                  emulator's",
        codes: &["ForbiddenOrigin", "ForbiddenHost"],
    },
    Refusal {
        status: "404",
        name: "NotFound",
        meaning: "There is no such thing, or the control API is switched off",
        codes: &[
            "ControlOff",
            "UnknownImage",
            "UnknownCheckpoint",
            "UnknownSandbox",
            "UnknownFixture",
            "UnknownFault",
            "UnknownRequest",
            "NoExplanation",
        ],
    },
    Refusal {
        status: "408",
        name: "BodyTimeout",
        meaning: "Nothing of the body came for 30 seconds. Nothing was changed",
        codes: &["BodyTimeout"],
    },
    Refusal {
        status: "409",
        name: "Conflict",
        meaning: "The present state does not allow it",
        codes: &[
            "NotIsolated",
            "SandboxExists",
            "ReservedName",
            "TooManyCheckpoints",
            "UnreadableFixture",
            "FaultExists",
            "TooManyFaults",
            "NotVerified",
        ],
    },
    Refusal {
        status: "413",
        name: "BodyTooLarge",
        meaning: "The body is larger than `--control-body-max`",
        codes: &["BodyTooLarge"],
    },
    Refusal {
        status: "429",
        name: "TooMany",
        meaning: "There are too many at the same time",
        codes: &["TooManyListeners"],
    },
    Refusal {
        status: "500",
        name: "InternalError",
        meaning: "It failed inside, for example on a full disk. Nothing was changed",
        codes: &["InternalError"],
    },
    Refusal {
        status: "503",
        name: "NotReady",
        meaning: "It cannot answer yet: the seed is not loaded, or too many bodies are in flight. \
                  Nothing was changed",
        codes: &["NotReady", "TooManyBodies"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::control::{ROUTES, Route};

    #[test]
    fn every_error_code_of_a_route_has_a_status_and_is_used() {
        let known: Vec<&str> = REFUSALS
            .iter()
            .flat_map(|refusal| refusal.codes)
            .copied()
            .collect();
        let used: BTreeSet<&str> = ROUTES.iter().flat_map(Route::error_codes).collect();
        assert_eq!(known.iter().copied().collect::<BTreeSet<_>>(), used);
        assert_eq!(
            known.len(),
            used.len(),
            "a code has two statuses: {known:?}"
        );
    }
}
