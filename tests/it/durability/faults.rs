//! Calls of the operating system that fail, or end the process, at a number of our choice.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::support::binary;

/// What happens at the chosen call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Strike {
    /// The call fails, and the next one works.
    Eio,
    /// Half of it is written, and every later call fails: the disk is full.
    Full,
    /// The process ends before the call.
    Kill,
    /// The process ends when half of it is written.
    Torn,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eio => "eio",
            Self::Full => "full",
            Self::Kill => "kill",
            Self::Torn => "torn",
        })
    }
}

/// The library made of `faults.c`, in a folder of its own; nothing without a C compiler.
static LIBRARY: LazyLock<Option<(TempDir, PathBuf)>> = LazyLock::new(|| {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/durability/faults.c");
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("faults.so");
    let mut compiler = Command::new("cc");
    compiler.args([
        "-O1", "-Wall", "-Werror", "-shared", "-fPIC", source, "-ldl", "-o",
    ]);
    match compiler.arg(&library).status() {
        Ok(status) => assert!(status.success(), "`faults.c` does not compile"),
        Err(_) => return None,
    }
    Some((folder, library))
});

/// A database file whose calls can be made to fail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Faults<'a> {
    library: &'a Path,
    file: &'a Path,
}

impl<'a> Faults<'a> {
    /// Nothing, told on standard output, where there is no C compiler.
    #[expect(clippy::print_stdout, reason = "what was not checked must be seen")]
    pub(super) fn on(file: &'a Path) -> Option<Self> {
        let Some((_, library)) = &*LIBRARY else {
            println!("not checked, there is no C compiler here");
            return None;
        };
        Some(Self { library, file })
    }

    /// The binary, with a strike at its n-th call that writes to the file.
    pub(super) fn binary(&self, strike: Strike, at: u64) -> Command {
        fs::remove_file(self.mark()).ok();
        let mut command = self.counted();
        command.env("FAULT_AT", at.to_string());
        command.env("FAULT_KIND", strike.to_string());
        command.env("FAULT_MARK", self.mark());
        command
    }

    /// The binary, whose calls on the file [`Self::n_syncs`] counts.
    pub(super) fn counted(&self) -> Command {
        let mut command = binary();
        command.env("LD_PRELOAD", self.library);
        command.env("FAULT_PATH", self.file);
        command.env("FAULT_SYNCS", self.syncs());
        command
    }

    /// The call that was struck; nothing when the process made fewer calls.
    pub(super) fn struck(&self) -> Option<String> {
        fs::read_to_string(self.mark()).ok()
    }

    /// How often the process has waited for the disk.
    pub(super) fn n_syncs(&self) -> usize {
        fs::read(self.syncs()).map_or(0, |bytes| bytes.len())
    }

    fn syncs(&self) -> PathBuf {
        self.file.with_extension("syncs")
    }

    fn mark(&self) -> PathBuf {
        self.file.with_extension("mark")
    }
}
