//! What the kernel knows of a process: its CPU time and its memory.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Ticks of `/proc/PID/stat` in a second; Linux has 100 on every platform that Rust knows.
const TICKS_PER_S: u64 = 100;

/// The CPU time of all threads of a process so far, user and system.
///
/// `/proc/PID/task/*/schedstat` tells nanoseconds; `/proc/PID/stat` tells the same sum in ticks of
/// 10 ms, and is asked where the kernel has no `schedstat`. A thread that ends takes its
/// nanoseconds along, which none does here while a round runs.
pub(crate) fn cpu_time(pid: u32) -> Result<Duration> {
    match scheduled(pid) {
        Some(time) => Ok(time),
        None => ticks(pid),
    }
}

fn scheduled(pid: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut total_ns: u64 = 0;
    for thread in threads.flatten() {
        // A thread may end between the two looks.
        let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else {
            continue;
        };
        total_ns += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    (total_ns > 0).then(|| Duration::from_nanos(total_ns))
}

/// The fields of `/proc/PID/stat` after the command's name, which may hold anything.
fn stat(pid: u32) -> Result<Vec<String>> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let (_, fields) = text.rsplit_once(')').context(path)?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

fn ticks(pid: u32) -> Result<Duration> {
    let fields = stat(pid)?;
    let field = |idx: usize| -> Result<u64> {
        let field = fields.get(idx).context("a field of stat")?;
        Ok(field.parse()?)
    };
    let ticks = field(11)? + field(12)?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_S))
}

/// The CPU time of a process and all that it started, threads that ended included.
///
/// In ticks of 10 ms, which is fine enough for what takes hundreds of microseconds a request.
pub(crate) fn cpu_time_of_tree(root: u32) -> Result<Duration> {
    tree(root).into_iter().map(ticks).sum()
}

/// The resident memory of a process now, in bytes.
pub(crate) fn rss_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.context("VmRSS")?.parse::<u64>()? * 1_024)
}

/// The resident memory of a process and all that it started, in bytes.
pub(crate) fn rss_bytes_of_tree(root: u32) -> Result<u64> {
    tree(root).into_iter().map(rss_bytes).sum()
}

/// The process and all that it started, their starters first.
pub(crate) fn tree(root: u32) -> Vec<u32> {
    let pids = || {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
    };
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children = pids().filter(|pid| {
            stat(*pid).is_ok_and(|fields| fields.get(1) == Some(&parent.to_string()))
        });
        found.extend(children);
        next += 1;
    }
    found
}
