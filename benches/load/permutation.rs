//! Numbers in an order that looks random, without a table of them.

/// A fixed shuffle of `0..n`: each number comes once, and any position is told in a few steps.
///
/// A Feistel network over the next power of four; numbers past the end walk on until they are in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permutation {
    n: u64,
    half_bits: u32,
    key: u64,
}

impl Permutation {
    pub(crate) fn new(n: u64, key: u64) -> Self {
        let bits = u64::BITS - n.saturating_sub(1).leading_zeros();
        Self {
            n,
            half_bits: bits.div_ceil(2).max(1),
            key: mix(key),
        }
    }

    /// The number at position `idx`, which is taken modulo `n`.
    pub(crate) fn at(&self, idx: u64) -> u64 {
        let mut number = idx % self.n;
        loop {
            number = self.step(number);
            if number < self.n {
                return number;
            }
        }
    }

    fn step(&self, number: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for round in 0..4 {
            (left, right) = (
                right,
                left ^ mix(right ^ self.key.wrapping_add(round)) & mask,
            );
        }
        left << self.half_bits | right
    }
}

/// Scatters a number over all 64 bits; no two numbers give the same (the end of `SplitMix64`).
pub(crate) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
