//! The tables: what was measured beside what is wanted.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::peers::Peer;
use crate::queries::{Cell, Queries};
use crate::server::Source;
use crate::shapes::{AnswerCache, Kind, Shape};
use crate::start::{N_CONTROL, N_LARGE, Starts};
use crate::statistics::{Spread, mb};
use crate::tail::{N_CHANGES_PER_S, N_CONNECTIONS, RATIO_MAX, Tail};

/// The text of one region of the documentation.
#[derive(Debug)]
pub(crate) struct Section {
    /// The name in the region's markers.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) n_missed: usize,
}

/// Makes a table with a stamp below it; the first column is text, the others are numbers.
fn table(name: impl Into<String>, head: &[&str], rows: &[Vec<String>], stamp: &str) -> Section {
    let mut text = String::new();
    let mut line = |cells: &[&str]| {
        // Writing to a `String` cannot fail.
        writeln!(text, "| {} |", cells.join(" | ")).ok();
    };
    line(head);
    let rule: Vec<&str> = (0..head.len())
        .map(|idx| if idx == 0 { "---" } else { "--:" })
        .collect();
    line(&rule);
    for row in rows {
        line(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    if !stamp.is_empty() {
        write!(text, "\nMeasured {stamp}.\n").ok();
    }
    let n_missed = rows.iter().flatten().filter(|cell| *cell == NOT_MET);
    Section {
        name: name.into(),
        n_missed: n_missed.count(),
        text,
    }
}

const NOT_MET: &str = "**not met**";

fn met(is_met: Option<bool>) -> String {
    match is_met {
        Some(true) => "met",
        Some(false) => NOT_MET,
        None => "",
    }
    .to_owned()
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Where and with what.
pub(crate) fn machine(machine: &Machine) -> Section {
    let rows: Vec<Vec<String>> = machine
        .rows
        .iter()
        .map(|(name, value)| vec![(*name).to_owned(), value.clone()])
        .collect();
    let mut section = table("machine", &["", ""], &rows, "");
    section.text = section.text.replace("--:", "---");
    section
}

/// Each query at one size.
pub(crate) fn queries(queries: &Queries, machine: &Machine) -> Section {
    let n_images = queries.data.n_images;
    let rows: Vec<Vec<String>> = queries.cells.iter().map(query).collect();
    let head = [
        "query",
        "asked",
        "different",
        "answer cache",
        "bare, µs",
        "emulator, µs",
        "times bare (min–max)",
        "wanted",
        "",
        "p50, µs",
        "p99, µs",
        "RSS, MB",
    ];
    let mut section = table(format!("queries-{n_images}"), &head, &rows, &machine.stamp);
    let from = match queries.source {
        Source::Fixture(_) => "in memory (`--fixture`)",
        Source::Database(_) => "in a file (`--database`)",
    };
    let mut note = format!("{} images {from}.", grouped(n_images));
    if !queries.has_cache_flag {
        note.push_str(
            " This emulator has no `--cache-bytes`, so \"off\" was measured with default flags.",
        );
    }
    section.text = format!("{note}\n\n{}", section.text);
    section
}

fn query(cell: &Cell) -> Vec<String> {
    let different = match (cell.kind, cell.n_different) {
        (Kind::Repeated, _) => "1".to_owned(),
        (Kind::Distinct, u64::MAX) => "countless".to_owned(),
        (Kind::Distinct, n) => grouped(n),
    };
    let cache = match cell.answer_cache {
        AnswerCache::Default => "default",
        AnswerCache::Off => "off",
    };
    vec![
        cell.shape.to_string(),
        cell.kind.to_string(),
        different,
        cache.to_owned(),
        format!("{:.1}", cell.bare.cpu_us().median),
        format!("{:.1}", cell.emulator.cpu_us().median),
        format!("{:.2}", cell.ratio),
        cell.ratio_max
            .map_or(String::new(), |max| format!("≤ {max}")),
        met(cell.is_met()),
        format!("{:.0}", cell.emulator.p50_us().median),
        format!("{:.0}", cell.emulator.p99_us().median),
        format!("{:.1}", mb(cell.rss_bytes)),
    ]
}

/// One measured value beside the most that is wanted.
fn limited(name: String, value: f64, shown: String, max: f64, unit: &str) -> Vec<String> {
    let is_met = met(Some(value <= max));
    vec![name, shown, format!("≤ {max} {unit}"), is_met]
}

fn plain(name: &str, shown: String) -> Vec<String> {
    vec![name.to_owned(), shown, String::new(), String::new()]
}

/// Cold start, memory, size, seeding. `serving` is the memory after all queries of the file.
pub(crate) fn starts(starts: &Starts, serving: Option<u64>, machine: &Machine) -> Section {
    let ms = |spread: Spread| format!("{spread:.1} ms");
    let cold = |of: &str| format!("cold start to the first 200, {of}");
    let mut rows = vec![
        plain(&cold("bare handler"), ms(starts.bare_ms)),
        limited(
            cold("100 images"),
            starts.small_ms.median,
            ms(starts.small_ms),
            10.0,
            "ms",
        ),
    ];
    if let Some(large) = starts.large_ms {
        let name = cold("a file of 1,000,000 images");
        rows.push(limited(name, large.median, ms(large), 10.0, "ms"));
    }
    let size = |bytes| format!("{:.1} MB", mb(bytes));
    let idle = mb(starts.idle_rss_bytes);
    let shown = size(starts.idle_rss_bytes);
    rows.push(plain("RSS, bare handler", size(starts.bare_rss_bytes)));
    let name = "RSS at rest, 100 images".to_owned();
    rows.push(limited(name, idle, shown, 10.0, "MB"));
    if let Some(serving) = serving {
        let more = mb(serving) - idle;
        let name = "RSS more than that after all queries of the file".to_owned();
        rows.push(limited(name, more, format!("{more:.1} MB"), 30.0, "MB"));
    }
    let binary = mb(starts.binary_bytes);
    let name = "binary".to_owned();
    rows.push(limited(name, binary, size(starts.binary_bytes), 6.0, "MB"));
    let control = starts.control_s;
    let name = format!("{} images by one control request", grouped(N_CONTROL));
    rows.push(limited(
        name,
        control.median,
        format!("{control:.2} s"),
        1.0,
        "s",
    ));
    if let Some(seeding) = starts.seeding {
        let (wall, cpu) = (seeding.wall.as_secs_f64(), seeding.cpu.as_secs_f64());
        let name = format!("{} images into a new file", grouped(N_LARGE));
        let shown = format!("{wall:.1} s, {cpu:.1} s of CPU");
        rows.push(limited(name, wall, shown, 60.0, "s"));
    }
    let head = ["", "median (min–max)", "wanted", ""];
    table("start", &head, &rows, &machine.stamp)
}

/// The slowest answers.
pub(crate) fn tail(tail: &Tail, machine: &Machine) -> Section {
    let per_s = |rate: Option<f64>| rate.map_or(String::new(), |rate| format!("{rate:.0}"));
    let rows: Vec<Vec<String>> = tail
        .rows
        .iter()
        .map(|row| {
            vec![
                format!("`{}`, {}", Shape::Page1, row.beside.name),
                format!("{:.0}", row.bare.p99_us()),
                format!("{:.0}", row.emulator.p99_us()),
                format!("{:.2}", row.ratio),
                format!("≤ {RATIO_MAX}"),
                met(Some(row.ratio.median <= RATIO_MAX)),
                per_s(row.queries_per_s),
                per_s(row.changes_per_s),
            ]
        })
        .collect();
    let head = [
        "query",
        "bare p99, µs",
        "emulator p99, µs",
        "times bare",
        "wanted",
        "",
        "five-tag queries/s beside",
        "changes/s beside",
    ];
    let mut section = table("tail", &head, &rows, &machine.stamp);
    section.text = format!(
        "{} images, {N_CONNECTIONS} connections, a writer of {N_CHANGES_PER_S} changes a second.\n\n{}",
        grouped(tail.n_images),
        section.text
    );
    section
}

/// Other tools, those that were found.
pub(crate) fn peers(peers: &[Peer], machine: &Machine) -> Section {
    let rows: Vec<Vec<String>> = peers
        .iter()
        .map(|peer| {
            vec![
                peer.name.to_owned(),
                peer.answers.to_owned(),
                format!("{:.0}", peer.series.cpu_us()),
                format!("{:.0}", peer.series.p50_us().median),
                format!("{:.0}", peer.series.p99_us().median),
                format!("{:.0}", peer.cold_start_ms),
                format!("{:.0}", mb(peer.idle_rss_bytes)),
                format!("{:.0}", mb(peer.rss_bytes)),
            ]
        })
        .collect();
    let head = [
        "tool",
        "answers",
        "CPU, µs a request",
        "p50, µs",
        "p99, µs",
        "cold start, ms",
        "RSS at rest, MB",
        "RSS loaded, MB",
    ];
    table("peers", &head, &rows, &machine.stamp)
}
