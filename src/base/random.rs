//! Random numbers: a sandbox's own stream, the same in every run when it has a seed.

use std::sync::{Mutex, PoisonError};

use oorandom::Rand64;
use uuid::Uuid;

/// A stream of random numbers.
#[derive(Debug)]
pub struct Random(Mutex<Rand64>);

impl Random {
    /// The stream of a name under a seed: the same in every run, on every machine, whatever other
    /// names do. Without a seed, another one each time.
    pub fn of(seed: Option<u64>, name: &str) -> Self {
        let state = match seed {
            Some(seed) => (u128::from(seed) << 64) | u128::from(hash(name)),
            None => Uuid::new_v4().as_u128(),
        };
        Self(Mutex::new(Rand64::new(state)))
    }

    /// An upper-case UUID of version 4, as request IDs are.
    pub fn uuid(&self) -> String {
        let (high, low) = self.with(|random| (random.rand_u64(), random.rand_u64()));
        let bytes = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
        let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        uuid.as_hyphenated()
            .encode_upper(&mut Uuid::encode_buffer())
            .to_owned()
    }

    /// A number of 64 random bits.
    pub fn number(&self) -> u64 {
        self.with(Rand64::rand_u64)
    }

    fn with<T>(&self, draw: impl FnOnce(&mut Rand64) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// FNV-1a: the standard library promises no hash that stays the same in every version.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_each_name_its_own_stream_in_every_run() {
        let first = Random::of(Some(7), "default").uuid();
        // Pinned: a change of this value changes every user's recorded RequestIds.
        assert_eq!(first, Random::of(Some(7), "default").uuid());
        assert_ne!(first, Random::of(Some(7), "ci-7").uuid());
        assert_ne!(first, Random::of(Some(8), "default").uuid());
        assert_eq!(first.as_bytes()[14], b'4');
    }

    #[test]
    fn without_a_seed_no_two_streams_are_alike() {
        assert_ne!(Random::of(None, "a").uuid(), Random::of(None, "a").uuid());
    }
}
