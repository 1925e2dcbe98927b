//! Fixtures and seeded databases, kept between runs under cargo's target folder.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::args::Args;
use crate::images::{Images, fingerprint, write_fixture};
use crate::request::Requests;
use crate::server::{Server, Source};
use crate::shapes::{IN_MEMORY_MAX, Shape};

/// The folder of what is kept.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the folder; `fresh` throws away what is in it.
    pub(crate) fn open(args: &Args) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
        if args.fresh && folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Where an emulator finds the images: a fixture, or a database that it has seeded.
    pub(crate) fn source(&self, binary: &Path, images: &Images) -> Result<Source> {
        let n_images = images.n_images();
        let fixture = self.fixture(n_images)?;
        if n_images <= IN_MEMORY_MAX {
            return Ok(Source::Fixture(fixture));
        }
        // Another binary may have another schema, so each has a database of its own.
        let mut hasher = DefaultHasher::new();
        fs::read(binary)?.hash(&mut hasher);
        let stem = fixture.file_stem().and_then(|stem| stem.to_str());
        let name = format!("{}-{:016x}.db", stem.context("a name")?, hasher.finish());
        let database = self.folder.join(name);
        if !seeding_path(&database).exists() {
            self.seed(binary, &fixture, &database, images)?;
        }
        Ok(Source::Database(database))
    }

    /// Writes the fixture if it is not there.
    fn fixture(&self, n_images: u64) -> Result<PathBuf> {
        let name = format!("{n_images}-{:016x}.json", fingerprint(n_images)?);
        let path = self.folder.join(name);
        if !path.exists() {
            eprintln!("writing a fixture of {n_images} images");
            let unfinished = path.with_extension("unfinished");
            let mut file = BufWriter::new(File::create(&unfinished)?);
            write_fixture(n_images, &mut file)?;
            file.into_inner()?.sync_all()?;
            fs::rename(unfinished, &path)?;
        }
        Ok(path)
    }

    /// Removes all databases but the newest, so that two remain after the next one is seeded.
    fn forget_old_databases(&self) -> Result<()> {
        let mut seedings = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(SEEDING) {
                seedings.push((path.metadata()?.modified()?, path));
            }
        }
        seedings.sort();
        seedings.pop();
        for (_, seeding) in seedings {
            let seeding = seeding.to_string_lossy();
            let database = seeding.trim_end_matches(SEEDING);
            for end in [SEEDING, "", "-wal", "-shm", "-lock"] {
                fs::remove_file(format!("{database}{end}")).ok();
            }
        }
        Ok(())
    }

    /// Seeds a new database and keeps beside it what that took.
    fn seed(&self, binary: &Path, fixture: &Path, database: &Path, images: &Images) -> Result<()> {
        eprintln!("seeding a database with {} images", images.n_images());
        self.forget_old_databases()?;
        let fixture = fixture.to_str().context("the fixture's path is no text")?;
        let request = Requests::new(images).request(&Shape::Page1.query(images, 0));
        let source = Source::Database(database.to_owned());
        let started = Instant::now();
        let mut server = Server::emulator(binary, &source, &["--fixture", fixture])?;
        server.ready(request.as_bytes())?;
        let (wall, cpu) = (started.elapsed(), server.cpu_time()?);
        server.stop()?;
        let took = format!("{:.1} {:.1}", wall.as_secs_f64(), cpu.as_secs_f64());
        Ok(fs::write(seeding_path(database), took)?)
    }
}

/// What is added to a database's name for the file that says what seeding it took.
const SEEDING: &str = ".seeding";

fn seeding_path(database: &Path) -> PathBuf {
    PathBuf::from(format!("{}{SEEDING}", database.display()))
}

/// What seeding took, in seconds: of the clock, and of CPU.
pub(crate) fn seeding_s(source: &Source) -> Option<(f64, f64)> {
    let Source::Database(database) = source else {
        return None;
    };
    let text = fs::read_to_string(seeding_path(database)).ok()?;
    let (wall, cpu) = text.split_once(' ')?;
    Some((wall.parse().ok()?, cpu.parse().ok()?))
}
