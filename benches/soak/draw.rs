//! Random choices, the same ones in every run.

/// A stream of numbers (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.number() % n.max(1)
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        let place = self.below(all.len() as u64);
        all[usize::try_from(place).unwrap_or(0)]
    }

    /// A choice by weights.
    pub(crate) fn weighted<'a, T>(&mut self, all: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
        let mut left = self.below(all.iter().map(&weight).sum());
        for one in all {
            let weight = weight(one);
            if left < weight {
                return one;
            }
            left -= weight;
        }
        &all[0]
    }

    /// A sandbox: the default one half of the time, else one of more than the emulator keeps.
    pub(crate) fn sandbox(&mut self) -> Option<String> {
        let number = self.below(2 * crate::process::SANDBOXES_MAX);
        (!self.one_in(2)).then(|| format!("ci-{number}"))
    }
}
