//! Fixtures and the seeded database, kept between runs under cargo's target folder.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::data::DataSet;
use crate::document;
use crate::request::Requests;
use crate::server::{Server, Source};
use crate::shapes::{Kind, Shape};

/// Most images that are served from memory; more are served from a file.
const IN_MEMORY_MAX: u64 = 100_000;

/// The folder of what is kept.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

/// What seeding a database took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seeding {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

impl Cache {
    /// Opens the folder; `Fresh::Yes` throws away what is in it.
    pub(crate) fn open(fresh: Fresh) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
        if fresh == Fresh::Yes && folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Where a running emulator writes its log.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("emulator.log")
    }

    /// An empty folder for something that is of use in this run only.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Where the emulator finds the data set: a fixture, or a database that is seeded by now.
    pub(crate) fn source(&self, data: &DataSet) -> Result<Source> {
        let fixture = self.fixture(data)?;
        if data.n_images <= IN_MEMORY_MAX {
            return Ok(Source::Fixture(fixture));
        }
        let database = self.database(data)?;
        if !self.is_usable(&database, data) {
            self.seed(&fixture, &database, data)?;
        }
        Ok(Source::Database(database))
    }

    /// Writes the fixture if it is not there, one image a line and never all in memory.
    fn fixture(&self, data: &DataSet) -> Result<PathBuf> {
        let mut hasher = DefaultHasher::new();
        hash_images(data, &mut hasher);
        let name = format!("{}-{:016x}.json", data.n_images, hasher.finish());
        let path = self.folder.join(name);
        if path.exists() {
            return Ok(path);
        }
        eprintln!("writing a fixture of {} images", data.n_images);
        let unfinished = path.with_extension("unfinished");
        let mut file = BufWriter::new(File::create(&unfinished)?);
        write_fixture(data, &mut file)?;
        file.into_inner()?.sync_all()?;
        fs::rename(unfinished, &path)?;
        Ok(path)
    }

    /// The database's path, another one for each schema, version and data set.
    fn database(&self, data: &DataSet) -> Result<PathBuf> {
        let mut hasher = DefaultHasher::new();
        hash_images(data, &mut hasher);
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        for file in schema()? {
            fs::read(file)?.hash(&mut hasher);
        }
        let name = format!("{}-{:016x}.db", data.n_images, hasher.finish());
        Ok(self.folder.join(name))
    }

    /// Whether the emulator starts with the database and answers as it should.
    fn is_usable(&self, database: &Path, data: &DataSet) -> bool {
        if !database.exists() || seeding_of(database).is_none() {
            return false;
        }
        let source = Source::Database(database.to_owned());
        let usable = Server::emulator(&source, &[], &self.log()).and_then(|mut server| {
            let question = Shape::Page1.question(data, 0);
            let answer = server.ready(Requests::new(*data).request(&question).as_bytes())?;
            server.stop()?;
            let body: Value = serde_json::from_slice(&answer.body)?;
            let total_count = body["TotalCount"].as_str().context("TotalCount")?;
            Ok(total_count.parse::<u64>()? == data.n_in_region())
        });
        match usable {
            Ok(true) => true,
            Ok(false) => {
                eprintln!("the database has other images");
                false
            }
            Err(error) => {
                eprintln!("the database cannot be used: {error:#}");
                false
            }
        }
    }

    /// Seeds a new database and keeps what that took beside it.
    fn seed(&self, fixture: &Path, database: &Path, data: &DataSet) -> Result<()> {
        eprintln!("seeding a database with {} images", data.n_images);
        self.forget_databases()?;
        let started = Instant::now();
        let source = Source::Database(database.to_owned());
        let fixture = fixture.to_str().context("the fixture's path is no text")?;
        let mut server = Server::emulator(&source, &["--fixture", fixture], &self.log())?;
        let batch = Requests::new(*data).batch(Shape::Page1, Kind::Repeated, 0, 1);
        server.ready(batch.request(0))?;
        let (wall, cpu) = (started.elapsed(), server.cpu_time()?);
        server.stop()?;
        eprintln!("seeded in {wall:.1?}, {cpu:.1?} of CPU");
        let took = json!({"wall_s": wall.as_secs_f64(), "cpu_s": cpu.as_secs_f64()});
        fs::write(seeding_path(database), took.to_string())?;
        Ok(())
    }

    /// Removes databases of other schemas, and what an interrupted run left.
    fn forget_databases(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.display().to_string().contains(".db") && path.is_file() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// Whether to begin with nothing kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fresh {
    Yes,
    No,
}

/// Tells data sets apart by some of their images, should the code change that makes them.
fn hash_images(data: &DataSet, hasher: &mut DefaultHasher) {
    let mut json = String::new();
    for draw in 0..100 {
        document::write_json(&data.drawn(draw), &mut json);
    }
    json.hash(hasher);
}

/// The files that decide what a database looks like.
fn schema() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn seeding_path(database: &Path) -> PathBuf {
    database.with_extension("db.seeding.json")
}

/// What seeding this database took when it was made.
pub(crate) fn seeding_of(database: &Path) -> Option<Seeding> {
    let text = fs::read_to_string(seeding_path(database)).ok()?;
    let took: Value = serde_json::from_str(&text).ok()?;
    let time = |name| Duration::try_from_secs_f64(took[name].as_f64()?).ok();
    Some(Seeding {
        wall: time("wall_s")?,
        cpu: time("cpu_s")?,
    })
}

/// Writes all images as a fixture, one a line.
pub(crate) fn write_fixture(data: &DataSet, to: &mut impl std::io::Write) -> Result<()> {
    let mut line = String::new();
    for idx in 0..data.n_images {
        line.clear();
        line.push_str(if idx == 0 {
            "{\"CustomImages\":[\n"
        } else {
            ",\n"
        });
        document::write_json(&data.image(idx), &mut line);
        to.write_all(line.as_bytes())?;
    }
    Ok(to.write_all(b"\n]}\n")?)
}
