//! What the documentation shows is what happens: its calls are repeated, its answers compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use swas_emulator::internals::Timestamp;
use swas_emulator::{Emulator, EmulatorBuilder, Fixture};

use crate::control::openapi::assert_documented;

const README: &str = include_str!("../../../README.md");
const OVERVIEW: &str = include_str!("../../../docs/control/README.md");
const STATE: &str = include_str!("../../../docs/control/state.md");
const FAULTS: &str = include_str!("../../../docs/control/faults.md");
const JOURNAL: &str = include_str!("../../../docs/control/journal.md");
const EXPLAIN: &str = include_str!("../../../docs/control/explain.md");

/// What a page writes for what it leaves out.
const LEFT_OUT: &str = "…";

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

/// Each `curl` command of a page with the answer that the page shows for it: the block after it, or
/// the lines after `$ curl …` in the same block.
fn examples(page: &str) -> Vec<(&str, &str)> {
    let blocks = blocks(page);
    let mut examples = Vec::new();
    for (idx, (language, text)) in blocks.iter().enumerate() {
        match *language {
            "sh" if text.starts_with("curl ") && !text.contains('\n') => {
                let next = blocks
                    .get(idx + 1)
                    .map(|(language, text)| (*language, *text));
                if let Some(("json" | "text", answer)) = next
                    && !answer.starts_with("$ ")
                {
                    examples.push((*text, answer));
                }
            }
            // `-N` reads an answer that does not end.
            "text" if text.starts_with("$ curl ") && !text.contains("curl -N") => {
                let (line, answer) = text.split_once('\n').unwrap();
                examples.push((line.trim_start_matches("$ "), answer));
            }
            _ => {}
        }
    }
    examples
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

/// A `curl` command line, read.
#[derive(Debug, Default)]
struct Request {
    method: String,
    path: String,
    body: String,
    header: Option<(String, String)>,
}

impl Request {
    fn parse(line: &str) -> Self {
        let mut request = Self {
            method: "GET".to_owned(),
            ..Self::default()
        };
        let mut words = words(line).into_iter().skip(1);
        while let Some(word) = words.next() {
            match &*word {
                "-X" => request.method = words.next().unwrap(),
                "-d" => request.body = words.next().unwrap(),
                "-H" => {
                    let header = words.next().unwrap();
                    let (name, value) = header.split_once(": ").unwrap();
                    request.header = Some((name.to_owned(), value.to_owned()));
                }
                url => {
                    let path = url.strip_prefix("http://127.0.0.1:8808");
                    path.unwrap_or_else(|| panic!("what is {url}?"))
                        .clone_into(&mut request.path);
                }
            }
        }
        request
    }

    /// Sends it and gives the answer's body; JSON of the control API is held to the document.
    async fn send(&self, endpoint: &str) -> String {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let method = self.method.parse().unwrap();
        let mut request = client.request(method, format!("{endpoint}{}", self.path));
        request = request.header("user-agent", "curl/8.5.0");
        if let Some((name, value)) = &self.header {
            request = request.header(name, value);
        }
        let response = request.body(self.body.clone()).send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        if self.path.starts_with("/_emulator/")
            && self.header.is_none()
            && let Ok(json) = serde_json::from_str(&body)
        {
            assert_documented(&self.method, &self.path, status, &json);
        }
        body.replace(endpoint, "http://127.0.0.1:8808")
    }
}

/// Removes what differs in every run: how long it ran, and how SQLite lays pages out.
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

/// Asserts that an answer is the shown one, `"…"` standing for anything.
fn assert_shown(answer: &Value, shown: &Value, line: &str) {
    match (answer, shown) {
        (_, Value::String(text)) if text == LEFT_OUT => {}
        (Value::String(answer), Value::String(shown)) if shown.contains(LEFT_OUT) => {
            assert_pieces(answer, shown, line);
        }
        (Value::Object(answer), Value::Object(shown)) => {
            let keys = |object: &serde_json::Map<String, Value>| {
                object.keys().cloned().collect::<Vec<String>>()
            };
            assert_eq!(keys(answer), keys(shown), "{line}");
            for (key, shown) in shown {
                assert_shown(&answer[key], shown, line);
            }
        }
        (Value::Array(answer), Value::Array(shown)) => {
            let is_open = shown.last().is_some_and(|last| *last == LEFT_OUT);
            let n_shown = shown.len() - usize::from(is_open);
            assert!(answer.len() >= n_shown, "{line}: {answer:?}");
            assert!(is_open || answer.len() == n_shown, "{line}: {answer:?}");
            for (answer, shown) in answer.iter().zip(&shown[..n_shown]) {
                assert_shown(answer, shown, line);
            }
        }
        _ => assert_eq!(answer, shown, "{line}"),
    }
}

/// Asserts that the pieces of a text that leaves parts out occur in an answer, in this order.
fn assert_pieces(answer: &str, shown: &str, line: &str) {
    let mut rest = answer;
    for piece in shown.split(['\n', '…']).map(str::trim) {
        let found = rest.split_once(piece);
        rest = found
            .unwrap_or_else(|| panic!("{line}: no {piece:?} in {answer}"))
            .1;
    }
}

/// Repeats each call of the pages, in order, and compares the answers.
async fn repeat(pages: &[&str], builder: EmulatorBuilder) {
    let emulator = builder.start().await.unwrap();
    let mut n_examples = 0;
    for (line, shown) in pages.iter().flat_map(|page| examples(page)) {
        let answer = Request::parse(line).send(&emulator.endpoint()).await;
        if let Ok(shown) = serde_json::from_str(shown) {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_shown(&settled(answer), &settled(shown), line);
        } else {
            assert_pieces(&answer, shown, line);
        }
        n_examples += 1;
    }
    assert!(n_examples > 0, "no example was found");
}

/// An emulator with the settings that the pages name.
fn steady() -> EmulatorBuilder {
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    Emulator::builder().isolate().clock(start).rng_seed(7)
}

#[tokio::test]
async fn the_answers_on_the_page_on_state_are_real() {
    let mut blocks = blocks(STATE).into_iter();
    let seed = blocks.find(|(language, _)| *language == "json").unwrap().1;
    let builder = steady().fixture(Fixture::from_json("two.json", seed));
    repeat(&[OVERVIEW, STATE], builder).await;
}

#[tokio::test]
async fn the_answers_on_the_page_on_faults_are_real() {
    repeat(&[FAULTS], steady()).await;
}

#[tokio::test]
async fn the_answers_on_the_page_on_the_journal_are_real() {
    repeat(&[JOURNAL], steady()).await;
}

#[tokio::test]
async fn the_answers_in_the_readme_and_on_the_page_on_explanations_are_real() {
    repeat(&[README, EXPLAIN], Emulator::builder()).await;
}

/// Routes without an example: their answers do not end, are too long, or need a request's ID.
const WITHOUT_EXAMPLE: [&str; 4] = [
    "/_emulator/openapi.json",
    "/_emulator/requests/stream",
    "/_emulator/requests/{requestId}",
    "/_emulator/requests/{requestId}/explain",
];

#[test]
fn every_route_is_in_the_table_of_routes_and_has_an_example() {
    let (_, table) = OVERVIEW.split_once("\n## Routes\n").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let pages = [OVERVIEW, STATE, FAULTS, JOURNAL, EXPLAIN];
    let examples: Vec<Request> = pages
        .iter()
        .flat_map(|page| examples(page))
        .map(|(line, _)| Request::parse(line))
        .collect();
    for route in &swas_emulator::internals::ROUTES {
        let (method, path) = (route.method.as_str(), route.path);
        let is_listed = table
            .lines()
            .any(|row| row.contains(&format!(" {path}`")) && row.contains(&format!("`{method}")));
        assert!(is_listed, "{method} {path} is not in the table");
        let is_shown = examples.iter().any(|request| {
            let shown = request.path.split('?').next().unwrap();
            let is_path = match path.split_once('{') {
                Some((prefix, _)) => shown.starts_with(prefix) && shown.len() > prefix.len(),
                None => shown == path,
            };
            request.method == method && is_path
        });
        let needs_none = WITHOUT_EXAMPLE.contains(&path);
        assert!(is_shown || needs_none, "{method} {path} has no example");
    }
}

/// The codes that a source gives its errors: `409, "NotIsolated"`.
fn codes(source: &str) -> BTreeSet<&str> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let texts: Vec<&str> = source.split('"').collect();
    texts
        .windows(2)
        .filter(|pair| {
            let before = pair[0].trim_end().strip_suffix(',').unwrap_or_default();
            let number = before.rsplit([' ', '(', '\n']).next().unwrap_or_default();
            number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())
        })
        .map(|pair| pair[1])
        .collect()
}

#[test]
fn every_error_code_is_in_the_documentation() {
    let mut n_codes = 0;
    for folder in ["src/control", "src/server"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            for code in codes(&fs::read_to_string(&path).unwrap()) {
                let is_shown = OVERVIEW.contains(&format!("`{code}`"));
                assert!(is_shown, "{}: {code} is not on the page", path.display());
                n_codes += 1;
            }
        }
    }
    assert!(n_codes > 20, "only {n_codes} codes were found");
}

#[test]
fn the_documentation_shows_the_python_program_that_is_run() {
    let program = include_str!("../../clients/python/test_own_world.py");
    let blocks = blocks(OVERVIEW);
    let shown = blocks.iter().find(|(language, _)| *language == "python");
    let shown = shown.expect("a program in Python").1;
    assert!(program.contains(shown), "the page and the file differ");
    assert!(shown.lines().count() > 20, "too little is shown");
}
