//! Large fixtures: read as a stream, seeded in one transaction, and given up at once.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rstest::rstest;
use swas_emulator::internals::Store;
use tempfile::TempDir;

use crate::fixtures::{folder, run};
use crate::support::{LIST, Outcome, Process, binary};

/// As many images as take more than 1 MiB, so that they are read from the file.
const N_LARGE: usize = 1_200;

/// An image on two lines, of more than 1,000 bytes.
fn image(id: &str) -> String {
    let description = "x".repeat(1_000);
    format!(
        "{{\"ImageId\": \"{id}\", \"RegionId\": \"cn-hangzhou\",\n\"Name\": \"web\", \"Description\": \
         \"{description}\"}}"
    )
}

/// A list of images with ids from `m-FIRST` on; image N begins on line 2 × N.
fn large(first: usize) -> String {
    let mut text = "[\n".to_owned();
    for id in first..first + N_LARGE {
        let separator = if id == first { "" } else { ",\n" };
        write!(text, "{separator}{}", image(&format!("m-{id}"))).unwrap();
    }
    text + "\n]\n"
}

fn check(folder: &TempDir, files: &[&str]) -> Outcome {
    run(folder.path(), &[&["check-fixture"], files].concat(), "")
}

/// The one line about a fixture that is broken somewhere, from the check and from a start.
///
/// A start has its address by then, since so large a fixture is read once only.
fn message(code: i32, text: &[u8]) -> String {
    let folder = folder(&[]);
    fs::write(folder.path().join("f.json"), text).unwrap();
    let checked = check(&folder, &["f.json"]);
    assert_eq!(checked.code, Some(code), "{checked:?}");
    assert_eq!(checked.stdout, "");
    let start = ["--listen", "127.0.0.1:0", "--fixture", "f.json"];
    let started = run(folder.path(), &start, "");
    assert_eq!(started.code, Some(code), "{started:?}");
    assert!(started.stdout.starts_with("Listening on"), "{started:?}");
    assert_eq!(started.stdout.lines().count(), 1, "{started:?}");
    assert_eq!(started.stderr, checked.stderr);
    let line = checked.stderr.strip_prefix("error: ");
    line.unwrap_or_else(|| panic!("{checked:?}")).to_owned()
}

#[rstest]
#[case::an_image_at_the_end(
    "\"m-1199\", \"RegionId\": \"cn-hangzhou\",\n\"Name\"",
    "\"m-1199\", \"RegionId\": \"cn-hangzhou\",\n\"Nmae\"",
    "line 2401, image 1200 (`m-1199`): unknown field `Nmae`, did you mean `Name`?"
)]
#[case::no_json(
    "\"m-1000\", ",
    "\"m-1000\" ",
    "line 2002, image 1001: no JSON: expected `,` or `}`"
)]
#[case::no_separator(
    ",\n{\"ImageId\": \"m-1000\"",
    "\n{\"ImageId\": \"m-1000\"",
    "line 2002: no JSON: expected `,` or `]`, got `{`"
)]
#[case::more_after_it(
    "\n]\n",
    "\n]\n\n,",
    "line 2404: no JSON: expected the end of the text, got `,`"
)]
fn a_mistake_far_into_a_file_is_told_with_its_own_line(
    #[case] good: &str,
    #[case] bad: &str,
    #[case] expected: &str,
) {
    let text = large(0);
    assert_eq!(text.matches(good).count(), 1);
    let told = message(65, text.replace(good, bad).as_bytes());
    assert_eq!(told, format!("fixture `f.json`, {expected}\n"));
}

#[test]
fn a_file_that_ends_too_early_is_refused() {
    let text = large(0);
    let in_an_image = text.find("\"m-1100\"").unwrap() + 4;
    let told = message(65, &text.as_bytes()[..in_an_image]);
    assert_eq!(
        told,
        "fixture `f.json`, line 2202, image 1101: no JSON: EOF while parsing a string\n"
    );
    let in_the_list = text.len() - "]\n".len();
    let told = message(65, &text.as_bytes()[..in_the_list]);
    assert_eq!(
        told,
        "fixture `f.json`, line 2402: no JSON: expected `,` or `]`, got the end of the text\n"
    );
}

#[test]
fn bytes_that_are_no_utf8_are_told_with_their_line() {
    let mut text = large(0).into_bytes();
    let name = b"\"m-499\", \"RegionId\": \"cn-hangzhou\",\n\"Name\": \"w";
    let at = text.windows(name.len()).position(|bytes| bytes == name);
    // Image 500 begins on line 1000, and its name stands on the next one.
    text[at.unwrap() + name.len()] = 0xE9;
    assert_eq!(
        message(66, &text),
        "cannot read fixture `f.json`: stream did not contain valid UTF-8 (line 1001)\n"
    );
}

#[test]
fn an_image_id_that_stands_twice_is_told_with_both_places() {
    let twice = large(0).replace("\"m-1150\"", "\"m-700\"");
    let folder = folder(&[
        ("a.json", &large(0)),
        ("b.json", &large(N_LARGE - 1)),
        ("c.json", &twice),
    ]);
    let taken = |line: usize, file: &str, position: usize, id: &str, by: &str, first: usize| {
        format!(
            "error: fixture `{file}`, line {line}, image {position} (`{id}`): `ImageId` is already \
             used by fixture `{by}`, image {first}\n"
        )
    };
    let checked = check(&folder, &["c.json"]);
    assert_eq!(checked.code, Some(65));
    let expected = taken(2302, "c.json", 1151, "m-700", "c.json", 701);
    assert_eq!(checked.stderr, expected);
    let checked = check(&folder, &["a.json", "b.json"]);
    assert_eq!(checked.code, Some(65));
    let expected = taken(2, "b.json", 1, "m-1199", "a.json", 1200);
    assert_eq!(checked.stderr, expected);
    // Standard input is read once, and asked for the first place all the same.
    let checked = run(folder.path(), &["check-fixture", "-", "b.json"], &large(0));
    let expected = taken(2, "b.json", 1, "m-1199", "-", 1200);
    assert_eq!(checked.stderr, expected);
    let good = check(&folder, &["a.json"]);
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(good.stderr.contains("1200 images"), "{good:?}");
}

#[rstest]
#[case::the_longest(1 << 20, 0)]
#[case::one_byte_more((1 << 20) + 1, 65)]
#[case::much_more(5 << 20, 65)]
fn an_image_has_a_longest_length(#[case] n_bytes: usize, #[case] code: i32) {
    let head = r#"{"ImageId": "m-2", "RegionId": "cn-hangzhou", "Name": "b", "Description": ""#;
    let rest = "x".repeat(n_bytes - head.len() - 2);
    let folder = folder(&[("f.json", &format!("[{},\n{head}{rest}\"}}]", image("m-1")))]);
    let checked = check(&folder, &["f.json"]);
    assert_eq!(checked.code, Some(code), "{}", checked.stderr);
    if code != 0 {
        assert_eq!(
            checked.stderr,
            "error: fixture `f.json`, line 3, image 2: an image has at most 1048576 bytes, and \
             this one has more\n"
        );
    }
}

#[test]
fn a_field_beside_the_list_has_a_longest_length_too() {
    let long = format!("\"{}\"", "x".repeat(1 << 20));
    for (text, what) in [
        (format!("{{\"RequestId\":\n{long}}}"), "field `RequestId`"),
        (format!("{{\"CustomImages\":\n{long}}}"), "`CustomImages`"),
        (format!("{{\n{long}: 1}}"), "the name of a field"),
        (format!("\n{long}"), "a fixture"),
    ] {
        let folder = folder(&[("f.json", &text)]);
        let told = check(&folder, &["f.json"]).stderr;
        let rule = "has at most 1048576 bytes, and this one has more";
        assert_eq!(
            told,
            format!("error: fixture `f.json`, line 2: {what} {rule}\n")
        );
    }
}

/// Writes a fixture of so many generated images, one a line.
fn generate(folder: &Path, n_images: usize) {
    let count = n_images.to_string();
    let arguments = [
        "generate-fixture",
        "--count",
        &count,
        "--output",
        "big.json",
    ];
    let generated = run(folder, &arguments, "");
    assert_eq!(generated.code, Some(0), "{generated:?}");
}

/// The most memory that a process has had so far, in bytes.
#[cfg(target_os = "linux")]
fn memory_max(process_id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

#[cfg(target_os = "linux")]
#[test]
fn the_check_of_a_large_fixture_takes_little_memory() {
    let folder = folder(&[]);
    generate(folder.path(), 100_000);
    let n_bytes = fs::metadata(folder.path().join("big.json")).unwrap().len();
    assert!(n_bytes > 60 << 20, "{n_bytes}");
    let mut command = binary();
    command
        .args(["check-fixture", "big.json"])
        .stderr(Stdio::null());
    let mut child = command.current_dir(folder.path()).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = memory_max(child.id()).unwrap_or_default().max(most);
        std::thread::yield_now();
    }
    assert!(child.wait().unwrap().success());
    assert!((1 << 20..40 << 20).contains(&most), "{most}");
}

/// Starts to seed a database with 100,000 images, and waits until some of them are written.
fn seeding(folder: &TempDir, arguments: &[&str]) -> Process {
    let mut command = binary();
    command
        .args(["--listen", "127.0.0.1:0", "--fixture", "big.json"])
        .args(["--database", "images.db"])
        .args(arguments)
        .current_dir(folder.path());
    let process = Process::listening(command);
    let deadline = Instant::now() + Duration::from_secs(30);
    // Pages are written before the transaction ends, since they do not all stay in memory.
    let written = folder.path().join("images.db");
    while fs::metadata(&written).map_or(0, |file| file.len()) < 4 << 20 {
        assert!(Instant::now() < deadline, "nothing is seeded");
        std::thread::yield_now();
    }
    process
}

#[test]
fn a_stop_while_it_is_seeded_takes_back_what_is_written() {
    let folder = folder(&[]);
    generate(folder.path(), 100_000);
    // The faster of the two, so that a busy machine does not decide.
    let took = ["TERM", "INT"].map(|signal| {
        let mut process = seeding(&folder, &[]);
        assert_eq!(process.raw().get_path("/readyz").status, 503);
        process.signal(signal);
        let (status, took) = process.wait();
        assert_eq!(status.code(), Some(0));
        assert_eq!(process.rest_of_stdout(), "");
        let file = Store::open(&folder.path().join("images.db"), &Arc::default()).unwrap();
        assert_eq!(file.seeded_at().unwrap(), None);
        assert_eq!(file.counts().unwrap().len(), 0);
        took
    });
    assert!(
        took.iter().min() < Some(&Duration::from_secs(1)),
        "{took:?}"
    );
}

#[test]
fn a_stop_or_a_mistake_leaves_the_seed_of_before() {
    let folder = folder(&[("one.json", &format!("[{}]", image("m-one")))]);
    generate(folder.path(), 100_000);
    fs::write(
        folder.path().join("bad.json"),
        large(0).replace("\"m-1199\"", "3"),
    )
    .unwrap();
    let database = folder.path().join("images.db");
    let serve = |fixture: &str| {
        let mut command = binary();
        command
            .args(["--listen", "127.0.0.1:0", "--database", "images.db"])
            .args(["--fixture", fixture])
            .current_dir(folder.path());
        command
    };
    drop(Process::ready(serve("one.json")));

    let mut process = seeding(&folder, &["--reseed"]);
    process.signal("TERM");
    assert_eq!(process.wait().0.code(), Some(0));
    assert_eq!(
        Store::open(&database, &Arc::default())
            .unwrap()
            .counts()
            .unwrap()
            .values()
            .sum::<u64>(),
        1
    );

    let mut bad = serve("bad.json");
    bad.arg("--reseed");
    let outcome = Outcome::of(bad, "");
    assert_eq!(outcome.code, Some(65), "{outcome:?}");
    assert_eq!(
        Store::open(&database, &Arc::default())
            .unwrap()
            .counts()
            .unwrap()
            .values()
            .sum::<u64>(),
        1
    );
    assert_eq!(Process::ready(serve("one.json")).get(LIST).ids(), ["m-one"]);
}

#[test]
fn a_large_fixture_on_standard_input_seeds_too() {
    let mut command = binary();
    command.args(["--listen", "127.0.0.1:0", "--fixture", "-"]);
    let process = Process::fed(command, &large(0));
    assert!(process.get(LIST).body.contains("\"TotalCount\":\"1200\""));
}

#[test]
fn a_sandbox_from_a_large_file_needs_it_as_it_was() {
    let folder = folder(&[("big.json", &large(0))]);
    let path = folder.path().join("big.json");
    let process = Process::serve(&["--isolate", "--fixture", path.to_str().unwrap()]);
    let make = |name: &str| {
        let body = format!("{{\"accessKeyId\": \"{name}\", \"fixture\": \"big\"}}");
        let mut raw = process.raw();
        raw.send(format!(
            "POST /_emulator/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        raw.answer()
    };
    assert_eq!(make("ci-1").status, 201);
    let list = format!("{LIST}&AccessKeyId=ci-1");
    assert!(process.get(&list).body.contains("\"TotalCount\":\"1200\""));

    fs::write(&path, large(1) + " ").unwrap();
    let changed = make("ci-2");
    assert_eq!(changed.status, 409);
    assert!(changed.body.contains("UnreadableFixture"), "{changed:?}");
    assert!(changed.body.contains("has changed since"), "{changed:?}");
    fs::remove_file(&path).unwrap();
    let gone = make("ci-3");
    assert_eq!(gone.status, 409);
    assert!(gone.body.contains("cannot read fixture"), "{gone:?}");
    // The images of before are in the store.
    assert!(process.get(LIST).body.contains("\"TotalCount\":\"1200\""));
}
