//! Where and with what was measured.

use std::fs;
use std::process::Command;
use std::thread;

use jiff::Timestamp;

use crate::statistics::mb;

/// The machine and the versions, as text for a table.
#[derive(Debug)]
pub(crate) struct Machine {
    /// What is told in a table of its own.
    pub(crate) rows: Vec<(&'static str, String)>,
    /// What stands under each table.
    pub(crate) stamp: String,
}

impl Machine {
    /// Looks at this machine; `command` is how the benchmark was run.
    pub(crate) fn here() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let given: Vec<&str> = arguments
            .iter()
            .map(String::as_str)
            .filter(|argument| *argument != "--bench")
            .collect();
        let mut command = "cargo bench --bench load".to_owned();
        if !given.is_empty() {
            command = format!("{command} -- {}", given.join(" "));
        }
        let now = Timestamp::now().to_string();
        let day = now[..10].to_owned();
        let commit = commit();
        let n_cores = thread::available_parallelism().map_or(1, usize::from);
        let memory = format!("{:.0} GB", mb(memory_bytes()) / 1e3);
        Self {
            stamp: format!("{day}, commit {commit}, `{command}`"),
            rows: vec![
                ("date", day),
                ("command", format!("`{command}`")),
                (
                    "emulator",
                    format!("{}, commit {commit}", env!("CARGO_PKG_VERSION")),
                ),
                ("compiler", output("rustc", &["--version"])),
                ("SQLite", rusqlite::version().to_owned()),
                ("CPU", format!("{}, {n_cores} cores", cpu_model())),
                ("memory", memory),
                ("kernel", format!("Linux {}", kernel())),
            ],
        }
    }
}

fn commit() -> String {
    let commit = output("git", &["rev-parse", "--short", "HEAD"]);
    let changed = output("git", &["status", "--porcelain", "--", "src", "Cargo.toml"]);
    if changed.is_empty() {
        commit
    } else {
        format!("{commit} with changes")
    }
}

/// What a command prints; nothing if it cannot be run.
fn output(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// The value after a name in a file of lines such as `model name : …`.
fn line_of(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn cpu_model() -> String {
    line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned())
}

fn memory_bytes() -> u64 {
    let line = line_of("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kib = line
        .split_whitespace()
        .next()
        .and_then(|kib| kib.parse().ok());
    kib.unwrap_or(0_u64) * 1_024
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release
        .trim()
        .split('-')
        .next()
        .unwrap_or_default()
        .to_owned()
}
