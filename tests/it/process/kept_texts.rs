//! Texts that a client sends and that something keeps: none of them lets the process grow.

use std::fs;

use crate::support::{FORM, LIST, Process, post};

/// The memory that a process has now, in bytes.
fn memory(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.process_id())).unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    kib << 10
}

/// Sends long texts that differ, and asserts that the memory stays as it was after the first few.
fn assert_flat(text_of: impl Fn(usize) -> String) {
    let process = Process::serve(&[]);
    let mut raw = process.raw();
    let mut send = |numbers: std::ops::Range<usize>| {
        for number in numbers {
            raw.send(post(LIST, FORM, &text_of(number)));
            raw.answer();
        }
    };
    // Until the journal is full.
    send(0..20);
    let before = memory(&process);
    send(20..100);
    let grown = memory(&process).saturating_sub(before);
    assert!(grown < 16 << 20, "it grew by {grown} bytes");
}

#[test]
fn long_filters_are_not_kept() {
    for name in ["InstanceId", "SystemSnapshotId", "ResourceGroupId"] {
        assert_flat(|number| format!("{name}={number}{}", "x".repeat(900_000)));
    }
}
