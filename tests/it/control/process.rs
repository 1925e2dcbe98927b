//! The real binary as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::control::support::{Reply, client, control};

/// Longest wait for a line; a test that hangs fails after it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest life of a process, which ends a test that waits for it in vain.
const LIFE_MAX: Duration = Duration::from_mins(3);

/// The binary under test, with none of its variables set.
pub(crate) fn binary() -> Command {
    without_variables(Command::new(env!("CARGO_BIN_EXE_swas-emulator")))
}

/// A command that no variable of the developer's own reaches.
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

/// A serving process. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: Receiver<String>,
    _watchdog: Sender<()>,
    endpoint: String,
}

impl Process {
    /// Starts the binary on a free port and waits until it is ready.
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        let mut command = binary();
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        Self::ready(command).unwrap_or_else(|log| panic!("it did not start: {log:?}"))
    }

    /// Starts a command and waits until it is ready; gives its log when it ends before.
    pub(crate) fn ready(mut command: Command) -> Result<Self, Vec<String>> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let watchdog = watchdog(child.id());
        // A pipe that nobody empties would stop the process.
        let log = lines(child.stderr.take().unwrap());
        let stdout = lines(child.stdout.take().unwrap());
        let Ok(listening) = stdout.recv_timeout(PATIENCE) else {
            child.kill().ok();
            child.wait().unwrap();
            return Err(log.into_iter().collect());
        };
        let endpoint = listening.strip_prefix("Listening on ").unwrap().to_owned();
        assert_eq!(stdout.recv_timeout(PATIENCE).unwrap(), "Ready.");
        Ok(Self {
            child,
            log,
            _watchdog: watchdog,
            endpoint,
        })
    }

    /// The scheme, host and port.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The host and port.
    pub(crate) fn address(&self) -> &str {
        self.endpoint.strip_prefix("http://").unwrap()
    }

    /// A control request, held to the document.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Reply {
        control(&client(), &self.endpoint, method, path, body).await
    }

    /// A control request that must succeed; gives the answer's body.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: &str) -> String {
        let reply = self.control(method, path, body).await;
        assert!(reply.status < 300, "{method} {path}: {reply:?}");
        reply.body
    }

    /// Waits for a line of the log that holds all these texts.
    pub(crate) fn log_line(&self, texts: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.log.recv_timeout(left) {
                Ok(line) if texts.iter().all(|text| line.contains(text)) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no line with {texts:?} in the log ({error}): {seen:#?}"),
            }
        }
    }

    /// Ends the process at once by SIGKILL, as a power cut ends it.
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

fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    });
    receiver
}

/// Kills the process at the end of its longest life, unless what this gives is dropped before.
fn watchdog(process_id: u32) -> Sender<()> {
    let (alive, dropped) = mpsc::channel();
    thread::spawn(move || {
        if dropped.recv_timeout(LIFE_MAX) == Err(RecvTimeoutError::Timeout) {
            let command = format!("kill -KILL {process_id}");
            Command::new("sh").args(["-c", &command]).status().ok();
        }
    });
    alive
}
