//! The servers under load: started, found by their address, stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::bare;
use crate::client::{Answer, Client};

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

/// A running server, which ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open, so that the server can write to it.
    _stdout: BufReader<ChildStdout>,
    log: Option<File>,
}

impl Server {
    /// Starts an emulator with its default flags and `more`; it may not be ready yet.
    ///
    /// Its log goes to a file beside its images, as where a user redirects it.
    pub(crate) fn emulator(binary: &Path, source: &Source, more: &[&str]) -> Result<Self> {
        let (Source::Fixture(images) | Source::Database(images)) = source;
        let log = images.with_file_name("emulator.log");
        // Each emulator has a file of its own: a running one keeps the removed one.
        fs::remove_file(&log).ok();
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(binary);
        // Without its environment, so that no twin of a flag gets in.
        command.env_clear().args(["--listen", "127.0.0.1:0"]);
        command.args(source.arguments()).args(more);
        command.stdin(Stdio::null()).stderr(log.try_clone()?);
        let child = command.stdout(Stdio::piped()).spawn()?;
        Self::listening(child, Some(log)).with_context(|| binary.display().to_string())
    }

    /// Starts the bare handler, which answers `body` whatever it is asked.
    pub(crate) fn bare(answer: &Answer) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([bare::FLAG, &answer.content_type]);
        command.env_clear().stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("stdin")?;
        stdin.write_all(&answer.body)?;
        drop(stdin);
        Self::listening(child, None).context("the bare handler does not start")
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
            address,
            _stdout: stdout,
            log,
        })
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
                status => bail!("status {status}: {}", answer.text()),
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended while starting: {status}");
            }
            // A start of minutes needs no 10,000 looks a second, and they would be measured.
            pause = (pause + pause / 50).min(Duration::from_millis(50));
        }
    }

    /// The CPU time of all threads so far, user and system.
    ///
    /// A thread that ends takes its time with it, which none does here while a round runs.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        let mut total_ns = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end between the two looks.
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            let ns = text.split_whitespace().next().context("schedstat")?;
            total_ns += ns.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total_ns))
    }

    /// The resident memory now, in bytes.
    pub(crate) fn rss_bytes(&self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.context("VmRSS")?.parse::<u64>()? * 1_024)
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
        let pid = self.child.id().to_string();
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
        // Both fail only for a server that has ended, as after `stop`.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
