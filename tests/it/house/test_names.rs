//! The names of all tests, for pages and comments that name one.

use std::collections::BTreeSet;
use std::path::Path;

use super::collect;

/// Every test, with its path as `cargo test` shows it.
pub(super) fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut of_src, mut of_it) = (Vec::new(), Vec::new());
    collect(&root.join("src"), "", &mut of_src);
    collect(&root.join("tests/it"), "", &mut of_it);
    let unit = of_src.iter().map(|(path, text)| {
        let module = module(path);
        let is_inner = !module.ends_with("tests");
        let inner = if is_inner { "::tests" } else { "" };
        (module + inner, text)
    });
    let integration = of_it.iter().map(|(path, text)| (module(path), text));
    let all = unit.chain(integration);
    all.flat_map(|(module, text)| {
        let names = test_names(text);
        names.map(move |name| format!("{module}::{name}"))
    })
    .collect()
}

/// The module of a file: `store/rows.rs` and `store/rows/mod.rs` are `store::rows`.
fn module(path: &str) -> String {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.replace('/', "::")
}

/// The functions of a file that have one of the attributes of a test.
fn test_names(text: &str) -> impl Iterator<Item = &str> {
    const ATTRIBUTES: [&str; 3] = ["#[test]", "#[tokio::test", "#[rstest]"];
    let mut is_test = false;
    text.lines().filter_map(move |line| {
        let line = line.trim_start();
        is_test |= ATTRIBUTES.iter().any(|start| line.starts_with(start));
        let line = line.trim_start_matches("async ");
        let name = line.strip_prefix("fn ")?.split(['(', '<']).next();
        name.filter(|_| std::mem::take(&mut is_test))
    })
}

#[test]
fn this_test_is_found_and_no_other_function_is() {
    let tests = tests();
    assert!(tests.contains("house::test_names::this_test_is_found_and_no_other_function_is"));
    assert!(tests.contains("base::similar::tests::a_name_far_from_all_finds_none"));
    assert!(!tests.contains("house::test_names::module"));
}
