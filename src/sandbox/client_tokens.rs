//! The client tokens that a sandbox saw last.

use std::collections::{HashMap, VecDeque};

use crate::base::limits::CLIENT_TOKENS_MAX;

/// How a client token was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// New, or with the same parameters as before.
    Consistent,
    /// With other parameters than before.
    Reused,
}

/// The last 1,000 client tokens, each with the parameters that it first came with.
#[derive(Debug, Default)]
pub(super) struct ClientTokens {
    fingerprints: HashMap<String, u64>,
    oldest_first: VecDeque<String>,
}

impl ClientTokens {
    pub(super) fn record(&mut self, token: &str, fingerprint: u64) -> TokenUse {
        match self.fingerprints.get(token) {
            Some(first) if *first == fingerprint => return TokenUse::Consistent,
            Some(_) => return TokenUse::Reused,
            None => {}
        }
        if self.oldest_first.len() == CLIENT_TOKENS_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.fingerprints.remove(&oldest);
        }
        self.oldest_first.push_back(token.to_owned());
        self.fingerprints.insert(token.to_owned(), fingerprint);
        TokenUse::Consistent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_forgotten_after_a_thousand_others() {
        let mut tokens = ClientTokens::default();
        assert_eq!(tokens.record("first", 1), TokenUse::Consistent);
        assert_eq!(tokens.record("first", 2), TokenUse::Reused);
        for n in 1..CLIENT_TOKENS_MAX {
            tokens.record(&n.to_string(), 1);
        }
        assert_eq!(tokens.record("first", 2), TokenUse::Reused);
        tokens.record("one more", 1);
        assert_eq!(tokens.record("first", 2), TokenUse::Consistent);
        assert_eq!(tokens.oldest_first.len(), CLIENT_TOKENS_MAX);
    }
}
