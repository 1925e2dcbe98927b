//! When a rule strikes: how often, after how many requests, at which interval, or by chance.

use oorandom::Rand64;

/// When a rule strikes, and how often it has.
#[derive(Debug, Clone, Default)]
pub(super) struct Times {
    /// Strikes at most; `None` is without end.
    pub(super) n_max: Option<u64>,
    /// Matching requests that pass first.
    pub(super) after: u64,
    /// Of those that follow, every n-th is struck, the first of them too; `None` is every one.
    pub(super) every: Option<u64>,
    /// The chance of a strike, 0 to 1, and its own stream of random numbers.
    pub(super) chance: Option<(f64, Rand64)>,
    pub(super) n_matched: u64,
    pub(super) n_hits: u64,
}

impl Times {
    /// Strikes that are left; `None` is without end.
    pub(super) fn left(&self) -> Option<u64> {
        self.n_max.map(|n_max| n_max - self.n_hits.min(n_max))
    }

    /// Counts a matching request; returns whether it is struck.
    pub(super) fn strike(&mut self) -> bool {
        if self.left() == Some(0) {
            return false;
        }
        self.n_matched += 1;
        let Some(n_after) = self.n_matched.checked_sub(self.after + 1) else {
            return false;
        };
        let drawn = match &mut self.chance {
            Some((probability, random)) => random.rand_float() < *probability,
            None => true,
        };
        let strikes = n_after.is_multiple_of(self.every.unwrap_or(1)) && drawn;
        self.n_hits += u64::from(strikes);
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(mut times: Times, n_requests: usize) -> Vec<usize> {
        (1..=n_requests).filter(|_| times.strike()).collect()
    }

    #[test]
    fn times_after_and_every_count_matching_requests() {
        let times = Times {
            n_max: Some(2),
            ..Times::default()
        };
        assert_eq!(struck(times, 5), [1, 2]);
        let after = Times {
            after: 3,
            n_max: Some(1),
            ..Times::default()
        };
        assert_eq!(struck(after, 9), [4]);
        let every = Times {
            every: Some(3),
            ..Times::default()
        };
        assert_eq!(struck(every, 8), [1, 4, 7]);
        let both = Times {
            after: 1,
            every: Some(2),
            n_max: Some(2),
            ..Times::default()
        };
        assert_eq!(struck(both, 9), [2, 4]);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let chance = |seed| {
            let chance = Some((0.5, Rand64::new(seed)));
            struck(
                Times {
                    chance,
                    ..Times::default()
                },
                100,
            )
        };
        assert_eq!(chance(7), chance(7));
        assert_ne!(chance(7), chance(8));
        assert!((20..80).contains(&chance(7).len()));
    }
}
