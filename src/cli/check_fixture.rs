//! `check-fixture`: checks fixtures as a start does, without starting.

use crate::cli::args::{CheckFixtureArgs, fixtures};
use crate::cli::print_stderr;
use crate::emulator::check_fixtures;

pub(super) fn run(args: &CheckFixtureArgs) -> anyhow::Result<()> {
    let fixtures = fixtures(&args.fixtures)?;
    let n_images = check_fixtures(&fixtures, &args.region.region)?;
    let counted = |n: usize, noun| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    print_stderr(&format!(
        "{} with {}: no rule is broken",
        counted(fixtures.len(), "fixture"),
        counted(n_images, "image"),
    ));
    Ok(())
}
