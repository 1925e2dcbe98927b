//! The tables, printed as Markdown while they are measured.

use std::fs;
use std::process::Command;

use jiff::Timestamp;

use crate::rounds::Spread;

/// What was printed so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Targets that were missed.
    pub(crate) n_missed: usize,
}

/// Begins a table.
pub(crate) fn table(title: &str, columns: &[&str]) {
    println!("\n### {title}\n\n| {} |", columns.join(" | "));
    println!("|{}", " --- |".repeat(columns.len()));
}

/// Prints one row of a table.
pub(crate) fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

impl Report {
    /// Two cells: what was measured, bold if it misses its target, and the target.
    pub(crate) fn judged(&mut self, found: Spread, max: Option<f64>) -> [String; 2] {
        let wanted = max.map_or(String::new(), |max| format!("≤ {max}"));
        if max.is_none_or(|max| found.median <= max) {
            return [found.to_string(), wanted];
        }
        self.n_missed += 1;
        [format!("**{found}**"), wanted]
    }

    /// Prints a row of what each server took: the bare handler, this emulator, the other ones.
    ///
    /// The ratio of the first two has the target; one more column compares with each other one.
    pub(crate) fn compared(&mut self, names: [String; 2], took: &[Vec<f64>], max: Option<f64>) {
        let [bare, own, others @ ..] = took else {
            return;
        };
        let mut cells = Vec::from(names);
        cells.extend([bare, own].map(|took| format!("{:.1}", Spread::of(took.clone()).median)));
        cells.extend(self.judged(Spread::of_ratio(own, bare), max));
        cells.extend(
            others
                .iter()
                .map(|other| Spread::of_ratio(own, other).to_string()),
        );
        row(&cells);
    }

    /// Prints when, where and with what this was measured.
    pub(crate) fn end(&self) {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find(|line| line.starts_with("model name"));
        println!(
            "\nMeasured {:.10}, commit {}; {}, SQLite {}, {}, {} cores. Targets missed: {}",
            Timestamp::now().to_string(),
            output("git", &["describe", "--always", "--dirty"]),
            output("rustc", &["--version"]),
            rusqlite::version(),
            model
                .and_then(|line| line.split_once(": "))
                .map_or("unknown CPU", |(_, name)| name),
            std::thread::available_parallelism().map_or(1, usize::from),
            self.n_missed,
        );
    }
}

/// What a command prints; nothing if it cannot be run.
fn output(command: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(command);
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let printed = command.output().map(|output| output.stdout);
    String::from_utf8_lossy(&printed.unwrap_or_default())
        .trim()
        .to_owned()
}
