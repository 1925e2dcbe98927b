//! How parameters were used: served, ignored, refused.

use std::collections::BTreeMap;

use crate::journal::RecordedRequest;

/// How one parameter was used in the requests of one client for one action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_field_names, reason = "counts are named so")]
pub(crate) struct ParameterUse {
    /// Requests in which the action read it.
    pub n_served: u64,
    /// Requests in which nobody read it.
    pub n_ignored: u64,
    /// Requests that were refused for it.
    pub n_refused: u64,
}

/// Action and client, each as far as it is known.
pub(crate) type Caller = (Option<String>, Option<String>);

/// Counts how each parameter was used, by action and client.
pub(crate) fn parameter_uses<'a>(
    requests: impl IntoIterator<Item = &'a RecordedRequest>,
) -> BTreeMap<Caller, BTreeMap<String, ParameterUse>> {
    let mut uses: BTreeMap<Caller, BTreeMap<String, ParameterUse>> = BTreeMap::new();
    for request in requests {
        let client = request.client.map(str::to_owned);
        let client = client.or_else(|| request.user_agent.clone());
        let of_caller = uses.entry((request.action.clone(), client)).or_default();
        for (name, _) in request.parameters.iter_first() {
            let parameter = of_caller.entry(name.to_owned()).or_default();
            if request.refused_parameter.as_deref() == Some(name) {
                parameter.n_refused += 1;
            } else if request.unread.iter().any(|unread| unread == name) {
                parameter.n_ignored += 1;
            } else {
                parameter.n_served += 1;
            }
        }
    }
    uses
}
