//! The tables: what was measured beside what is wanted.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::machine;
use crate::queries::Cell;
use crate::statistics::{Spread, grouped};
use crate::tail::Tail;

/// The text of one region of the documentation.
#[derive(Debug)]
pub(crate) struct Section {
    /// The name in the region's markers.
    name: &'static str,
    pub(crate) text: String,
    pub(crate) n_missed: usize,
}

/// One line of the table of starts and sizes.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    value: f64,
    shown: String,
    max: Option<f64>,
    unit: &'static str,
}

impl Row {
    pub(crate) fn of_spread(
        name: String,
        spread: &Spread,
        unit: &'static str,
        max: Option<f64>,
    ) -> Self {
        Self {
            name,
            value: spread.median,
            shown: format!("{spread:.2}"),
            max,
            unit,
        }
    }

    pub(crate) fn of_value(name: String, value: f64, unit: &'static str, max: Option<f64>) -> Self {
        Self {
            name,
            value,
            shown: format!("{value:.1}"),
            max,
            unit,
        }
    }

    fn is_met(&self) -> Option<bool> {
        self.max.map(|max| self.value <= max)
    }
}

/// A value that misses its target is bold.
fn marked(shown: String, is_met: Option<bool>) -> String {
    if is_met == Some(false) {
        format!("**{shown}**")
    } else {
        shown
    }
}

fn wanted(max: Option<f64>) -> String {
    max.map_or(String::new(), |max| format!("≤ {max}"))
}

/// Makes a table with a stamp below it.
fn table(name: &'static str, head: &[String], rows: &[Vec<String>], n_missed: usize) -> Section {
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut text = String::new();
    for cells in [head, &rule]
        .into_iter()
        .chain(rows.iter().map(Vec::as_slice))
    {
        // Writing to a `String` cannot fail.
        writeln!(text, "| {} |", cells.join(" | ")).ok();
    }
    write!(text, "\n{}\n", machine::stamp()).ok();
    Section {
        name,
        text,
        n_missed,
    }
}

fn n_missed(met: impl Iterator<Item = Option<bool>>) -> usize {
    met.filter(|is_met| *is_met == Some(false)).count()
}

/// Each query, a column for each size; with another emulator, also what it gave.
pub(crate) fn queries(sizes: &[u64], cells: &[Cell]) -> Section {
    let mut lines: Vec<&Cell> = Vec::new();
    let is_same = |a: &Cell, b: &Cell| (a.shape, a.kind, a.state) == (b.shape, b.kind, b.state);
    for cell in cells {
        if !lines.iter().any(|line| is_same(line, cell)) {
            lines.push(cell);
        }
    }
    let mut head = vec!["query".to_owned(), "asked".to_owned()];
    for size in sizes {
        head.extend([format!("{} images", grouped(*size)), "wanted".to_owned()]);
    }
    let rows = lines.iter().map(|line| {
        let asked = format!("{} {}", line.kind, line.state);
        let mut row = vec![line.shape.to_string(), asked.trim_end().to_owned()];
        for size in sizes {
            let is_here = |cell: &&Cell| cell.n_images == *size && is_same(line, cell);
            let cell = cells.iter().find(is_here);
            row.push(cell.map_or(String::new(), shown));
            row.push(wanted(cell.and_then(|cell| cell.ratio_max)));
        }
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let n_missed = n_missed(cells.iter().map(Cell::is_met));
    table("queries", &head, &rows, n_missed)
}

fn shown(cell: &Cell) -> String {
    let [own, others @ ..] = &cell.emulators[..] else {
        return String::new();
    };
    let ratio = format!("{:.2}", own.cpu_ratio(&cell.bare));
    let mut shown = format!("{:.1} µs, ", own.cpu_us().median) + &marked(ratio, cell.is_met());
    for other in others {
        let ratio = own.cpu_ratio(other);
        write!(shown, ", new/old {ratio:.2}").ok();
    }
    shown
}

/// Cold start, memory, size, seeding.
pub(crate) fn starts(rows: &[Row], other: &[Row]) -> Section {
    let mut head = ["", "median (min–max)", "wanted"]
        .map(str::to_owned)
        .to_vec();
    if !other.is_empty() {
        head.push("the other".to_owned());
    }
    let n_missed = n_missed(rows.iter().map(Row::is_met));
    let lines = rows.iter().enumerate().map(|(idx, row)| {
        let shown = format!("{} {}", row.shown, row.unit);
        let mut line = vec![
            row.name.clone(),
            marked(shown, row.is_met()),
            wanted(row.max),
        ];
        line.extend(
            other
                .get(idx)
                .map(|row| format!("{} {}", row.shown, row.unit)),
        );
        line
    });
    table("start", &head, &lines.collect::<Vec<_>>(), n_missed)
}

/// The slowest answers.
pub(crate) fn tail(tails: &[Tail]) -> Section {
    let head = [
        "page 1",
        "images",
        "bare p99, µs",
        "emulator p99, µs",
        "times bare",
        "wanted",
        "requests/s beside",
    ];
    let mut head = head.map(str::to_owned).to_vec();
    if tails.iter().any(|tail| tail.emulators.len() > 1) {
        head.push("new/old".to_owned());
    }
    let met = |tail: &Tail| {
        let ratio = tail.emulators[0].p99_ratio(&tail.bare);
        tail.ratio_max.map(|max| ratio.median <= max)
    };
    let rows = tails.iter().map(|tail| {
        let [own, others @ ..] = &tail.emulators[..] else {
            return Vec::new();
        };
        let ratio = format!("{:.2}", own.p99_ratio(&tail.bare));
        let mut row = vec![
            tail.beside.to_owned(),
            grouped(tail.n_images),
            format!("{:.0}", tail.bare.p99_us()),
            format!("{:.0}", own.p99_us()),
            marked(ratio, met(tail)),
            wanted(tail.ratio_max),
            format!("{:.0}", tail.work_per_s),
        ];
        row.extend(
            others
                .iter()
                .map(|other| format!("{:.2}", own.p99_ratio(other))),
        );
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    table("tail", &head, &rows, n_missed(tails.iter().map(met)))
}

/// Replaces the region of each section in `docs/performance.md`; the prose stays.
pub(crate) fn write(sections: &[Section]) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let mut page = fs::read_to_string(&path).context("docs/performance.md")?;
    for Section { name, text, .. } in sections {
        let begin = format!("<!-- load:{name} -->\n");
        let (before, rest) = page.split_once(&begin).context(*name)?;
        let (_, after) = rest.split_once("<!-- /load -->").context(*name)?;
        page = format!("{before}{begin}\n{text}\n<!-- /load -->{after}");
    }
    Ok(fs::write(&path, page)?)
}
