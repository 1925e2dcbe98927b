//! Where and with what was measured.

use std::fs;
use std::process::Command;

use jiff::Timestamp;

/// One line on the date, the commit, the machine and the command.
pub(crate) fn stamp() -> String {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let command = format!("cargo bench --bench load -- {}", arguments.join(" "));
    let command = command.trim_end_matches([' ', '-']);
    let changed = output("git", &["status", "--porcelain", "--", "src", "Cargo.toml"]);
    let changed = if changed.is_empty() {
        ""
    } else {
        " with changes"
    };
    let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Measured {}, commit {}{changed}, `{command}`; {}, SQLite {}, {}, {n_cores} cores.",
        &Timestamp::now().to_string()[..10],
        output("git", &["rev-parse", "--short", "HEAD"]),
        output("rustc", &["--version"]),
        rusqlite::version(),
        cpu_model().unwrap_or_else(|| "unknown CPU".to_owned()),
    )
}

/// What a command prints; nothing if it cannot be run.
fn output(command: &str, arguments: &[&str]) -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(command)
        .args(arguments)
        .current_dir(folder)
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn cpu_model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
