//! The process is killed in the middle of a change.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::changes::{Change, State, assert_made, numbered};
use super::check::{assert_sound, counted};
use super::{chance, rounds};
use crate::support::{Process, Raw, folder};

/// Changes without a pause until the process is killed; gives the last number acknowledged.
fn write_and_kill(process: &mut Process, first: u64, n_acked: u64, after: Duration) -> u64 {
    let acked = AtomicU64::new(first - 1);
    let address = process.address();
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut raw = Raw::connect(address);
            for number in first.. {
                let change = Change::of(number);
                let Ok(answer) = raw.try_exchange(change.request()) else {
                    return;
                };
                assert_made(&change, &answer);
                acked.store(number, Ordering::Release);
            }
        });
        while acked.load(Ordering::Acquire) < first + n_acked && !writing.is_finished() {
            thread::yield_now();
        }
        let moment = Instant::now() + after;
        while Instant::now() < moment {
            thread::yield_now();
        }
        process.kill();
    });
    acked.load(Ordering::Acquire)
}

fn serve(file: &Path, seed: &Path) -> Process {
    let [file, seed] = [file, seed].map(|path| path.to_str().unwrap());
    Process::serve(&["--log", "warn", "--fixture", seed, "--database", file])
}

#[test]
fn a_kill_in_the_middle_of_any_change_loses_nothing_acknowledged_and_leaves_no_half_change() {
    let seed = numbered(0);
    let folder = folder(&[("seed.json", &seed)]);
    let (file, seeded) = (
        folder.path().join("images.db"),
        folder.path().join("seed.json"),
    );
    let mut state = State::seeded(&seed);
    let (mut next, mut n_unacknowledged) = (1, 0);
    let n_kills = rounds(50, 700);
    for round in 0..n_kills {
        let mut process = serve(&file, &seeded);
        // Spread over the kinds of change, and over the time that one takes.
        let after = Duration::from_micros(chance(round, 12_000));
        let last = write_and_kill(&mut process, next, chance(round, 6), after);
        for number in next..=last {
            state = state.after(&Change::of(number));
        }
        let mut process = serve(&file, &seeded);
        let found = counted(&process);
        // The change in flight may have been made, though no client knows it.
        let flown = state.after(&Change::of(last + 1));
        assert!(
            found == state || found == flown,
            "kill {round}, after {:?}: {found:?}, not {state:?}",
            Change::of(last)
        );
        n_unacknowledged += u64::from(found != state);
        state = found;
        next = last + 2;
        process.kill();
        assert_sound(&file);
    }
    // Told on failure only, and with `--nocapture`.
    println!("{n_kills} kills, {next} changes, {n_unacknowledged} made but not acknowledged");
}
