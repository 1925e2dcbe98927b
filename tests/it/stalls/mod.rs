//! No request holds up another: each operation of one client runs beside probes of others.
//!
//! `cargo test` runs a small form. `docs/testing.md` says how to run the large ones.

mod measure;
mod places;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use rstest::rstest;

use self::measure::{COLUMNS, Figures, GROUPS, Place, Probe, Row, Setting, measure};

/// The binary to test instead of the one that cargo has built for the tests.
const BINARY: &str = "SWAS_EMULATOR_STALLS_BIN";

/// The number of images.
const IMAGES: &str = "SWAS_EMULATOR_STALLS_IMAGES";

/// Images without that variable.
const N_IMAGES: u64 = 2_000;

/// Measurements of a group on a machine that is busy with something else.
const N_ATTEMPTS: usize = 3;

/// Most memory beyond the store that a change takes, in bytes.
const OVER_BYTES_MAX: u64 = 64 << 20;

/// The same of an operation that changes nothing: all of them stream.
const OVER_READ_BYTES_MAX: u64 = 32 << 20;

#[expect(
    clippy::disallowed_methods,
    reason = "these variables are of the test, not of the emulator"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Longest waits, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Limits {
    p99_ms: f64,
    max_ms: f64,
}

/// Whether this is the small form: a build without optimisation, beside all other tests.
fn is_small() -> bool {
    variable(BINARY).is_none()
}

fn limits(probe: Probe) -> Option<Limits> {
    let (p99_ms, max_ms) = match probe {
        Probe::Livez | Probe::Other => (20.0, 100.0),
        Probe::Same => (50.0, 250.0),
        Probe::Machine => return None,
    };
    if is_small() {
        let max_ms = 10.0 * max_ms;
        let p99_ms = max_ms;
        return Some(Limits { p99_ms, max_ms });
    }
    Some(Limits { p99_ms, max_ms })
}

/// What is wrong with a row, as text.
fn mistakes(row: &Row) -> Vec<String> {
    let mut mistakes = row.wrong.clone();
    for probe in Probe::ALL {
        let found = row.figures(probe);
        let name = probe.name();
        if limits(probe).is_some_and(|limits| is_over(found, limits)) {
            mistakes.push(format!("{name} waits too long: {found:?}"));
        }
    }
    let beyond_bytes = row.beyond_bytes();
    let most_bytes = if row.is_read {
        OVER_READ_BYTES_MAX
    } else {
        OVER_BYTES_MAX + row.held_bytes
    };
    if beyond_bytes > most_bytes {
        mistakes.push(format!("it takes {beyond_bytes} bytes beyond the store"));
    }
    mistakes
}

fn is_over(found: Figures, limits: Limits) -> bool {
    found.p99_ms > limits.p99_ms || found.max_ms > limits.max_ms
}

/// Whether the machine alone, without any emulator, takes half of a limit.
fn is_noisy(row: &Row) -> bool {
    if is_small() {
        return true;
    }
    let machine = row.figures(Probe::Machine);
    let least = limits(Probe::Livez).unwrap();
    machine.p99_ms > least.p99_ms / 2.0 || machine.max_ms > least.max_ms / 2.0
}

/// The binary with its images, the same for all tests of this process.
fn setting() -> &'static Setting {
    static SETTING: OnceLock<Setting> = OnceLock::new();
    SETTING.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stalls");
        fs::create_dir_all(&folder).unwrap();
        let binary = variable(BINARY);
        let binary = binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_swas-emulator").to_owned());
        let n_images = variable(IMAGES).map_or(N_IMAGES, |text| text.parse().unwrap());
        Setting::new(Path::new(&binary), n_images, &folder)
    })
}

/// One group at a time: two would hold each other up.
static ALONE: Mutex<()> = Mutex::new(());

#[rstest]
#[case::long_texts_and_a_timeline(0)]
#[case::bulk_changes(1)]
#[case::wide_queries(2)]
#[case::export_and_kept_states(3)]
#[case::import(4)]
fn nobody_waits_for_another_client(
    #[case] group: usize,
    #[values(Place::Memory, Place::File)] place: Place,
) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let group = &GROUPS[group];
    for attempt in 1..=N_ATTEMPTS {
        let rows = measure(setting(), place, group);
        println!(
            "{}, attempt {attempt}\n| {} |",
            group.name,
            COLUMNS.join(" | ")
        );
        for row in &rows {
            println!("{row}");
        }
        let bad: Vec<&Row> = rows
            .iter()
            .filter(|row| !mistakes(row).is_empty())
            .collect();
        if bad.is_empty() {
            return;
        }
        // A stall comes back; what another process has caused does not.
        if attempt < N_ATTEMPTS && bad.iter().all(|row| is_noisy(row) && row.wrong.is_empty()) {
            continue;
        }
        let told: Vec<String> = bad
            .iter()
            .map(|row| format!("{}: {:#?}", row.operation, mistakes(row)))
            .collect();
        panic!("{}, {}:\n{}", group.name, place.name(), told.join("\n"));
    }
}
