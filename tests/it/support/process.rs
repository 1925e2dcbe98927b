//! The real binary as a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{Answer, Raw, request};

/// Longest wait for a line of the log, or for a command to end by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest life of a process, which ends a test that waits for its end or its output in vain.
const LIFE_MAX: Duration = Duration::from_mins(3);

/// The binary under test, with none of its variables set.
pub(crate) fn binary() -> Command {
    without_variables(Command::new(env!("CARGO_BIN_EXE_swas-emulator")))
}

/// A command that none of the developer's own variables for the emulator reaches.
pub(crate) fn without_variables(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("SWAS_EMULATOR_") || name == "PORT" {
            command.env_remove(&*name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs the binary to its end in a folder, so that messages hold short names of files.
pub(crate) fn run(folder: &Path, arguments: &[&str], input: &str) -> Outcome {
    let mut command = binary();
    command.args(arguments).current_dir(folder);
    Outcome::of(command, input)
}

/// What a process that ended by itself left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Runs a command to its end; `input` is its standard input.
    pub(crate) fn of(mut command: Command, input: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let watchdog = watchdog(child.id(), PATIENCE);
        // A process that reads no input may have closed it already.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        let output = child.wait_with_output().unwrap();
        drop(watchdog);
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A serving process. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    log: Receiver<String>,
    /// The lines of the log that have been read so far.
    seen: Vec<String>,
    _watchdog: Sender<()>,
    address: SocketAddr,
}

impl Process {
    /// Starts the binary on a free port and waits until it is ready.
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        let mut command = binary();
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        Self::ready(command)
    }

    /// Starts a command and waits until it is ready.
    pub(crate) fn ready(command: Command) -> Self {
        Self::try_ready(command).unwrap_or_else(|left| panic!("it did not start: {left:#?}"))
    }

    /// Starts a command and waits until it is ready; gives what it left if it ends before.
    pub(crate) fn try_ready(mut command: Command) -> Result<Self, Outcome> {
        let mut process = Self::watch(spawn(&mut command))?;
        if process.line() != "Ready.\n" {
            return Err(process.outcome());
        }
        Ok(process)
    }

    /// Starts a command with this standard input and waits until it is ready.
    pub(crate) fn fed(mut command: Command, input: &str) -> Self {
        let mut child = spawn(command.stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        let mut process = Self::watch(child).unwrap();
        process.read_ready();
        process
    }

    /// Starts a command and waits until it listens, which is before it is ready.
    pub(crate) fn listening(mut command: Command) -> Self {
        Self::watch(spawn(&mut command)).unwrap()
    }

    fn watch(mut child: Child) -> Result<Self, Outcome> {
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let watchdog = watchdog(child.id(), LIFE_MAX);
        let (sender, log) = mpsc::channel();
        // A pipe that nobody empties would stop the process.
        thread::spawn(move || {
            for line in stderr.lines() {
                sender.send(line.unwrap()).ok();
            }
        });
        let mut process = Self {
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            log,
            seen: Vec::new(),
            _watchdog: watchdog,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
        };
        let line = process.line();
        let Some(address) = line.strip_prefix("Listening on http://") else {
            return Err(process.outcome());
        };
        process.address = address.trim_end().parse().unwrap();
        Ok(process)
    }

    /// What is left of a process that has closed its standard output, and so is about to end.
    fn outcome(&mut self) -> Outcome {
        let code = self.wait().0.code();
        Outcome {
            code,
            stdout: self.rest_of_stdout(),
            stderr: self.whole_log().join("\n"),
        }
    }

    /// Reads the second line of standard output.
    pub(crate) fn read_ready(&mut self) {
        assert_eq!(self.line(), "Ready.\n");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn raw(&self) -> Raw {
        Raw::connect(self.address)
    }

    /// Sends a query by GET on a connection of its own and reads the vendor's answer.
    pub(crate) fn get(&self, query: &str) -> Answer {
        let answer = self.raw().get(query);
        answer.assert_invariants("swas.test");
        answer
    }

    /// Sends a control request, whatever becomes of it; the answer is held to the OpenAPI document.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut raw = self.raw();
        let line = format!("{method} {path}");
        raw.send(request(&line, "Host: localhost\r\n", body));
        let answer = raw.answer();
        answer.assert_documented(method, path);
        answer
    }

    /// Sends a control request that must succeed; gives the body.
    pub(crate) fn ok(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.control(method, path, body);
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.json()
    }

    /// The fixture that the default sandbox exports, as text.
    pub(crate) fn export(&self) -> String {
        let answer = self.control("GET", "/_emulator/export", "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        assert!(send_signal(self.child.id(), name));
    }

    /// Waits for the end; gives the time that it took as well.
    pub(crate) fn wait(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        (self.child.wait().unwrap(), start.elapsed())
    }

    /// What standard output still holds, once the process has ended.
    pub(crate) fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Waits for a line of the log that holds all these texts.
    pub(crate) fn log_line(&mut self, texts: &[&str]) -> String {
        let fits = |line: &str| texts.iter().all(|text| line.contains(text));
        if let Some(line) = self.seen.iter().find(|line| fits(line)) {
            return line.clone();
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left).unwrap_or_else(|error| {
                panic!(
                    "no line with {texts:?} in the log ({error}): {:#?}",
                    self.seen
                )
            });
            self.seen.push(line.clone());
            if fits(&line) {
                return line;
            }
        }
    }

    /// Kills the process, if it still runs, and gives its whole log.
    pub(crate) fn whole_log(&mut self) -> Vec<String> {
        self.kill();
        while let Ok(line) = self.log.recv_timeout(PATIENCE) {
            self.seen.push(line);
        }
        self.seen.clone()
    }

    /// Ends the process at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

pub(crate) fn send_signal(process_id: u32, name: &str) -> bool {
    let command = format!("kill -{name} {process_id}");
    let status = Command::new("sh").args(["-c", &command]).status();
    status.unwrap().success()
}

/// Kills the process at the end of this time, unless what this gives is dropped before.
fn watchdog(process_id: u32, life: Duration) -> Sender<()> {
    let (alive, dropped) = mpsc::channel();
    thread::spawn(move || {
        if dropped.recv_timeout(life) == Err(RecvTimeoutError::Timeout) {
            send_signal(process_id, "KILL");
        }
    });
    alive
}
