//! The pages of the documentation: their links lead somewhere, and nothing is said twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use swas_emulator::Emulator;

const README_LINES_MAX: usize = 200;

/// Longest sentence, in words, that two pages may share.
const SHARED_WORDS_MAX: usize = 8;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends so.
fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

/// The pages by their path in the project.
fn pages() -> BTreeMap<String, String> {
    let mut found = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    files(&root().join("docs"), ".md", &mut found);
    found.push(root().join("tests/clients/README.md"));
    let page = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(page).collect()
}

/// The lines of a page outside its code blocks.
fn prose(page: &str) -> Vec<&str> {
    let mut is_code = false;
    let is_prose = |line: &&str| {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            return false;
        }
        !is_code
    };
    page.lines().filter(is_prose).collect()
}

/// A line without its code spans, which may look like links.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The targets of the links of a page: `[text](target)`.
fn links(page: &str) -> Vec<String> {
    let text = prose(page).join("\n");
    let text = without_code(&text);
    let targets = text.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// The anchors of a page, made as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for line in prose(page) {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let anchor = anchor(title.trim());
        let count = counts.entry(anchor.clone()).or_default();
        anchors.insert(match *count {
            0 => anchor,
            n => format!("{anchor}-{n}"),
        });
        *count += 1;
    }
    anchors
}

/// The anchor of a heading: small letters, hyphens for blanks, nothing for other signs.
fn anchor(title: &str) -> String {
    let title = shown_text(title).to_lowercase();
    let signs = title.chars().filter_map(|sign| match sign {
        ' ' => Some('-'),
        '-' | '_' => Some(sign),
        _ => sign.is_alphanumeric().then_some(sign),
    });
    signs.collect()
}

/// A text with the text of its links in their place: `[text](target)` is `text`.
fn shown_text(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        let (before, text) = before.rsplit_once('[').unwrap_or((before, ""));
        shown.push_str(before);
        shown.push_str(text);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    shown + rest
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let pages = pages();
    let mut broken = Vec::new();
    for (name, page) in &pages {
        for link in links(page) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                PathBuf::from(name)
            } else {
                plain(&Path::new(name).parent().unwrap().join(file))
            };
            let target_name = target.display().to_string();
            let is_there = root().join(&target).exists();
            let has_anchor = anchor.is_empty()
                || pages
                    .get(&target_name)
                    .is_some_and(|page| anchors(page).contains(anchor));
            if !(is_there && has_anchor) {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "broken links: {broken:#?}");
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let pages = pages();
    let mut reached = BTreeSet::new();
    let mut waiting = vec!["README.md".to_owned()];
    while let Some(name) = waiting.pop() {
        let Some(page) = pages.get(&name) else {
            continue;
        };
        if reached.insert(name.clone()) {
            let folder = Path::new(&name).parent().unwrap();
            let targets = links(page).into_iter().map(|link| {
                let file = link.split('#').next().unwrap().to_owned();
                plain(&folder.join(file)).display().to_string()
            });
            waiting.extend(targets);
        }
    }
    let all: BTreeSet<String> = pages.into_keys().collect();
    assert_eq!(reached, all);
}

#[test]
fn the_readme_is_short() {
    let n_lines = pages()["README.md"].lines().count();
    assert!(
        n_lines <= README_LINES_MAX,
        "the README has {n_lines} lines"
    );
}

#[test]
fn sources_name_only_pages_that_exist() {
    let mut found = Vec::new();
    for folder in ["src", "benches", "examples", "tests/it"] {
        files(&root().join(folder), ".rs", &mut found);
    }
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        for rest in text.split("docs/").skip(1) {
            let is_name = |sign: char| sign.is_ascii_alphanumeric() || "-_/.".contains(sign);
            let end = rest.find(|sign| !is_name(sign)).unwrap_or(rest.len());
            let Some((name, _)) = rest[..end].split_once(".md") else {
                continue;
            };
            let name = format!("docs/{name}.md");
            let is_there = root().join(&name).exists();
            assert!(is_there, "{}: no {name}", path.display());
        }
    }
}

/// The sentences of a page: of its paragraphs, list entries and cells of tables.
fn sentences(page: &str) -> Vec<String> {
    let mut blocks: Vec<String> = vec![String::new()];
    for line in prose(page) {
        let text = line.trim();
        if text.starts_with('|') {
            blocks.extend(text.split('|').map(str::to_owned));
            blocks.push(String::new());
        } else if text.is_empty() || text.starts_with('#') {
            blocks.push(String::new());
        } else {
            if text.starts_with("- ") {
                blocks.push(String::new());
            }
            let last = blocks.last_mut().unwrap();
            last.push_str(text);
            last.push(' ');
        }
    }
    let sentences = blocks.iter().flat_map(|block| {
        let text = shown_text(block).replace("? ", ". ").replace("! ", ". ");
        text.split(". ").map(alike).collect::<Vec<_>>()
    });
    let is_long = |sentence: &String| sentence.split(' ').count() > SHARED_WORDS_MAX;
    sentences.filter(is_long).collect()
}

/// A sentence without what makes no other one of it: capitals, marks, blanks.
fn alike(sentence: &str) -> String {
    let letters = sentence.to_lowercase();
    let letters = letters.replace(['*', '`', '.', ','], "");
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn no_long_sentence_stands_on_two_pages() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, page) in pages() {
        for sentence in sentences(&page) {
            places.entry(sentence).or_default().insert(name.clone());
        }
    }
    places.retain(|_, names| names.len() > 1);
    assert!(places.is_empty(), "said more than once: {places:#?}");
}

#[tokio::test]
async fn the_readme_lists_the_actions_that_are_emulated() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!(
        "{}/?Action=RebootInstance&Version=2020-06-01",
        emulator.endpoint()
    );
    let answer = client.get(url).send().await.unwrap().text().await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let (_, names) = answer["Message"]
        .as_str()
        .unwrap()
        .split_once(" answers ")
        .unwrap();
    let words = names.split([' ', ',', '.']);
    let emulated: BTreeSet<&str> = words.filter(|word| word.len() > 3).collect();

    let pages = pages();
    let (_, section) = pages["README.md"]
        .split_once("\n## Emulated actions\n")
        .unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|row| row.strip_prefix("| `"));
    let listed: BTreeSet<&str> = rows.map(|row| row.split_once('`').unwrap().0).collect();
    assert_eq!(listed, emulated);
}

#[test]
fn links_anchors_and_sentences_are_read_as_github_reads_them() {
    let page = "\
# One `a-b` and _c_!

See [this](x.md#y), `[not](this.md)` and [that][].

```sh
# no heading
[no](link.md)
```
## Twice
## Twice
";
    assert_eq!(links(page), ["x.md#y"]);
    let expected = ["one-a-b-and-_c_", "twice", "twice-1"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
    assert_eq!(plain(Path::new("x/y/../a.md")), Path::new("x/a.md"));
    let page = "A sentence of **more** than eight words stands [here](x.md), twice. Short one.\n\
                | a | a sentence of more than eight words stands here twice |\n";
    let expected = "a sentence of more than eight words stands here twice";
    assert_eq!(sentences(page), [expected, expected]);
}
