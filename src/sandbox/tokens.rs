//! The client tokens that a sandbox saw last, and the answers that they got.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::limits::{CLIENT_TOKENS_BYTES_MAX, CLIENT_TOKENS_MAX, CLIENT_TOKENS_TIME_MAX};
use crate::wire::Answer;

/// How a client token of a read was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenUse {
    /// New, or with the same parameters as before.
    Consistent,
    /// With other parameters than before.
    Reused,
}

/// What a client token of a change means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Replay {
    /// The call is the first with this token.
    First,
    /// The same call came before, and got this answer.
    Again(Answer),
    /// Another call came before with this token.
    Mismatch,
}

/// The client tokens that were used last, by action.
///
/// At most 1,000 of them, 4 MiB of answers and tokens together, for 24 hours by the sandbox's clock.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    uses: HashMap<Key, Use>,
    oldest_first: VecDeque<Key>,
    n_bytes: usize,
    /// The same, for whoever must not wait for a call that holds the tokens.
    weight: Weight,
}

/// The memory of a sandbox's tokens, in bytes, about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weight(Arc<AtomicUsize>);

impl Weight {
    /// What it was after the last change.
    pub(crate) fn n_bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

type Key = (&'static str, String);

/// The first use of a token.
#[derive(Debug)]
struct Use {
    /// Stands for the parameters that the token came with.
    fingerprint: u64,
    at_unix_ms: i64,
    /// What it got; `None` for a read.
    answer: Option<Answer>,
    n_bytes: usize,
}

impl Tokens {
    /// Where their memory can be read without holding them.
    pub(crate) fn weight(&self) -> Weight {
        self.weight.clone()
    }

    fn weigh(&self) {
        self.weight.0.store(self.n_bytes, Ordering::Relaxed);
    }

    /// Notes a token of a read, which has no effect to repeat.
    pub(crate) fn note(
        &mut self,
        action: &'static str,
        token: &str,
        fingerprint: u64,
        now_unix_ms: i64,
    ) -> TokenUse {
        match self.first(action, token, now_unix_ms) {
            Some(first) if first.fingerprint == fingerprint => TokenUse::Consistent,
            Some(_) => TokenUse::Reused,
            None => {
                self.remember(action, token, fingerprint, now_unix_ms, None);
                TokenUse::Consistent
            }
        }
    }

    /// Tells what a token of a change means.
    pub(crate) fn replay(
        &mut self,
        action: &'static str,
        token: &str,
        fingerprint: u64,
        now_unix_ms: i64,
    ) -> Replay {
        match self.first(action, token, now_unix_ms) {
            Some(first) if first.fingerprint != fingerprint => Replay::Mismatch,
            Some(first) => first.answer.clone().map_or(Replay::First, Replay::Again),
            None => Replay::First,
        }
    }

    /// Forgets the answers of changes, whose effects were undone with the state.
    pub(crate) fn forget_answers(&mut self) {
        self.uses.retain(|_, first| first.answer.is_none());
        self.oldest_first.retain(|key| self.uses.contains_key(key));
        self.n_bytes = self.uses.values().map(|first| first.n_bytes).sum();
        self.weigh();
    }

    /// Remembers a token, with the answer if it belongs to a change whose effect has happened.
    pub(crate) fn remember(
        &mut self,
        action: &'static str,
        token: &str,
        fingerprint: u64,
        at_unix_ms: i64,
        answer: Option<Answer>,
    ) {
        /// The two keys, the entries of map and queue, and the heap blocks, about.
        const ENTRY: usize = 256;
        let n_bytes = ENTRY + 2 * token.len() + answer.as_ref().map_or(0, Answer::n_bytes);
        let key = (action, token.to_owned());
        let first = Use {
            fingerprint,
            at_unix_ms,
            answer,
            n_bytes,
        };
        self.n_bytes += n_bytes;
        match self.uses.insert(key.clone(), first) {
            Some(old) => self.n_bytes -= old.n_bytes,
            None => self.oldest_first.push_back(key),
        }
        while self.uses.len() > CLIENT_TOKENS_MAX || self.n_bytes > CLIENT_TOKENS_BYTES_MAX {
            self.forget_oldest();
        }
        self.weigh();
    }

    fn forget_oldest(&mut self) {
        let Some(key) = self.oldest_first.pop_front() else {
            return;
        };
        if let Some(oldest) = self.uses.remove(&key) {
            self.n_bytes -= oldest.n_bytes;
        }
    }

    /// The first use of a token, unless it is older than a day.
    fn first(&mut self, action: &'static str, token: &str, now_unix_ms: i64) -> Option<&Use> {
        while let Some(oldest) = self.oldest_first.front().and_then(|key| self.uses.get(key)) {
            if !oldest.is_over(now_unix_ms) {
                break;
            }
            self.forget_oldest();
        }
        // After a clock was set back, an older token may stand behind a younger one.
        let first = self.uses.get(&(action, token.to_owned()));
        first.filter(|first| !first.is_over(now_unix_ms))
    }
}

impl Use {
    /// Whether a day has passed since. A clock that was set back makes nothing older.
    fn is_over(&self, now_unix_ms: i64) -> bool {
        let age_ms_max = i64::try_from(CLIENT_TOKENS_TIME_MAX.as_millis()).unwrap_or(i64::MAX);
        now_unix_ms.saturating_sub(self.at_unix_ms) >= age_ms_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Field;

    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

    fn answer(text: &str) -> Answer {
        Answer::new(vec![("Id", Field::Text(text.to_owned()))])
    }

    #[test]
    fn a_token_is_forgotten_after_a_thousand_others() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.note("List", "first", 1, 0), TokenUse::Consistent);
        assert_eq!(tokens.note("List", "first", 2, 0), TokenUse::Reused);
        for n in 1..CLIENT_TOKENS_MAX {
            tokens.note("List", &n.to_string(), 1, 0);
        }
        assert_eq!(tokens.note("List", "first", 2, 0), TokenUse::Reused);
        tokens.note("List", "one more", 1, 0);
        assert_eq!(tokens.note("List", "first", 2, 0), TokenUse::Consistent);
        assert_eq!(tokens.oldest_first.len(), CLIENT_TOKENS_MAX);
    }

    #[test]
    fn the_same_change_gets_the_first_answer_and_another_one_a_mismatch() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.replay("Create", "t", 1, 0), Replay::First);
        tokens.remember("Create", "t", 1, 0, Some(answer("m-1")));
        assert_eq!(
            tokens.replay("Create", "t", 1, 0),
            Replay::Again(answer("m-1"))
        );
        assert_eq!(tokens.replay("Create", "t", 2, 0), Replay::Mismatch);
        // Another action or another token is another call.
        assert_eq!(tokens.replay("Delete", "t", 2, 0), Replay::First);
        assert_eq!(tokens.replay("Create", "u", 2, 0), Replay::First);
    }

    #[test]
    fn a_token_lives_for_a_day_of_the_sandboxs_clock() {
        let mut tokens = Tokens::default();
        tokens.remember("Create", "t", 1, 0, Some(answer("m-1")));
        assert_eq!(
            tokens.replay("Create", "t", 2, DAY_MS - 1),
            Replay::Mismatch
        );
        assert_eq!(tokens.replay("Create", "t", 2, -DAY_MS), Replay::Mismatch);
        assert_eq!(tokens.replay("Create", "t", 2, DAY_MS), Replay::First);
        assert_eq!(tokens.n_bytes, 0);
    }

    #[test]
    fn a_token_of_before_the_clock_was_set_back_lives_for_a_day_too() {
        let mut tokens = Tokens::default();
        tokens.remember("Create", "later", 1, DAY_MS, Some(answer("m-1")));
        tokens.remember("Create", "earlier", 1, 0, Some(answer("m-2")));
        assert_eq!(
            tokens.replay("Create", "later", 2, DAY_MS),
            Replay::Mismatch
        );
        assert_eq!(tokens.replay("Create", "earlier", 2, DAY_MS), Replay::First);
        tokens.remember("Create", "earlier", 2, DAY_MS, Some(answer("m-3")));
        assert_eq!(
            tokens.replay("Create", "earlier", 1, DAY_MS),
            Replay::Mismatch
        );
        assert_eq!(tokens.oldest_first.len(), 2);
    }

    #[test]
    fn a_reset_forgets_answers_alone() {
        let mut tokens = Tokens::default();
        tokens.note("List", "read", 1, 0);
        tokens.remember("Create", "t", 1, 0, Some(answer("m-1")));
        tokens.forget_answers();
        assert_eq!(tokens.replay("Create", "t", 2, 0), Replay::First);
        assert_eq!(tokens.note("List", "read", 2, 0), TokenUse::Reused);
        assert_eq!(tokens.oldest_first.len(), 1);
    }

    #[test]
    fn answers_have_four_mebibytes_together() {
        let mut tokens = Tokens::default();
        let large = answer(&"x".repeat(1 << 20));
        for n in 0..5 {
            tokens.remember("Create", &n.to_string(), 1, 0, Some(large.clone()));
            assert!(tokens.n_bytes <= CLIENT_TOKENS_BYTES_MAX);
            assert_eq!(tokens.weight().n_bytes(), tokens.n_bytes);
        }
        assert_eq!(tokens.replay("Create", "0", 2, 0), Replay::First);
        assert_eq!(tokens.replay("Create", "4", 2, 0), Replay::Mismatch);
        tokens.remember("Create", "huge", 1, 0, Some(answer(&"x".repeat(5 << 20))));
        assert_eq!((tokens.n_bytes, tokens.uses.len()), (0, 0));
        assert_eq!(tokens.weight().n_bytes(), 0);
    }
}
