//! `check-fixture`: checks fixtures as a start does, without starting.

use std::process::ExitCode;

use crate::cli::args::CheckFixtureArgs;
use crate::cli::{exit, fail, print_stderr};
use crate::emulator::{StartError, check_fixtures};
use crate::fixture::Fixture;

pub(super) fn run(args: &CheckFixtureArgs) -> ExitCode {
    match check(args) {
        Ok((n_fixtures, n_images)) => {
            let plural = |n: usize| if n == 1 { "" } else { "s" };
            print_stderr(&format!(
                "{n_fixtures} fixture{} with {n_images} image{}: no rule is broken",
                plural(n_fixtures),
                plural(n_images),
            ));
            ExitCode::SUCCESS
        }
        Err(error) => fail(exit::code(&error), &error.into()),
    }
}

fn check(args: &CheckFixtureArgs) -> Result<(usize, usize), StartError> {
    let mut fixtures = Vec::new();
    for path in &args.fixtures {
        fixtures.extend(Fixture::from_path(path)?);
    }
    let n_images = check_fixtures(&fixtures, &args.region.region)?;
    Ok((fixtures.len(), n_images))
}
