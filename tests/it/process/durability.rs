//! What a database file keeps: every acknowledged change, whole, whatever ends the process; and what
//! a full disk does.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::internals::Store;

use crate::support::{LIST, Process, Raw, fixture, image, request, without_variables};

/// Times that the process is killed.
const N_KILLS: u64 = 50;

/// Images of one put: enough that a kill often falls into the middle of it.
const N_IMAGES: usize = 100;

/// What the file must hold: the number of the put whose images are there, and of those that the
/// checkpoint has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    images: Option<u64>,
    checkpoint: Option<u64>,
}

/// The change of a number, in turn: put, checkpoint, put, go back, delete.
fn change(number: u64) -> (&'static str, &'static str, String) {
    match number % 5 {
        0 | 2 => ("PUT", "/_emulator/images", generation(number)),
        1 => ("POST", "/_emulator/checkpoints/s", String::new()),
        3 => ("POST", "/_emulator/reset?to=s", String::new()),
        _ => ("DELETE", "/_emulator/images", String::new()),
    }
}

impl State {
    fn after(self, number: u64) -> Self {
        match number % 5 {
            0 | 2 => Self {
                images: Some(number),
                ..self
            },
            1 => Self {
                checkpoint: self.images,
                ..self
            },
            3 => Self {
                images: self.checkpoint,
                ..self
            },
            _ => Self {
                images: None,
                ..self
            },
        }
    }
}

/// The images of a put: its number stands in each of them, in a column, in the document and in a tag.
fn generation(number: u64) -> String {
    let name = number.to_string();
    let images: Vec<Value> = (0..N_IMAGES)
        .map(|idx| {
            let more = json!({"Name": name, "InstanceId": name,
                "Tags": [{"Key": "put", "Value": name}]});
            image(&format!("m-{idx:03}"), more)
        })
        .collect();
    fixture(&images)
}

/// The put that a fixture's images come from; panics when they come from two, or are not all there.
fn put_of(fixture: &str) -> Option<u64> {
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let images = fixture["CustomImages"].as_array().unwrap();
    let name = images.first()?["Name"].as_str().unwrap();
    assert_eq!(images.len(), N_IMAGES, "half a put is there");
    for image in images {
        let tag = &image["Tags"][0]["Value"];
        let names = (&image["Name"], &image["InstanceId"], tag);
        assert_eq!(
            names,
            (&json!(name), &json!(name), &json!(name)),
            "two puts are there"
        );
    }
    Some(name.parse().unwrap())
}

fn found(process: &Process) -> State {
    let images = put_of(&process.export());
    // The columns that filters compare agree with the documents.
    if let Some(number) = images {
        let filter = format!("ImageNames={number}&Tag.1.Key=put&Tag.1.Value={number}");
        let answer = process.get(&format!("{LIST}&{filter}"));
        assert_eq!(answer.field("TotalCount"), N_IMAGES.to_string());
    }
    let checkpoints = process.ok("GET", "/_emulator/checkpoints", "");
    let has_one = checkpoints["checkpoints"][0]["name"] == "s";
    let checkpoint = if has_one {
        put_of(&checkpoint(process))
    } else {
        None
    };
    State { images, checkpoint }
}

/// The checkpoint `s` as text.
fn checkpoint(process: &Process) -> String {
    let answer = process.control("GET", "/_emulator/checkpoints/s", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// Changes without a pause until the process is killed; gives the last number acknowledged.
fn write_and_kill(process: &mut Process, first: u64, n_acked: u64, after: Duration) -> u64 {
    let acked = AtomicU64::new(first - 1);
    let address = process.address();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut raw = Raw::connect(address);
            for number in first.. {
                let (method, path, body) = change(number);
                let line = format!("{method} {path}");
                let sent = raw.try_exchange(request(&line, "Host: localhost\r\n", &body));
                let Ok(answer) = sent else {
                    return;
                };
                assert!(matches!(answer.status, 200 | 201), "{number}: {answer:?}");
                acked.store(number, Ordering::Release);
            }
        });
        while acked.load(Ordering::Acquire) < first + n_acked {
            thread::yield_now();
        }
        let moment = Instant::now() + after;
        while Instant::now() < moment {
            thread::yield_now();
        }
        process.kill();
    });
    acked.load(Ordering::Acquire)
}

fn serve(file: &Path) -> Process {
    let empty = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/empty.json");
    let file = file.to_str().unwrap();
    Process::serve(&["--log", "warn", "--fixture", empty, "--database", file])
}

#[test]
fn fifty_kills_in_the_middle_of_writes_lose_nothing_acknowledged_and_leave_no_half_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let mut state = State {
        images: None,
        checkpoint: None,
    };
    let mut next = 5;
    let mut n_unacknowledged = 0;
    for round in 0..N_KILLS {
        let mut process = serve(&file);
        // Spread over the kinds of change, and over the time that one takes.
        let after = Duration::from_micros(round * 7_919 % 12_000);
        let last = write_and_kill(&mut process, next, round % 6, after);
        for number in next..=last {
            state = state.after(number);
        }
        let process = serve(&file);
        let found = found(&process);
        // The change in flight may have been made, though no client knows it.
        let flown = state.after(last + 1);
        assert!(
            found == state || found == flown,
            "after {last}: {found:?}, not {state:?}"
        );
        n_unacknowledged += u64::from(found != state);
        state = found;
        // Numbers never come again, and the next one is of the kind that follows.
        next = last + 1 + u64::from(found == flown);
    }
    // Told on failure only, and with `--nocapture`.
    println!("{N_KILLS} kills, {next} changes, {n_unacknowledged} made but not acknowledged");
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
        Err(log) if matches!(disk, Disk::Small) => {
            println!("not checked, a file system of its own is not permitted here: {log:?}");
            None
        }
        Err(log) => panic!("it did not start: {log:?}"),
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
    process.ok("PUT", "/_emulator/images", &generation(0));
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
        let process = serve(&folder.path().join("images.db"));
        assert_eq!(process.export(), before);
        assert_eq!(checkpoint(&process), kept);
        process.ok("POST", "/_emulator/reset?to=s", "");
        assert_eq!(process.export(), kept);
    }
}

/// A child process has a copy of every open file from its start until it runs its own program.
#[test]
fn a_file_can_be_opened_again_at_once_while_the_process_starts_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("images.db");
    let done = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while done.load(Ordering::Relaxed) == 0 {
                assert!(Command::new("true").status().unwrap().success());
            }
        });
        let opened: Vec<_> = (0..300)
            .map(|_| Store::open(&file, &Arc::default()).map(drop))
            .collect();
        done.store(1, Ordering::Relaxed);
        for opened in opened {
            opened.unwrap();
        }
    });
}
