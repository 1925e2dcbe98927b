//! Faults: answers that go wrong on purpose, in the vendor's own dialect.

mod effect;
mod form;
mod magic;
mod paging;
mod rule;
mod strike;
mod times;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::limits::{FAULT_RULES_BYTES_MAX, FAULT_RULES_MAX, MAGIC_KEYS_MAX};

pub(crate) use effect::Effect;
pub(crate) use magic::{Magic, MagicKey};
pub use paging::Paging;
pub(crate) use paging::PagingShift;
pub use rule::RuleSummary;
pub(crate) use rule::{Names, Rule, Subject};
pub(crate) use strike::Strike;

/// The faults of one sandbox.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    /// Numbers the rules that came without an id.
    n_named: u64,
    magic: MagicCounts,
}

/// Why the rules stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultsError {
    /// Two rules have the same id.
    #[error("two rules have the id `{id}`")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// There are more rules than allowed, or they are longer.
    #[error(
        "a sandbox has at most {FAULT_RULES_MAX} fault rules, with at most {FAULT_RULES_BYTES_MAX} \
         bytes together"
    )]
    TooMany,
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces all rules; on an error nothing changes.
    pub(crate) fn replace(&self, rules: Vec<Rule>) -> Result<(), FaultsError> {
        let mut state = self.lock();
        state.rules = state.named(rules, Vec::new())?;
        Ok(())
    }

    /// Adds a rule after the others; returns its id.
    pub(crate) fn add(&self, rule: Rule) -> Result<String, FaultsError> {
        let mut state = self.lock();
        let before = state.rules.clone();
        state.rules = state.named(vec![rule], before)?;
        let added = state.rules.last();
        Ok(added.map_or_else(String::new, |rule| rule.id.clone()))
    }

    /// Removes a rule; returns whether there was one.
    pub(crate) fn remove(&self, id: &str) -> bool {
        let mut state = self.lock();
        let n_before = state.rules.len();
        state.rules.retain(|rule| rule.id != id);
        state.rules.len() < n_before
    }

    /// Removes every rule, and forgets which magic keys have been used; returns the number of rules.
    pub(crate) fn clear(&self) -> usize {
        std::mem::take(&mut *self.lock()).rules.len()
    }

    /// The rules, in order, and how often each struck.
    pub(crate) fn summaries(&self) -> Vec<RuleSummary> {
        self.lock().rules.iter().map(Rule::summary).collect()
    }

    /// The memory that rules and magic keys take, in bytes, about.
    pub(crate) fn n_bytes(&self) -> usize {
        /// A rule as it was given, and what was read from it.
        const COPIES: usize = 2;
        let state = self.lock();
        let rules = state.rules.iter();
        let rules = rules.map(|rule| size_of::<Rule>() + COPIES * rule.n_bytes);
        rules.sum::<usize>() + state.magic.n_bytes()
    }

    /// Finds the fault that strikes a request: its magic key's, else the first live rule's.
    pub(crate) fn strike(&self, subject: &Subject<'_>, magic: Option<&MagicKey>) -> Option<Strike> {
        // Most sandboxes have no fault; they pay for one lock.
        let mut state = self.lock();
        if let Some(magic) = magic
            && state.magic.use_up(magic)
        {
            return Some(Strike {
                by: magic.whole.clone(),
                delay_ms: None,
                effect: Some(Effect::Error(magic.error.clone())),
            });
        }
        state.rules.iter_mut().find_map(|rule| rule.strike(subject))
    }
}

impl State {
    /// Adds rules to others, and names those without an id.
    fn named(&mut self, rules: Vec<Rule>, mut all: Vec<Rule>) -> Result<Vec<Rule>, FaultsError> {
        let n_bytes = all.iter().chain(&rules).map(|rule| rule.n_bytes).sum();
        check_size(all.len() + rules.len(), n_bytes)?;
        let mut ids: HashSet<String> = all.iter().map(|rule| rule.id.clone()).collect();
        for mut rule in rules {
            while rule.id.is_empty() {
                self.n_named += 1;
                let id = format!("fault-{}", self.n_named);
                if !ids.contains(&id) {
                    rule.id = id;
                }
            }
            if !ids.insert(rule.id.clone()) {
                return Err(FaultsError::DuplicateId { id: rule.id });
            }
            all.push(rule);
        }
        Ok(all)
    }
}

/// Refuses more rules than a sandbox may have, or longer ones.
pub(crate) fn check_size(n_rules: usize, n_bytes: usize) -> Result<(), FaultsError> {
    if n_rules > FAULT_RULES_MAX || n_bytes > FAULT_RULES_BYTES_MAX {
        return Err(FaultsError::TooMany);
    }
    Ok(())
}

/// How often each magic key has struck; the oldest of too many is forgotten.
#[derive(Debug, Default)]
struct MagicCounts {
    n_struck: HashMap<String, u64>,
    oldest_first: VecDeque<String>,
}

impl MagicCounts {
    fn n_bytes(&self) -> usize {
        /// The second key, the entries of map and queue, and the heap blocks, about.
        const ENTRY: usize = 128;
        let keys = self.oldest_first.iter();
        keys.map(|key| 2 * key.len() + ENTRY).sum()
    }

    /// Counts a strike of a key; returns whether it still strikes.
    fn use_up(&mut self, magic: &MagicKey) -> bool {
        let Some(times) = magic.times else {
            return true;
        };
        if !self.n_struck.contains_key(&magic.whole) {
            if self.oldest_first.len() == MAGIC_KEYS_MAX
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.n_struck.remove(&oldest);
            }
            self.oldest_first.push_back(magic.whole.clone());
        }
        let n_struck = self.n_struck.entry(magic.whole.clone()).or_default();
        if *n_struck >= times {
            return false;
        }
        *n_struck += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> MagicKey {
        let text = format!("{name}+Throttling:1");
        MagicKey::parse(&text, |_| false).unwrap().unwrap()
    }

    #[test]
    fn the_uses_of_the_oldest_magic_key_are_forgotten() {
        let mut counts = MagicCounts::default();
        assert!(counts.use_up(&key("first")));
        for n in 1..MAGIC_KEYS_MAX {
            assert!(counts.use_up(&key(&n.to_string())));
        }
        assert!(!counts.use_up(&key("first")));
        assert!(counts.use_up(&key("one-more")));
        assert!(counts.use_up(&key("first")));
        assert_eq!(counts.n_struck.len(), MAGIC_KEYS_MAX);
        assert_eq!(counts.oldest_first.len(), MAGIC_KEYS_MAX);
    }
}
