//! The rules of the project that no compiler checks.

use std::fs;
use std::path::Path;

mod actions;
mod architecture;
mod circles;
mod docs;
mod imports;
mod limits;
mod test_names;
mod tokens;

/// Every source file: its path under `src`, such as `store/write.rs`, and its text.
fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&folder, "", &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, above: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{above}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}
