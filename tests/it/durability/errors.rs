//! Calls of the operating system that fail, one after the other.

use rstest::rstest;

use super::changes::{Change, State, assert_made, numbered};
use super::check::{assert_sound, counted};
use super::faults::{Faults, Strike};
use super::rounds;
use crate::support::{Answer, Outcome, Process, binary, folder};

/// The changes of one run.
const N_CHANGES: u64 = 9;

/// What a run must leave.
struct Left {
    /// What was acknowledged.
    acknowledged: State,
    /// The same with the change that failed, whose last write may have reached the file.
    with_failed: Option<State>,
}

/// Makes the changes one after the other while calls fail.
fn change(process: &mut Process, seed: &str, strike: Strike) -> Left {
    let mut left = Left {
        acknowledged: State::seeded(seed),
        with_failed: None,
    };
    let mut raw = process.raw();
    for number in 1..=N_CHANGES {
        let change = Change::of(number);
        raw.send(change.request());
        let answer = raw.answer();
        let after = left.acknowledged.after(&change);
        if answer.status == 500 {
            assert_failed(&answer, process);
            assert!(State::of(process) == left.acknowledged, "{change:?} failed");
            left.with_failed.get_or_insert(after);
        } else {
            assert_made(&change, &answer);
            left.acknowledged = after;
            // A later change takes the place of the failed one. On a full disk only one that
            // changes nothing is acknowledged.
            if matches!(strike, Strike::Eio) {
                left.with_failed = None;
            }
        }
    }
    left
}

fn assert_failed(answer: &Answer, process: &mut Process) {
    answer.assert_refused(500, "InternalError");
    process.log_line(&["ERROR", "a control request failed inside"]);
}

/// Asserts that a start was refused with one line that says what failed.
fn assert_refused(outcome: &Outcome, context: &str) {
    assert_eq!(outcome.code, Some(1), "{context}: {outcome:?}");
    let mut lines = outcome.stderr.lines();
    let last = lines.next_back().unwrap_or_default();
    assert!(last.starts_with("error: "), "{context}: {outcome:?}");
    let says = [
        "I/O error",
        "disk is full",
        "os error",
        "open database file",
    ];
    assert!(
        says.iter().any(|text| last.contains(text)),
        "{context}: {outcome:?}"
    );
    assert!(
        !outcome.stderr.contains("panicked"),
        "{context}: {outcome:?}"
    );
}

#[rstest]
fn a_call_that_fails_is_a_refused_start_or_a_500_and_loses_nothing(
    #[values(Strike::Eio, Strike::Full)] strike: Strike,
) {
    let seed = numbered(0);
    let step = rounds(40, 1);
    let (mut n_refused, mut n_failed, mut n_unnoticed) = (0, 0, 0);
    for n_calls in 1.. {
        if n_calls > 6 && n_calls % step != 0 {
            continue;
        }
        let folder = folder(&[("seed.json", &seed), ("other.json", &numbered(1_000))]);
        let file = folder.path().join("images.db");
        let Some(faults) = Faults::on(&file) else {
            return;
        };
        let serve = |mut command: std::process::Command, fixture: &str| {
            command
                .current_dir(folder.path())
                .args(["--log", "warn", "--fixture", fixture]);
            command.args(["--listen", "127.0.0.1:0", "--database"]);
            Process::try_ready({
                command.arg(&file);
                command
            })
        };
        let context = |call: &str| format!("{strike} at call {n_calls}, {call}");
        let left = match serve(faults.binary(strike, n_calls), "seed.json") {
            Ok(mut process) => {
                let left = change(&mut process, &seed, strike);
                process.signal("TERM");
                assert_eq!(process.wait().0.code(), Some(0));
                let log = process.whole_log().join("\n");
                assert!(!log.contains("panicked"), "{log}");
                n_failed += u64::from(log.contains("ERROR"));
                n_unnoticed += u64::from(!log.contains("ERROR"));
                Some(left)
            }
            Err(outcome) => {
                assert_refused(&outcome, &context("start"));
                n_refused += 1;
                None
            }
        };
        let Some(call) = faults.struck() else {
            break;
        };
        let mut process = serve(binary(), "other.json").unwrap();
        let found = counted(&process);
        let is_right = match &left {
            Some(left) => found == left.acknowledged || Some(&found) == left.with_failed.as_ref(),
            // The old state is an unseeded file, which the start has just seeded.
            None => [State::seeded(&numbered(1_000)), State::seeded(&seed)].contains(&found),
        };
        assert!(is_right, "{}: {found:?}", context(&call));
        process.kill();
        assert_sound(&file);
    }
    println!(
        "{strike}: {n_refused} starts refused, {n_failed} runs with a 500, {n_unnoticed} without"
    );
    assert!(n_refused > 0 && n_failed > 0);
}
