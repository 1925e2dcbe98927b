//! `generate-fixture`: plausible images by the thousand, as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use anyhow::Context as _;

use crate::cli::args::GenerateFixtureArgs;
use crate::emulator::parse_regions;
use crate::resources::{Image, RegionId, document, generate_images};

pub(super) fn run(args: &GenerateFixtureArgs) -> anyhow::Result<()> {
    let known = parse_regions(&args.region)?;
    let regions = args.region.iter().map(|id| known.parse(id));
    let regions: Vec<RegionId> = regions
        .collect::<Result<_, _>>()
        .map_err(anyhow::Error::msg)?;
    let images = generate_images(args.count, args.rng_seed, &regions);
    match &args.output {
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("cannot write to `{}`", path.display()))?;
            write(BufWriter::new(file), images)?;
        }
        None => write(BufWriter::new(io::stdout().lock()), images)?,
    }
    Ok(())
}

/// Writes a fixture, one image a line, so that memory use does not depend on their number.
fn write(mut output: impl Write, images: impl Iterator<Item = Image>) -> io::Result<()> {
    write!(output, "{{\"CustomImages\": [")?;
    for (idx, image) in images.enumerate() {
        let separator = if idx == 0 { "\n" } else { ",\n" };
        write!(output, "{separator}{}", document(&image))?;
    }
    writeln!(output, "\n]}}")?;
    output.flush()
}
