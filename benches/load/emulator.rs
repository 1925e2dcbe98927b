//! An emulator and the images that it serves.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::args::Args;
use crate::images::write_fixture;
use crate::server::Server;

/// Most images that are served from memory; more are served from a file.
pub(crate) const IN_MEMORY_MAX: u64 = 100_000;

/// A binary with a fixture, or with a database that it has seeded.
#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) binary: PathBuf,
    /// `--fixture` or `--database`.
    flag: &'static str,
    path: PathBuf,
    /// How long it took to seed the database, in seconds.
    pub(crate) seeding_s: Option<f64>,
}

impl Emulator {
    /// This emulator and the other ones, each with as many images.
    pub(crate) fn prepare(args: &Args, folder: &Path, n_images: u64) -> Result<Vec<Self>> {
        let fixture = folder.join(format!("{n_images}.json"));
        let mut file = BufWriter::new(File::create(&fixture)?);
        write_fixture(n_images, &mut file)?;
        file.flush()?;
        let mut emulators = Vec::new();
        for (idx, binary) in args.binaries().enumerate() {
            let mut emulator = Self {
                binary: binary.to_owned(),
                flag: "--fixture",
                path: fixture.clone(),
                seeding_s: None,
            };
            if n_images > IN_MEMORY_MAX {
                // Another binary may have another schema, so each has a database of its own.
                emulator.seed(&folder.join(format!("{n_images}-{idx}.db")))?;
            }
            emulators.push(emulator);
        }
        Ok(emulators)
    }

    /// Makes a database from the fixture and serves that from now on.
    fn seed(&mut self, database: &Path) -> Result<()> {
        eprintln!("seeding {}", database.display());
        let fixture = std::mem::replace(&mut self.path, database.to_owned());
        self.flag = "--database";
        let started = Instant::now();
        let fixture = fixture.to_str().context("the path is not UTF-8")?;
        let server = self.start(&["--fixture", fixture])?;
        self.seeding_s = Some(started.elapsed().as_secs_f64());
        server.stop()
    }

    /// Starts it with its default flags and `more`, and returns when it is ready.
    ///
    /// Its log goes to a file, as when a user redirects it.
    pub(crate) fn start(&self, more: &[&str]) -> Result<Server> {
        let log = self.path.with_extension("log");
        // A running emulator keeps its removed file, so each one has a file of its own.
        fs::remove_file(&log).ok();
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(&self.binary);
        // Without variables, because each flag can also be set by one.
        command.env_clear().args(["--listen", "127.0.0.1:0"]);
        command.arg(self.flag).arg(&self.path).args(more);
        command.stdin(Stdio::null()).stderr(log.try_clone()?);
        let child = command.stdout(Stdio::piped()).spawn()?;
        let database = (self.flag == "--database").then(|| self.path.clone());
        Server::ready(child, Some(log), database).with_context(|| self.binary.display().to_string())
    }
}
