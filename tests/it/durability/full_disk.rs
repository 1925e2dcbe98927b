//! A disk that is full.

use std::path::Path;
use std::process::Command;

use rstest::rstest;
use serde_json::{Value, json};

use super::changes::numbered;
use crate::support::{LIST, Process, fixture, image, without_variables};

/// The checkpoint `s` as text.
fn checkpoint(process: &Process) -> String {
    let answer = process.control("GET", "/_emulator/checkpoints/s", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// How a disk is made full.
#[derive(Debug, Clone, Copy)]
enum Disk {
    /// No file grows past a limit. A write past it fails, as on a full disk.
    FileLimit,
    /// A file system of 2 MiB in memory, which only root may make.
    Small,
}

/// The emulator with its database on a disk that is soon full; `None` when that is not permitted.
#[expect(clippy::print_stdout, reason = "what was not checked must be seen")]
fn on_full_disk(disk: Disk, folder: &Path) -> Option<Process> {
    let binary = env!("CARGO_BIN_EXE_swas-emulator");
    let empty = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/empty.json");
    let (shell, script) = match disk {
        // In blocks of 512 bytes. Ignored, the signal leaves an error of the write.
        Disk::FileLimit => (vec!["sh"], "trap '' XFSZ; ulimit -f 4096"),
        Disk::Small => (
            vec!["unshare", "--mount", "sh"],
            "mount -t tmpfs -o size=2m tmpfs \"$2\"",
        ),
    };
    let script = format!(
        "{script} && exec \"$1\" --listen 127.0.0.1:0 --fixture \"$3\" --database \"$2/images.db\""
    );
    let mut command = without_variables(Command::new(shell[0]));
    command
        .args(&shell[1..])
        .args(["-c", &script, "sh", binary]);
    command.arg(folder).arg(empty);
    match Process::try_ready(command) {
        Ok(process) => Some(process),
        Err(outcome) if matches!(disk, Disk::Small) => {
            println!("not checked, a file system of its own is not permitted here: {outcome:?}");
            None
        }
        Err(outcome) => panic!("it did not start: {outcome:?}"),
    }
}

#[rstest]
#[case(Disk::FileLimit)]
#[case(Disk::Small)]
#[test]
fn a_full_disk_fails_the_call_and_leaves_server_and_data(#[case] disk: Disk) {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut process) = on_full_disk(disk, folder.path()) else {
        return;
    };
    process.ok("PUT", "/_emulator/images", &numbered(0));
    process.ok("POST", "/_emulator/checkpoints/s", "");
    let kept = checkpoint(&process);
    let mut before = process.export();
    let mut n_puts = 0;
    let failed = loop {
        let text = "x".repeat(2_000);
        let images: Vec<Value> = (0..50)
            .map(|idx| image(&format!("m-{n_puts}-{idx}"), json!({"Description": text})))
            .collect();
        let put = process.control("PUT", "/_emulator/images", &fixture(&images));
        if put.status != 200 {
            break put;
        }
        before = process.export();
        n_puts += 1;
        assert!(n_puts < 500, "the disk is not full yet");
    };
    assert!(n_puts > 0);
    failed.assert_refused(500, "InternalError");
    for inside in ["disk", "SQL", "database", "images.db"] {
        assert!(!failed.body.contains(inside), "{failed:?}");
    }
    process.log_line(&["ERROR", "a control request failed inside"]);
    // It serves, the earlier data is whole, and of the failed put there is nothing.
    for _ in 0..3 {
        assert_eq!(process.export(), before);
        assert_eq!(checkpoint(&process), kept);
        assert_eq!(process.get(LIST).status, 200);
        let again = process.control("PUT", "/_emulator/images", &before);
        // Writing what is there anyway needs room too, and may find it or not.
        assert!(matches!(again.status, 200 | 500), "{again:?}");
    }
    if matches!(disk, Disk::FileLimit) {
        // With room again, everything is there.
        process.kill();
        let file = folder.path().join("images.db");
        let process = Process::serve(&["--database", file.to_str().unwrap()]);
        assert_eq!(process.export(), before);
        assert_eq!(checkpoint(&process), kept);
        process.ok("POST", "/_emulator/reset?to=s", "");
        assert_eq!(process.export(), kept);
    }
}
