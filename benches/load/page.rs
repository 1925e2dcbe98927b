//! The page of the documentation whose tables a run writes.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::report::Section;

/// Replaces the region of each section in `docs/performance.md`; the prose stays.
pub(crate) fn write(sections: &[Section]) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let mut page = fs::read_to_string(&path).context("docs/performance.md")?;
    for section in sections {
        match replaced(&page, section) {
            Some(new) => page = new,
            None => eprintln!("docs/performance.md has no region for {}", section.name),
        }
    }
    fs::write(&path, page)?;
    Ok(())
}

/// The page with what stands between `<!-- load:NAME -->` and `<!-- /load -->` replaced.
fn replaced(page: &str, section: &Section) -> Option<String> {
    let begin = format!("<!-- load:{} -->\n", section.name);
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once("<!-- /load -->")?;
    Some(format!(
        "{before}{begin}\n{}\n<!-- /load -->{after}",
        section.text
    ))
}
