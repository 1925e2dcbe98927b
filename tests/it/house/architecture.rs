//! The house rules that no compiler checks: imports go down only, files stay short.

use super::imports::uses;
use super::sources;

/// The floor of each room, as in `docs/architecture.md`; an import must not go up.
const FLOORS: [(&str, u8); 15] = [
    ("main", 9),
    ("cli", 9),
    ("telemetry", 9),
    ("emulator", 8),
    ("server", 7),
    ("control", 6),
    ("actions", 5),
    ("sandbox", 4),
    ("fixture", 3),
    ("faults", 3),
    ("journal", 3),
    ("wire", 2),
    ("store", 2),
    ("resources", 1),
    ("base", 0),
];

fn floor(room: &str) -> Option<u8> {
    FLOORS
        .into_iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| floor)
}

/// The room of a file: the folder, or the name of a file beside the folders.
fn room(path: &str) -> &str {
    let end = path.find(['/', '.']).unwrap();
    &path[..end]
}

/// The rooms that a text names after `crate::`, grouped imports included.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let list = match rest.strip_prefix('{') {
            Some(group) => &group[..group.find("};").unwrap_or(group.len())],
            None => rest,
        };
        let heads = if rest.starts_with('{') {
            list.split(',').collect()
        } else {
            vec![list]
        };
        for head in heads {
            let word: String = head
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            names.push(word);
        }
    }
    names
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        if room == "lib" {
            continue;
        }
        let own = floor(room).unwrap_or_else(|| panic!("room `{room}` has no floor"));
        for name in named(&text) {
            // A name in capitals is an item of the crate's root, such as `VERSION`.
            let Some(floor) = floor(&name) else { continue };
            let is_up = floor > own || (floor == own && name != room && own != 9);
            if is_up {
                wrong.push(format!("{path}: `{room}` uses `{name}`"));
            }
        }
    }
    // `super` leads out of a room too, and no text shows how far.
    let sources = sources();
    let files: Vec<(&str, &str)> = sources
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    for (path, used) in uses(&files) {
        for other in used.keys() {
            let (from, to) = (floor(room(&path)), floor(room(other)));
            if from < to {
                wrong.push(format!("{path} uses {other}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that go up:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_check_of_imports_sees_every_form() {
    let names = named(
        "use crate::store::Store;\nuse crate::{wire::Params, resources};\ncrate::server::x()",
    );
    assert_eq!(names, ["store", "wire", "resources", "server"]);
}

#[test]
fn the_resources_know_neither_http_nor_sql() {
    for (path, text) in sources() {
        if !["resources", "base"].contains(&room(&path)) {
            continue;
        }
        for library in ["axum", "hyper", "http::", "rusqlite", "tokio", "tracing"] {
            assert!(!text.contains(library), "{path} names `{library}`");
        }
    }
}

#[test]
fn a_file_has_at_most_400_lines() {
    for (path, text) in sources() {
        let n_lines = text.lines().count();
        assert!(n_lines <= 400, "{path} has {n_lines} lines");
    }
}
