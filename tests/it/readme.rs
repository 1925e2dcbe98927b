//! The README's code is code that runs elsewhere, word for word.

use std::fs;
use std::path::Path;

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Each code block of a language, without its fences.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    markdown
        .split(&fence)
        .skip(1)
        .map(|rest| format!("{}\n", rest.split("\n```").next().unwrap()))
        .collect()
}

#[test]
fn the_code_of_own_worlds_stands_in_the_readme_word_for_word() {
    let readme = text("README.md");
    let (_, section) = readme
        .split_once("\n## Give each test its own world\n")
        .unwrap();
    let section = section.split("\n## ").next().unwrap();
    for (language, path) in [
        ("python", "tests/clients/python/test_own_world.py"),
        ("rust", "examples/sandboxes.rs"),
    ] {
        assert_eq!(blocks(section, language), [text(path)], "{path}");
    }
}
