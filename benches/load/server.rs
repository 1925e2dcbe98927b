//! The servers under load: started, found by their address, stopped.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::bare;
use crate::client::{Answer, Client};
use crate::procfs;

/// The emulator that cargo built for this benchmark, optimised as a release is.
pub(crate) const EMULATOR: &str = env!("CARGO_BIN_EXE_swas-emulator");

/// Longest wait for a server to stop by itself.
const STOP_TIME_MAX: Duration = Duration::from_secs(30);

/// Where the emulator has its images from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Fixture(PathBuf),
    Database(PathBuf),
}

impl Source {
    fn arguments(&self) -> [&str; 2] {
        match self {
            Self::Fixture(path) => ["--fixture", path.to_str().unwrap_or_default()],
            Self::Database(path) => ["--database", path.to_str().unwrap_or_default()],
        }
    }

    /// Reads a database file through once, so that the kernel has it in memory.
    ///
    /// A machine with other tenants may take that memory away at any time, and to read a page from
    /// the disk costs the server many times what it does itself.
    pub(crate) fn warm(&self) -> Result<()> {
        if let Self::Database(path) = self {
            io::copy(&mut File::open(path)?, &mut io::sink())?;
        }
        Ok(())
    }
}

/// Whether a server is the process that was started, or also what that has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Processes {
    One,
    Tree,
}

/// A running server, which ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    processes: Processes,
    pub(crate) address: SocketAddr,
    /// Kept open, so that the server can write to it.
    _stdout: Option<BufReader<ChildStdout>>,
    log: Option<File>,
}

impl Server {
    /// Starts the emulator with its default flags and `more`; it may not be ready yet.
    ///
    /// Its log goes to a file, as where a user redirects it: a pipe would wake this process for
    /// each line, and to throw it away would make the emulator look faster than it is.
    pub(crate) fn emulator(source: &Source, more: &[&str], log: &Path) -> Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        log.set_len(0)?;
        let mut command = Command::new(EMULATOR);
        // Without its environment, so that no twin of a flag gets in.
        command.env_clear().args(["--listen", "127.0.0.1:0"]);
        command.args(source.arguments()).args(more);
        command.stdin(Stdio::null()).stderr(log.try_clone()?);
        Self::start(&mut command, Some(log)).context("the emulator does not start")
    }

    /// Starts the bare handler, which answers `body` whatever it is asked.
    pub(crate) fn bare(answer: &Answer) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .env_clear()
            .arg(bare::FLAG)
            .arg(&answer.content_type);
        command.stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("stdin")?;
        stdin.write_all(&answer.body)?;
        drop(stdin);
        Self::listening(child, None).context("the bare handler does not start")
    }

    fn start(command: &mut Command, log: Option<File>) -> Result<Self> {
        let child = command.stdout(Stdio::piped()).spawn()?;
        Self::listening(child, log)
    }

    /// Reads the address from the first line of the server's standard output.
    fn listening(mut child: Child, log: Option<File>) -> Result<Self> {
        let mut stdout = BufReader::new(child.stdout.take().context("stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line.trim().strip_prefix("Listening on http://");
        let Some(address) = address.and_then(|address| address.parse().ok()) else {
            child.kill().ok();
            bail!("{}: its first line is {line:?}", child.wait()?);
        };
        Ok(Self {
            child,
            processes: Processes::One,
            address,
            _stdout: Some(stdout),
            log,
        })
    }

    /// Starts another tool, which listens on `port`; `None` if it is not installed.
    ///
    /// What it says goes to the log file, as the emulator's log does.
    pub(crate) fn peer(command: &mut Command, port: u16, log: &Path) -> Result<Option<Self>> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        log.set_len(0)?;
        command.stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log.try_clone()?);
        match command.spawn() {
            Ok(child) => Ok(Some(Self {
                child,
                processes: Processes::Tree,
                address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
                _stdout: None,
                log: Some(log),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks until the answer is a 200, and returns it.
    pub(crate) fn ready(&mut self, request: &[u8]) -> Result<Answer> {
        let mut client = Client::connect(self.address)?;
        let mut pause = Duration::from_micros(100);
        loop {
            let answer = client.send(request)?;
            match answer.status {
                200 => return Ok(answer),
                503 => thread::sleep(pause),
                status => bail!("status {status}: {}", String::from_utf8_lossy(&answer.body)),
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended while starting: {status}");
            }
            // A start of minutes needs no 10,000 looks a second, and they would be measured.
            pause = (pause + pause / 50).min(Duration::from_millis(50));
        }
    }

    /// Tells whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        match self.processes {
            Processes::One => procfs::cpu_time(self.pid()),
            Processes::Tree => procfs::cpu_time_of_tree(self.pid()),
        }
    }

    pub(crate) fn rss_bytes(&self) -> Result<u64> {
        match self.processes {
            Processes::One => procfs::rss_bytes(self.pid()),
            Processes::Tree => procfs::rss_bytes_of_tree(self.pid()),
        }
    }

    /// Empties the log file; the server goes on at its new end.
    pub(crate) fn truncate_log(&self) -> Result<()> {
        if let Some(log) = &self.log {
            log.set_len(0)?;
        }
        Ok(())
    }

    /// Stops it as a user does, with a signal, and waits for its end.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > STOP_TIME_MAX {
                bail!("process {pid} does not stop");
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.processes == Processes::Tree {
            let others = procfs::tree(self.pid()).into_iter().skip(1);
            let pids: Vec<String> = others.map(|pid| pid.to_string()).collect();
            if !pids.is_empty() {
                Command::new("kill").arg("-KILL").args(pids).status().ok();
            }
        }
        // Both fail only for a server that has ended, as after `stop`.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Tells whether the emulator has a flag.
pub(crate) fn has_flag(flag: &str) -> Result<bool> {
    let help = Command::new(EMULATOR).arg("--help").output()?;
    Ok(String::from_utf8_lossy(&help.stdout).contains(flag))
}
