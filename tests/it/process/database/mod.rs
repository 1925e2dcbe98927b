//! A database file: what it keeps, what is refused, and what a real failure of it looks like.

use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Outcome, Process, binary, fixture, folder, image};

#[cfg(unix)]
mod durability;
mod failures;
mod kept;
mod refused;

/// A folder with two fixtures and room for a database.
struct Room {
    folder: TempDir,
}

impl Room {
    fn new() -> Self {
        let one = |id| fixture(&[image(id, json!({}))]);
        Self {
            folder: folder(&[
                ("a.json", &one("m-a")),
                ("b.json", &one("m-b")),
                ("empty.json", &fixture(&[])),
            ]),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.path("images.db")
    }

    /// Starts the binary on the database with more arguments; files are those of the folder.
    fn serve(&self, arguments: &[&str]) -> Process {
        let mut command = binary();
        command.current_dir(self.folder.path());
        command.args(["--listen", "127.0.0.1:0", "--database", "images.db"]);
        command.args(arguments);
        Process::ready(command)
    }

    /// Starts the binary on the database, which must be refused; gives its one line.
    fn refused(&self) -> String {
        let mut command = binary();
        command.current_dir(self.folder.path());
        command.args(["--listen", "127.0.0.1:0", "--database", "images.db"]);
        let outcome = Outcome::of(command, "");
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        outcome.stderr
    }

    /// A connection beside the emulator's, as another program has.
    fn connection(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }
}

fn stop(mut process: Process) {
    process.signal("TERM");
    assert_eq!(process.wait().0.code(), Some(0));
}
