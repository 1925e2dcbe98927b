//! The emulator as a process, and what it uses.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::args::Args;

/// Sandboxes that are kept; requests name twice as many.
pub(crate) const SANDBOXES_MAX: u64 = 100;

/// Memory of these sandboxes: little, so that it is full soon and stays so.
const SANDBOXES_BYTES: &str = "16777216";

/// A running emulator, which ends with this value.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open, so that it can write to it.
    _stdout: BufReader<ChildStdout>,
}

/// What the emulator uses at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) rss_bytes: u64,
    pub(crate) n_descriptors: usize,
    pub(crate) n_threads: usize,
}

impl Process {
    pub(crate) fn start(args: &Args, folder: &Path) -> Result<Self> {
        let sandboxes_max = SANDBOXES_MAX.to_string();
        let mut command = Command::new(&args.server_binary);
        // Without variables, because each flag can also be set by one.
        command
            .env_clear()
            .args(["--listen", "127.0.0.1:0", "--isolate"]);
        command.args(["--sandboxes-max", &sandboxes_max]);
        command.args(["--sandboxes-bytes", SANDBOXES_BYTES, "--log", "error"]);
        if args.file {
            command.arg("--database").arg(folder.join("soak.db"));
        }
        let log = File::create(folder.join("soak.log"))?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().context("stdout")?);
        let mut lines = [String::new(), String::new()];
        for line in &mut lines {
            stdout.read_line(line)?;
        }
        ensure!(lines[1] == "Ready.\n", "it is not ready: {lines:?}");
        let address = lines[0].trim().strip_prefix("Listening on http://");
        Ok(Self {
            child,
            address: address.context("no address")?.parse()?,
            _stdout: stdout,
        })
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        let folder = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number
                .and_then(|number| number.parse::<u64>().ok())
                .context("no such field")
        };
        Ok(Usage {
            rss_bytes: field("VmRSS:")? * 1_024,
            n_threads: usize::try_from(field("Threads:")?)?,
            n_descriptors: fs::read_dir(format!("{folder}/fd"))?.count(),
        })
    }

    /// Stops it as a user does, and waits for its end.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, as after `stop`.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
