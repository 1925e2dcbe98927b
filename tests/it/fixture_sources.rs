//! Where fixtures come from: files, folders, standard input, several at once, the binary itself.

use std::fs;

use rstest::rstest;
use serde_json::Value;

use crate::fixtures::{folder, run};
use crate::support::{LIST, Outcome, Process, binary, fixture, image, images};

fn one(id: &str) -> String {
    fixture(&[image(
        id,
        serde_json::json!({"CreationTime": "2026-01-01T00:00:00Z"}),
    )])
}

#[test]
fn several_fixtures_seed_together_and_replace_the_built_in_account() {
    let folder = folder(&[("a.json", &one("m-a")), ("b.json", &one("m-b"))]);
    let (a, b) = (folder.path().join("a.json"), folder.path().join("b.json"));
    let process = Process::serve(&[
        "--fixture",
        b.to_str().unwrap(),
        "--fixture",
        a.to_str().unwrap(),
    ]);
    assert_eq!(process.get(LIST).ids(), ["m-a", "m-b"]);
}

#[test]
fn without_a_fixture_the_built_in_account_is_served() {
    let process = Process::serve(&[]);
    let built_in: Value =
        serde_json::from_str(include_str!("../../fixtures/default.json")).unwrap();
    let built_in = built_in["CustomImages"].as_array().unwrap();
    let mut expected: Vec<&str> = built_in
        .iter()
        .filter(|image| image["RegionId"] == "cn-hangzhou")
        .map(|image| image["ImageId"].as_str().unwrap())
        .collect();
    let mut found = process.get(&format!("{LIST}&PageSize=100")).ids();
    assert!(expected.len() > 3);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_folder_stands_for_its_json_files_in_the_order_of_their_names() {
    let folder = folder(&[
        ("b.json", &one("m-b")),
        ("a.json", &one("m-a")),
        ("a.json.bak", "no fixture"),
        ("README.md", "no fixture"),
    ]);
    let process = Process::serve(&["--fixture", folder.path().to_str().unwrap()]);
    assert_eq!(process.get(LIST).ids(), ["m-a", "m-b"]);

    // Of two files with the same image, the one that is later by name is told.
    fs::write(folder.path().join("c.json"), one("m-a")).unwrap();
    fs::write(folder.path().join("10.json"), one("m-10")).unwrap();
    fs::write(folder.path().join("9.json"), one("m-10")).unwrap();
    let outcome = run(folder.path(), &["check-fixture", "."], "");
    assert_eq!(outcome.code, Some(65));
    assert_eq!(
        outcome.stderr,
        "error: fixture `./9.json`, line 1, image 1 (`m-10`): `ImageId` is already used by \
         fixture `./10.json`, image 1\n"
    );
}

#[test]
fn an_image_id_that_stands_twice_is_told_with_both_places() {
    let image = |id: &str| {
        format!("{{\"ImageId\": \"{id}\", \"RegionId\": \"cn-hangzhou\", \"Name\": \"x\"}}")
    };
    let text = format!(
        "[\n{},\n{},\n\n{}\n]",
        image("m-1"),
        image("m-2"),
        image("m-1")
    );
    let folder = folder(&[("f.json", &text), ("g.json", &one("m-2"))]);
    let outcome = run(folder.path(), &["check-fixture", "f.json"], "");
    assert_eq!(outcome.code, Some(65));
    assert_eq!(
        outcome.stderr,
        "error: fixture `f.json`, line 5, image 3 (`m-1`): `ImageId` is already used by fixture \
         `f.json`, image 1\n"
    );
    fs::write(folder.path().join("f.json"), text.replacen("m-1", "M-1", 1)).unwrap();
    let outcome = run(folder.path(), &["check-fixture", "f.json", "g.json"], "");
    assert_eq!(outcome.code, Some(65));
    assert_eq!(
        outcome.stderr,
        "error: fixture `g.json`, line 1, image 1 (`m-2`): `ImageId` is already used by fixture \
         `f.json`, image 2\n"
    );
}

#[test]
fn a_dash_stands_for_standard_input() {
    let mut command = binary();
    command.args(["--listen", "127.0.0.1:0", "--fixture", "-"]);
    let process = Process::fed(command, &one("m-in"));
    assert_eq!(process.get(LIST).ids(), ["m-in"]);

    let folder = folder(&[]);
    let outcome = run(folder.path(), &["check-fixture", "-"], &one("m-in"));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let outcome = run(folder.path(), &["check-fixture", "-"], "[\n1]");
    assert_eq!(outcome.code, Some(65));
    assert_eq!(
        outcome.stderr,
        "error: fixture `-`, line 2, image 1: invalid type: integer `1`, expected an object\n"
    );
}

#[test]
fn a_saved_answer_is_a_fixture_as_it_is() {
    let first = Process::serve(&[]);
    let query = format!("{LIST}&PageSize=100");
    let saved = first.get(&query);
    let folder = folder(&[("saved.json", &saved.body)]);
    let second = Process::serve(&["--fixture", folder.path().to_str().unwrap()]);
    let again = second.get(&query);
    assert!(saved.images().len() > 3);
    assert_eq!(again.redacted(), saved.redacted());
}

#[test]
fn a_region_must_be_known_or_added() {
    let image = |region: &str| {
        format!("[{{\"ImageId\": \"m-1\", \"Name\": \"x\",\n\"RegionId\": \"{region}\"}}]")
    };
    let folder = folder(&[
        ("near.json", &image("cn-hangzhuo")),
        ("own.json", &image("test-1")),
    ]);
    let outcome = run(folder.path(), &["check-fixture", "near.json"], "");
    assert_eq!(outcome.code, Some(65));
    assert_eq!(
        outcome.stderr,
        "error: fixture `near.json`, line 2, image 1 (`m-1`): `RegionId` must be a known region, \
         got `cn-hangzhuo`, did you mean `cn-hangzhou`?\n"
    );
    let outcome = run(folder.path(), &["check-fixture", "own.json"], "");
    assert_eq!(outcome.code, Some(65));
    assert_eq!(
        outcome.stderr,
        "error: fixture `own.json`, line 2, image 1 (`m-1`): `RegionId` must be a known region, \
         got `test-1`; `--region` adds one\n"
    );
    let arguments = [
        "check-fixture",
        "--region",
        "other-1",
        "--region",
        "test-1",
        "own.json",
    ];
    let outcome = run(folder.path(), &arguments, "");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");

    let own = folder.path().join("own.json");
    let process = Process::serve(&["--region", "test-1", "--fixture", own.to_str().unwrap()]);
    let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=test-1";
    assert_eq!(process.get(query).ids(), ["m-1"]);
    assert_eq!(process.get(LIST).ids(), [""; 0]);
}

#[rstest]
#[case::missing("none.json", "error: cannot read fixture `none.json`: ")]
#[case::a_folder_without_fixtures("empty", "error: folder `empty` holds no `*.json` file\n")]
#[case::not_utf8("latin1.json", "error: cannot read fixture `latin1.json`: ")]
fn a_fixture_that_cannot_be_read_has_an_exit_code_of_its_own(
    #[case] path: &str,
    #[case] message: &str,
) {
    let folder = folder(&[]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("latin1.json"), b"[\"\xE9\"]").unwrap();
    let start = ["--listen", "127.0.0.1:0", "--fixture", path];
    for arguments in [["check-fixture", path].as_slice(), &start] {
        let outcome = run(folder.path(), arguments, "");
        assert_eq!(outcome.code, Some(66), "{outcome:?}");
        assert!(outcome.stderr.starts_with(message), "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
}

#[test]
fn the_check_needs_a_fixture_and_tells_how_many_images_it_read() {
    let folder = folder(&[("a.json", &images(3)), ("b.json", &one("m-b"))]);
    let outcome = run(folder.path(), &["check-fixture"], "");
    assert_eq!(outcome.code, Some(2));
    let outcome = run(folder.path(), &["check-fixture", "a.json", "b.json"], "");
    assert_eq!(outcome.code, Some(0));
    assert!(
        outcome.stderr.contains("2 fixtures with 4 images"),
        "{outcome:?}"
    );
    let Outcome { stdout, .. } = outcome;
    assert_eq!(stdout, "");
}
