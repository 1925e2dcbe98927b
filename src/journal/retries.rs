//! Retries: requests that a client sent again because the one before failed.

use std::collections::HashMap;
use std::sync::Arc;

use crate::journal::{Outcome, RecordedRequest};

/// Parameters that differ in every attempt.
const FRESH: [&str; 3] = ["SignatureNonce", "Timestamp", "Signature"];

/// One request and its retries.
#[derive(Debug, Clone, PartialEq)]
pub struct Retries {
    /// The attempts, the first one first.
    pub attempts: Vec<Arc<RecordedRequest>>,
}

impl Retries {
    /// The times between the attempts, in milliseconds.
    pub fn gaps_ms(&self) -> Vec<i64> {
        let at = |request: &Arc<RecordedRequest>| request.uptime_ms;
        self.attempts
            .windows(2)
            .map(|pair| at(&pair[1]) - at(&pair[0]))
            .collect()
    }

    /// Whether the client waited longer each time; `None` with less than two gaps.
    pub fn has_growing_gaps(&self) -> Option<bool> {
        let gaps = self.gaps_ms();
        (gaps.len() >= 2).then(|| gaps.windows(2).all(|pair| pair[1] > pair[0]))
    }

    /// The position, from 1, of the attempt that succeeded.
    pub fn winner(&self) -> Option<usize> {
        let mut attempts = self.attempts.iter();
        let idx = attempts.position(|request| request.outcome == Outcome::Success)?;
        Some(idx + 1)
    }
}

/// Groups requests that differ only in nonce, timestamp and signature, each after a failed one.
///
/// A success ends its group, so that polling does not count as retries. A request that was sent
/// only once is no group.
pub(crate) fn retries(requests: &[Arc<RecordedRequest>]) -> Vec<Retries> {
    let mut groups: Vec<Retries> = Vec::new();
    let mut latest: HashMap<Likeness<'_>, usize> = HashMap::new();
    for request in requests {
        let likeness = likeness(request);
        match latest.get(&likeness) {
            Some(idx) if groups[*idx].winner().is_none() => {
                groups[*idx].attempts.push(Arc::clone(request));
            }
            _ => {
                latest.insert(likeness, groups.len());
                groups.push(Retries {
                    attempts: vec![Arc::clone(request)],
                });
            }
        }
    }
    groups.retain(|group| group.attempts.len() > 1);
    groups
}

/// What a request and its retries have in common: action, AccessKeyId and parameters.
type Likeness<'a> = (Option<&'a str>, Option<&'a str>, Vec<(&'a str, &'a str)>);

fn likeness(request: &RecordedRequest) -> Likeness<'_> {
    let parameters = request.parameters.iter();
    let mut parameters: Vec<(&str, &str)> = parameters
        .filter(|(name, _)| !FRESH.contains(name))
        .collect();
    parameters.sort_unstable();
    let (action, key) = (&request.action, &request.access_key_id);
    (action.as_deref(), key.as_deref(), parameters)
}
