//! What the documentation shows is what happens: its answers are repeated, its programs are run.

use serde_json::Value;
use swas_emulator::{Emulator, Fixture, Timestamp};

use crate::control::support::World;

const CONTROL_API: &str = include_str!("../../../docs/control-api.md");

/// The page on the faults, the journal and the explanations; its answers are not repeated here.
const FAULTS_AND_JOURNAL: &str = include_str!("../../../docs/faults-and-journal.md");
const README: &str = include_str!("../../../README.md");

/// The code blocks of a page, in order: the language and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').unwrap();
        let (text, after) = after.split_once("\n```").unwrap_or((after, ""));
        blocks.push((language, text));
        rest = after;
    }
    blocks
}

/// The words of a command line with single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (idx, part) in line.split('\'').enumerate() {
        if idx % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Method, path and body of a `curl` command line.
fn request(line: &str) -> (String, String, String) {
    let (mut method, mut path, mut body) = ("GET".to_owned(), String::new(), String::new());
    let mut words = words(line).into_iter().skip(1);
    while let Some(word) = words.next() {
        match &*word {
            "-X" => method = words.next().unwrap(),
            "-d" => body = words.next().unwrap(),
            url => url
                .strip_prefix("http://127.0.0.1:8808")
                .unwrap_or_else(|| panic!("what is {url}?"))
                .clone_into(&mut path),
        }
    }
    (method, path, body)
}

/// Takes out what is another thing in every run: how long it ran, and how SQLite lays pages out.
fn settled(mut answer: Value) -> Value {
    if let Some(uptime) = answer.get_mut("uptimeSeconds") {
        assert!(uptime.is_f64());
        *uptime = Value::Null;
    }
    for summary in answer["sandboxes"].as_array_mut().into_iter().flatten() {
        summary["bytes"] = Value::from(summary["bytes"].as_u64() > Some(0));
    }
    answer
}

#[tokio::test]
async fn every_answer_in_the_documentation_is_what_the_emulator_answers() {
    let blocks = blocks(CONTROL_API);
    let seed = blocks
        .iter()
        .find(|(language, _)| *language == "json")
        .unwrap()
        .1;
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let builder = Emulator::builder()
        .isolate()
        .fixture(Fixture::from_json("two.json", seed))
        .clock(start)
        .rng_seed(7);
    let world = World::start(builder).await;
    let own = format!("http://{}", world.emulator().address());
    let mut shown = std::collections::BTreeSet::new();
    for pair in blocks.windows(2) {
        let [("sh", line), ("json", expected)] = pair else {
            continue;
        };
        if !line.starts_with("curl ") {
            continue;
        }
        let (method, path, body) = request(line);
        let reply = world.control(&method, &path, &body).await;
        let answer = reply.body.replace(&own, "http://127.0.0.1:8808");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(settled(answer), settled(expected), "{line}");
        let path = path.split('?').next().unwrap().to_owned();
        shown.insert((method, path));
    }
    // Each route stands on the page, all but one with an answer.
    for route in &swas_emulator::internals::ROUTES {
        let prefix = route.path.split('{').next().unwrap();
        let is_shown = shown.iter().any(|(method, path)| {
            let has_name = path.len() > prefix.len() && path.starts_with(prefix);
            method == route.method.as_str()
                && if route.path.contains('{') {
                    has_name
                } else {
                    path == prefix
                }
        });
        let line = format!("{} {}", route.method, route.path);
        let is_told = FAULTS_AND_JOURNAL.contains(route.path);
        assert!(
            is_shown || is_told || route.path.ends_with("openapi.json"),
            "{line}"
        );
    }
    assert!(CONTROL_API.contains("GET /_emulator/openapi.json"));
}

#[test]
fn every_error_code_is_in_the_documentation() {
    let sources = [
        include_str!("../../../src/control/error.rs"),
        include_str!("../../../src/control/sandboxes.rs"),
        include_str!("../../../src/server/control.rs"),
        include_str!("../../../src/server/guard.rs"),
    ];
    let mut codes = std::collections::BTreeSet::new();
    for source in sources {
        let source = source.split("#[cfg(test)]").next().unwrap();
        // A code is a text of one word in capitals and small letters: `"UnknownImage"`.
        let texts = source.split('"').skip(1).step_by(2);
        codes.extend(texts.filter(|text| {
            let n_capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
            text.starts_with(|first: char| first.is_ascii_uppercase())
                && text.bytes().all(|byte| byte.is_ascii_alphabetic())
                && (2..text.len()).contains(&n_capitals)
                && *text != "CustomImages"
        }));
    }
    assert!(codes.len() > 15, "only {codes:?} were found");
    for code in codes {
        assert!(
            CONTROL_API.contains(&format!("`{code}`")),
            "{code} is not on the page"
        );
    }
}

#[test]
fn the_readme_shows_the_programs_that_are_run() {
    let (_, section) = README
        .split_once("\n## Give each test its own world\n")
        .unwrap();
    let section = section.split("\n## ").next().unwrap();
    for (language, program) in [
        (
            "python",
            include_str!("../../clients/python/test_own_world.py"),
        ),
        ("rust", include_str!("../../../examples/sandboxes.rs")),
    ] {
        let blocks = blocks(section);
        let shown = blocks.iter().find(|(found, _)| *found == language);
        let shown = shown.unwrap_or_else(|| panic!("no {language}")).1;
        assert!(
            program.contains(shown),
            "{language}: README and file differ"
        );
        assert!(
            shown.lines().count() > 20,
            "{language}: too little is shown"
        );
    }
}
