//! What a database file keeps: every acknowledged change, whole, whatever ends the process and
//! whatever fails; and what a damaged file does.
//!
//! With `SWAS_EMULATOR_LONG_TESTS` set, each test runs many more rounds.

mod changes;
mod check;
mod damage;
#[cfg(target_os = "linux")]
mod errors;
#[cfg(target_os = "linux")]
mod faults;
mod full_disk;
mod kills;
mod seeds;
#[cfg(target_os = "linux")]
mod sync;

/// The number of rounds: few in `cargo test`, many in the long form.
fn rounds(few: u64, many: u64) -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the developer says so to this test alone"
    )]
    let is_long = std::env::var_os("SWAS_EMULATOR_LONG_TESTS").is_some();
    if is_long { many } else { few }
}

/// A number that looks like chance and is the same in every run.
fn chance(number: u64, below: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 20) % below
}
