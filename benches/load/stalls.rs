//! How long others wait while one client does something large: the operations of the test module
//! `stalls`, for each emulator.

#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "the tests own this module: it panics where they fail, and shows more than this table"
)]
#[path = "../../tests/it/stalls/measure/mod.rs"]
mod measure;

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::args::Args;
use crate::report;
use measure::{Figures, GROUPS, Place, Probe, Row, Setting};

/// Fewest images: with fewer, no operation takes long.
const N_IMAGES_MIN: u64 = 10_000;

/// Measures each size; the columns of the other emulators follow those of this one.
pub(crate) fn measure_all(args: &Args, folder: &Path) -> Result<()> {
    let columns = ["operation", "in"];
    let of_one = [
        "took, s",
        "`/livez`, ms",
        "other sandbox, ms",
        "same sandbox, ms",
        "memory, MB",
    ];
    let others = args.binaries().skip(1).map(|_| of_one);
    let more = others.flatten().map(|column| format!("old: {column}"));
    let mut titles: Vec<String> = columns
        .iter()
        .chain(&of_one)
        .map(|c| (*c).to_owned())
        .collect();
    titles.extend(more);
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    for size in args.sizes.iter().filter(|size| **size >= N_IMAGES_MIN) {
        report::table(&format!("Waits beside one client, {size} images"), &titles);
        let mut settings = Vec::new();
        for (idx, binary) in args.binaries().enumerate() {
            let folder = folder.join(format!("stalls-{idx}"));
            fs::create_dir_all(&folder)?;
            settings.push(Setting::new(binary, *size, &folder));
        }
        for place in [Place::Memory, Place::File] {
            for group in &GROUPS {
                let of_all = settings
                    .iter()
                    .map(|one| measure::measure(one, place, group));
                print(&of_all.collect::<Vec<_>>());
            }
        }
    }
    Ok(())
}

/// Prints the rows of a group: those of this emulator, and in each beside it those of the others.
fn print(of_all: &[Vec<Row>]) {
    for (idx, row) in of_all[0].iter().enumerate() {
        let mut cells = vec![row.operation.clone(), row.place.name().to_owned()];
        cells.extend(of_all.iter().flat_map(|rows| cells_of(&rows[idx])));
        report::row(&cells);
    }
}

/// What one emulator did: its time, the p99 and the maximum of each probe, and its memory.
fn cells_of(row: &Row) -> [String; 5] {
    let shown = |probe| {
        let Figures { p99_ms, max_ms, .. } = row.figures(probe);
        format!("{p99_ms:.0}, {max_ms:.0}")
    };
    let wrong = if row.wrong.is_empty() { "" } else { " (wrong)" };
    [
        format!("{:.2}{wrong}", row.took.as_secs_f64()),
        shown(Probe::Livez),
        shown(Probe::Other),
        shown(Probe::Same),
        (row.beyond_bytes() / 1_000_000).to_string(),
    ]
}
