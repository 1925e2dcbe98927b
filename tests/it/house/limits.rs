//! `docs/limits.md` is made from `src/base/limits/`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::test_names::tests;

const SOURCES: &str = concat!(
    include_str!("../../../src/base/limits/vendor.rs"),
    include_str!("../../../src/base/limits/mod.rs"),
    include_str!("../../../src/base/limits/log.rs"),
    include_str!("../../../src/base/limits/connections.rs"),
);

/// With this variable set, the test writes the page instead of failing.
const WRITE: &str = "SWAS_EMULATOR_WRITE_DOCS";

const HEAD: &str = "# Limits

Everything that a client can make grow or take: its limit, what happens past it, and the test that reaches it. A path with `tests` in it is
a unit test; any other stands in `tests/it`. A default has neither. A test makes this page from `src/base/limits/`; to change it, change
the source and run `SWAS_EMULATOR_WRITE_DOCS=1 cargo test --test it house::limits`. [Flags](command-line.md) change the defaults among them.
";

/// One constant of the source.
#[derive(Debug, Default, PartialEq, Eq)]
struct Limit {
    name: String,
    value: String,
    meaning: String,
    source: Option<String>,
    /// What happens to whoever goes past it.
    past: Option<String>,
    /// The tests that reach it, with backticks and commas.
    tests: Option<String>,
}

impl Limit {
    /// Whether a client, or the user, can go past it; a default is no bound.
    fn is_bound(&self) -> bool {
        self.name.ends_with("_MAX") || self.name.ends_with("_MIN")
    }
}

/// The constants of the source, in order, each with its doc comment.
fn limits(source: &str) -> Vec<Limit> {
    let mut limits = Vec::new();
    let mut docs = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push_str(doc.trim());
            docs.push('\n');
        } else if let Some((_, constant)) = line.split_once("const ") {
            let mut constant = constant.to_owned();
            while !constant.ends_with(';') {
                constant.push_str(lines.next().unwrap().trim());
            }
            limits.push(limit(&constant, &docs));
            docs.clear();
        } else if line.is_empty() {
            docs.clear();
        }
    }
    limits
}

/// Reads `NAME: TYPE = VALUE;` and the doc comment above it.
fn limit(constant: &str, docs: &str) -> Limit {
    let (name, rest) = constant.split_once(':').unwrap();
    let (_, value) = rest.split_once('=').unwrap();
    let (mut source, mut past, mut tests, mut meaning) = (None, None, None, Vec::new());
    for paragraph in docs.split("\n\n") {
        // A link to an item of the code is only its name here.
        let text = paragraph.replace("[`", "`").replace("`]", "`");
        let text = text.replace('\n', " ").trim().to_owned();
        if let Some(text) = text.strip_prefix("Source: ") {
            source = Some(capitalized(text));
        } else if let Some(text) = text.strip_prefix("Past it: ") {
            past = Some(capitalized(text));
        } else if let Some(text) = text.strip_prefix("Test: ") {
            tests = Some(text.trim_end_matches('.').to_owned());
        } else {
            meaning.push(text);
        }
    }
    Limit {
        name: name.to_owned(),
        value: shown(name, value.trim_matches([' ', ';'])),
        meaning: meaning.join(" "),
        source,
        past,
        tests,
    }
}

fn capitalized(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}

/// A value with its unit, which the type or the name says.
fn shown(name: &str, value: &str) -> String {
    if let Some(duration) = value.strip_prefix("Duration::from_") {
        let (unit, number) = duration.trim_end_matches(')').split_once('(').unwrap();
        let unit = match unit {
            "millis" => "ms",
            "secs" => "s",
            "mins" => "min",
            "hours" => "h",
            other => panic!("{name}: what is {other}?"),
        };
        return format!(
            "{} {unit}",
            grouped(number.replace('_', "").parse().unwrap())
        );
    }
    let number = computed(value);
    let plain = grouped(number);
    let subject = ["_MAX", "_MIN", "_DEFAULT"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name)
        .to_lowercase()
        .replace('_', " ");
    let words: Vec<&str> = subject.split(' ').collect();
    match *words.as_slice() {
        [.., "kib"] => format!("{plain} KiB"),
        [.., "chars"] => format!("{plain} characters"),
        ["page", "size"] => format!("{plain} image{}", if number == 1 { "" } else { "s" }),
        _ if words.contains(&"bytes") && number.is_multiple_of(1 << 20) => {
            format!("{} MiB", grouped(number >> 20))
        }
        _ if words.contains(&"bytes") && number.is_multiple_of(1 << 10) => {
            format!("{} KiB", grouped(number >> 10))
        }
        _ if words.contains(&"bytes") => format!("{plain} bytes"),
        [.., last] if last.ends_with('s') => format!("{plain} {subject}"),
        _ => plain,
    }
}

/// The value of a number such as `1_000`, `64 << 10` or `24 * 60`.
fn computed(value: &str) -> u64 {
    if let Some((number, shift)) = value.split_once("<<") {
        return computed(number) << computed(shift);
    }
    let factors = value.split('*');
    factors
        .map(|factor| factor.trim().replace('_', "").parse::<u64>().unwrap())
        .product()
}

/// A number with commas between the thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| str::from_utf8(group).unwrap())
        .collect();
    groups.join(",")
}

fn page(limits: &[Limit]) -> String {
    let mut page = HEAD.to_owned();
    let is_documented = |limit: &&Limit| {
        let source = limit.source.as_deref();
        source.is_some_and(|source| !source.starts_with("Our reading"))
    };
    let (vendors, own): (Vec<_>, Vec<_>) = limits.iter().partition(is_documented);
    page.push_str("\n## From the vendor's documentation\n\n");
    page.push_str("| limit | value | meaning | source | past it | test |\n");
    page.push_str("|---|---|---|---|---|---|\n");
    for limit in vendors {
        let source = limit.source.as_deref().unwrap_or_default();
        writeln!(page, "{} {source} |{}", head(limit, ""), tail(limit)).unwrap();
    }
    page.push_str("\n## Chosen by the emulator\n\n");
    page.push_str("| limit | value | meaning | past it | test |\n|---|---|---|---|---|\n");
    for limit in own {
        let source = limit.source.iter().map(|source| format!(" {source}"));
        let row = head(limit, &source.collect::<String>());
        writeln!(page, "{row}{}", tail(limit)).unwrap();
    }
    page
}

/// The first cells of a row.
fn head(limit: &Limit, more: &str) -> String {
    let Limit {
        name,
        value,
        meaning,
        ..
    } = limit;
    format!("| `{name}` | {value} | {meaning}{more} |")
}

/// The last cells of a row.
fn tail(limit: &Limit) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    format!(" {} | {} |", text(&limit.past), text(&limit.tests))
}

#[test]
fn every_limit_says_what_happens_past_it_and_names_a_test_that_is_there() {
    let known = tests();
    for limit in limits(SOURCES) {
        let name = &limit.name;
        let is_told = limit.past.is_some() && limit.tests.is_some();
        assert_eq!(
            limit.is_bound(),
            is_told,
            "{name}: a bound has the paragraphs `Past it:` and `Test:`, a default has none"
        );
        for test in limit.tests.iter().flat_map(|tests| tests.split(", ")) {
            let path = test.trim_matches('`');
            assert!(known.contains(path), "{name}: there is no test `{path}`");
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable is the developer's wish, not the emulator's setting"
)]
fn the_page_of_limits_is_made_from_the_source() {
    let limits = limits(SOURCES);
    assert_eq!(limits.len(), SOURCES.matches(" const ").count());
    let right = page(&limits);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    if std::env::var_os(WRITE).is_some() {
        fs::write(path, right).unwrap();
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == right,
        "docs/limits.md is out of date; {WRITE}=1 writes it. It must be:\n{right}"
    );
}

#[test]
fn a_limit_is_read_with_value_unit_meaning_and_source() {
    let source = "\
/// Longest wait, of a [`Client`].
///
/// It is long.
///
/// Source: our reading; nothing
/// is documented.
///
/// Past it: nothing
/// is answered.
///
/// Test: `a::b`, `c`.
#[cfg(feature = \"cli\")]
pub(crate) const WAIT_TIME_MAX: Duration =
    Duration::from_mins(5);

/// Rows.
pub(crate) const SMALL_ROWS_MAX: usize = 10_000;
";
    let some = |text: &str| Some(text.to_owned());
    let expected = [
        Limit {
            name: "WAIT_TIME_MAX".to_owned(),
            value: "5 min".to_owned(),
            meaning: "Longest wait, of a `Client`. It is long.".to_owned(),
            source: some("Our reading; nothing is documented."),
            past: some("Nothing is answered."),
            tests: some("`a::b`, `c`"),
        },
        Limit {
            name: "SMALL_ROWS_MAX".to_owned(),
            value: "10,000 small rows".to_owned(),
            meaning: "Rows.".to_owned(),
            ..Limit::default()
        },
    ];
    assert_eq!(limits(source), expected);
    assert_eq!(shown("BODY_BYTES_MAX", "32 << 20"), "32 MiB");
    assert_eq!(shown("BODY_BYTES_MAX", "2 * 1_024"), "2 KiB");
    assert_eq!(shown("BODY_BYTES_MAX", "1_000"), "1,000 bytes");
    assert_eq!(shown("NAME_CHARS_MAX", "64"), "64 characters");
    assert_eq!(shown("PAGE_SIZE_MAX", "100"), "100 images");
}
