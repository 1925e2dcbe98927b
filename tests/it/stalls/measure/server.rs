//! The real binary with many images, in memory or in a file; and its memory.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::client::{Client, list, own};
use super::images::write_seed;
use super::probes::total_count;

/// Where the images are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    File,
}

impl Place {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
        }
    }
}

/// A binary, a number of images, and a folder for the fixture and the databases.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) binary: PathBuf,
    pub(crate) n_images: u64,
    fixture: PathBuf,
    /// A database that this binary has seeded; each server gets a copy.
    database: PathBuf,
}

impl Setting {
    /// Writes the fixture into the folder, which must be there.
    pub(crate) fn new(binary: &Path, n_images: u64, folder: &Path) -> Self {
        let fixture = folder.join("stalls.json");
        let mut file = BufWriter::new(File::create(&fixture).unwrap());
        write_seed(n_images, &mut file).unwrap();
        file.flush().unwrap();
        let database = folder.join("stalls-seeded.db");
        remove(&database);
        Self {
            binary: binary.to_owned(),
            n_images,
            fixture,
            database,
        }
    }

    /// Starts a server whose sandbox `default` has the seed.
    pub(crate) fn start(&self, place: Place) -> Server {
        if place == Place::Memory {
            return self.spawn(&["--fixture", text(&self.fixture)], None);
        }
        if !self.database.exists() {
            let seeding = [
                "--fixture",
                text(&self.fixture),
                "--database",
                text(&self.database),
            ];
            self.spawn(&seeding, None).stop();
        }
        let copy = self.database.with_file_name("stalls.db");
        remove(&copy);
        fs::copy(&self.database, &copy).unwrap();
        self.spawn(&["--database", text(&copy)], Some(copy.clone()))
    }

    fn spawn(&self, arguments: &[&str], database: Option<PathBuf>) -> Server {
        let log = File::create(self.fixture.with_extension("log")).unwrap();
        let mut command = Command::new(&self.binary);
        // Without variables, because each flag can also be set by one.
        command
            .env_clear()
            .args(["--listen", "127.0.0.1:0", "--isolate"]);
        command
            .args(["--control-body-max", "4294967296"])
            .args(arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Listening on http://").unwrap();
        let server = Server {
            address: address.parse().unwrap(),
            child,
            stdout,
            database,
        };
        server.ready()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Removes a database and what SQLite keeps beside it.
fn remove(database: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        fs::remove_file(name).ok();
    }
}

/// A running server. Dropped, it is killed, and its database is removed.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
    database: Option<PathBuf>,
}

impl Server {
    fn ready(mut self) -> Self {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "Ready.\n");
        self
    }

    fn stop(mut self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.unwrap().success());
        self.child.wait().unwrap();
    }

    /// The number of images that the sandbox `default` lists.
    pub(crate) fn n_listed(&self) -> u64 {
        let response = Client::connect(self.address).ask(&list("")).unwrap();
        total_count(&response.body).unwrap()
    }

    /// Lets the highest resident memory begin anew; gives the present one.
    pub(crate) fn reset_peak(&self) -> Memory {
        // proc(5): 5 resets the peak resident set size.
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
        self.memory()
    }

    pub(crate) fn memory(&self) -> Memory {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.unwrap().split_whitespace().next().unwrap();
            kib.parse::<u64>().unwrap() * 1_024
        };
        Memory {
            rss: field("VmRSS:"),
            peak: field("VmHWM:"),
            kept: self.kept_bytes(),
        }
    }

    /// What the sandboxes say that they keep, all together.
    fn kept_bytes(&self) -> u64 {
        let all = own("GET", "/_emulator/sandboxes", b"");
        let response = Client::connect(self.address).ask(&all).unwrap();
        let all: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        let all = all["sandboxes"].as_array().unwrap().iter();
        all.map(|sandbox| sandbox["bytes"].as_u64().unwrap()).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a server that has ended, as after `stop`.
        self.child.kill().ok();
        self.child.wait().ok();
        if let Some(database) = &self.database {
            remove(database);
        }
    }
}

/// The memory of a server at one moment, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// `VmRSS`.
    pub(crate) rss: u64,
    /// `VmHWM`.
    pub(crate) peak: u64,
    /// The `bytes` of all sandboxes.
    pub(crate) kept: u64,
}
