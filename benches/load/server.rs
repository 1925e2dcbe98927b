//! A running server: its CPU time, its memory, its end.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::client::Client;
use crate::request::request;
use crate::shapes::PAGE_1;

/// The emulator that cargo built for this benchmark, optimised as a release is.
pub(crate) const EMULATOR: &str = env!("CARGO_BIN_EXE_swas-emulator");

/// A running server, which ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open, so that the server can write to it.
    _stdout: BufReader<ChildStdout>,
    log: Option<File>,
    database: Option<PathBuf>,
}

impl Server {
    /// Waits until a new process answers page 1 with 200.
    ///
    /// The first line of its standard output has its address.
    pub(crate) fn ready(
        mut child: Child,
        log: Option<File>,
        database: Option<PathBuf>,
    ) -> Result<Self> {
        let mut stdout = BufReader::new(child.stdout.take().context("stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line.trim().strip_prefix("Listening on http://");
        let Some(address) = address.and_then(|address| address.parse().ok()) else {
            child.kill().ok();
            bail!("{}: its first line is {line:?}", child.wait()?);
        };
        let server = Self {
            child,
            address,
            _stdout: stdout,
            log,
            database,
        };
        let mut client = Client::connect(address)?;
        let page_1 = request(PAGE_1);
        let mut pause = Duration::from_micros(100);
        loop {
            match client.send(&page_1)?.status {
                200 => return Ok(server),
                503 => thread::sleep(pause),
                status => bail!("the first answer has status {status}"),
            }
            // Seeding takes a minute; to ask it every 100 µs would slow it down.
            pause = (pause + pause / 50).min(Duration::from_millis(50));
        }
    }

    /// Reads a database file once, so that the kernel has it in memory.
    ///
    /// On a machine with other tenants the kernel may drop it at any time, and reading a page from
    /// the disk costs the server many times what it does itself.
    pub(crate) fn warm(&self) -> Result<()> {
        if let Some(path) = &self.database {
            io::copy(&mut File::open(path)?, &mut io::sink())?;
        }
        Ok(())
    }

    /// The CPU time of all threads so far, user and system.
    ///
    /// The time of a thread that has ended is lost; none ends while a round runs.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        let mut total_ns = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end after it was listed.
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

    /// Empties the log file; the server goes on writing at its new end.
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
        self.child.wait()?;
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
