//! Operations of one client beside probes of others: how long the others wait, and how much memory
//! it takes. The tests and the benchmark share this.

mod client;
mod images;
mod operations;
mod probes;
mod server;

use std::fmt;
use std::time::{Duration, Instant};

use self::client::Client;
use self::operations::Operation;
pub(crate) use self::operations::{GROUPS, Group, Sizes};
pub(crate) use self::probes::{Figures, Probe};
use self::probes::{Seen, beside};
use self::server::{Memory, Server};
pub(crate) use self::server::{Place, Setting};

/// What was measured of one operation.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) operation: String,
    pub(crate) place: Place,
    pub(crate) n_images: u64,
    pub(crate) took: Duration,
    /// The figures of [`Probe::ALL`].
    pub(crate) figures: Vec<Figures>,
    /// More memory than the store needs before or after, in bytes: `VmHWM` since the operation began, less
    /// the larger of `VmRSS` before and after it.
    pub(crate) over_bytes: u64,
    /// The same, less `VmRSS` before it and the growth of what the sandboxes say that they keep.
    pub(crate) over_kept_bytes: u64,
    /// What it may need for a while beyond that, in bytes: the longest of its requests, and in memory the
    /// state of before, which is still read while the new one is made.
    pub(crate) held_bytes: u64,
    pub(crate) is_read: bool,
    /// Answers that are wrong.
    pub(crate) wrong: Vec<String>,
}

impl Row {
    /// Memory that no store explains: an operation that changes nothing may not leave any behind.
    pub(crate) fn beyond_bytes(&self) -> u64 {
        if self.is_read {
            self.over_kept_bytes
        } else {
            self.over_bytes
        }
    }

    pub(crate) fn figures(&self, probe: Probe) -> Figures {
        let idx = Probe::ALL.iter().position(|one| *one == probe).unwrap();
        self.figures[idx]
    }
}

/// The columns of a printed row.
pub(crate) const COLUMNS: [&str; 10] = [
    "images",
    "in",
    "operation",
    "took, s",
    "/livez ms",
    "other sandbox ms",
    "same sandbox ms",
    "machine ms",
    "over RSS, MB",
    "over kept, MB",
];

impl Row {
    /// The cells of a table.
    pub(crate) fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.n_images.to_string(),
            self.place.name().to_owned(),
            self.operation.clone(),
            format!("{:.2}", self.took.as_secs_f64()),
        ];
        let shown = |figures: &Figures| figures.to_string();
        cells.extend(self.figures.iter().map(shown));
        cells.push((self.over_bytes >> 20).to_string());
        cells.push((self.over_kept_bytes >> 20).to_string());
        cells
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.cells().join(" | "))?;
        for wrong in &self.wrong {
            write!(f, "\n  wrong: {wrong}")?;
        }
        Ok(())
    }
}

/// Runs a group on a fresh server and measures each of its operations.
pub(crate) fn measure(setting: &Setting, place: Place, group: &Group) -> Vec<Row> {
    let server = setting.start(place);
    let sizes = Sizes {
        n_images: setting.n_images,
    };
    let operations = (group.operations)(sizes);
    let measured = operations
        .into_iter()
        .map(|operation| one(&server, place, sizes, operation));
    measured.collect()
}

fn one(server: &Server, place: Place, sizes: Sizes, operation: Operation) -> Row {
    let listed_before = server.n_listed();
    let before = server.reset_peak();
    let n_listed = operation.n_listed;
    let name = operation.name.clone();
    let is_read = operation.is_read;
    let longest = operation.steps.iter().map(|step| step.request.len()).max();
    let before_bytes = if place == Place::Memory {
        before.kept
    } else {
        0
    };
    let held_bytes = before_bytes + longest.unwrap_or_default() as u64;
    let ((took, mut wrong), seen) =
        beside(server.address, sizes.n_images, || work(server, operation));
    let after = server.memory();
    let listed_after = server.n_listed();
    if listed_after != n_listed {
        wrong.push(format!(
            "{listed_after} images are listed after it, not {n_listed}"
        ));
    }
    wrong.extend(wrong_answers(&seen, [listed_before, n_listed], sizes));
    Row {
        operation: name,
        place,
        n_images: sizes.n_images,
        took,
        figures: seen.iter().map(Seen::figures).collect(),
        over_bytes: over(after, before.rss.max(after.rss)),
        over_kept_bytes: over(after, before.rss + after.kept.saturating_sub(before.kept)),
        held_bytes,
        is_read,
        wrong,
    }
}

fn over(after: Memory, allowed_bytes: u64) -> u64 {
    after.peak.saturating_sub(allowed_bytes)
}

/// Does the operation; gives its time, and what was wrong with its answers.
fn work(server: &Server, operation: Operation) -> (Duration, Vec<String>) {
    let mut client = Client::connect(server.address);
    let mut wrong = Vec::new();
    let started = Instant::now();
    for step in operation.steps {
        match client.count(&step.request, step.reading) {
            Ok(response) if response.status / 100 == step.class && response.n_bytes > 0 => {}
            Ok(response) => wrong.push(format!("the operation got {}", response.status)),
            Err(error) => {
                wrong.push(format!("the operation got no answer: {error}"));
                client = Client::connect(server.address);
            }
        }
    }
    (started.elapsed(), wrong)
}

/// What the probes saw that must not be: no 200, or a state between those before and after.
fn wrong_answers(seen: &[Seen], listed: [u64; 2], sizes: Sizes) -> Vec<String> {
    let mut wrong = Vec::new();
    for (probe, seen) in Probe::ALL.into_iter().zip(seen) {
        if let Some(first) = seen.wrong.first() {
            let n = seen.wrong.len();
            wrong.push(format!(
                "{}: {n} wrong answers, first {first}",
                probe.name()
            ));
        }
        let right: &[u64] = match probe {
            Probe::Same => &listed,
            Probe::Other => &[sizes.n_images],
            Probe::Livez | Probe::Machine => &[],
        };
        let between: Vec<u64> = seen
            .totals
            .iter()
            .copied()
            .filter(|n| !right.contains(n))
            .collect();
        if !between.is_empty() {
            wrong.push(format!(
                "{}: TotalCount was {between:?}, not {right:?}",
                probe.name()
            ));
        }
    }
    wrong
}
