//! Fixtures through the real binary: what is accepted, and how each broken rule is told.

use std::fs;
use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Outcome, binary};

/// Three lines an image: the least that a fixture needs.
const THREE_LINES: &str = r#"{"CustomImages": [
  {"ImageId": "m-1",
   "RegionId": "cn-hangzhou",
   "Name": "web"}
]}"#;

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs the binary in a folder, so that messages hold short names of files.
pub(crate) fn run(folder: &Path, arguments: &[&str], input: &str) -> Outcome {
    let mut command = binary();
    command.args(arguments).current_dir(folder);
    Outcome::of(command, input)
}

fn check(text: &str) -> Outcome {
    let folder = folder(&[("f.json", text)]);
    run(folder.path(), &["check-fixture", "f.json"], "")
}

/// The one line that `check-fixture` and a start both write about a broken fixture.
fn message(text: &str) -> String {
    let folder = folder(&[("f.json", text)]);
    let checked = run(folder.path(), &["check-fixture", "f.json"], "");
    assert_eq!(checked.code, Some(65), "{checked:?}");
    assert_eq!(checked.stdout, "");
    let arguments = ["--listen", "127.0.0.1:0", "--fixture", "f.json"];
    let started = run(folder.path(), &arguments, "");
    assert_eq!(started.code, Some(65), "{started:?}");
    assert_eq!(started.stdout, "");
    assert_eq!(started.stderr, checked.stderr);
    assert_eq!(checked.stderr.lines().count(), 1, "{checked:?}");
    let line = checked
        .stderr
        .strip_prefix("error: fixture `f.json`, line ");
    line.unwrap_or_else(|| panic!("{checked:?}"))
        .trim_end()
        .to_owned()
}

/// A fixture whose second image begins on line 4 and has this field on line 6.
fn with_field(field: &str) -> String {
    format!(
        "{{\"CustomImages\": [\n\
         {{\"ImageId\": \"m-1\", \"RegionId\": \"cn-hangzhou\", \"Name\": \"a\"}},\n\
         \n\
         {{\"ImageId\": \"m-2\", \"RegionId\": \"cn-hangzhou\",\n\
         \"Name\": \"b\",\n\
         {field}}}\n\
         ]}}"
    )
}

#[rstest]
#[case::three_lines_an_image(THREE_LINES)]
#[case::a_list_alone(r#"[{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}]"#)]
#[case::every_field_of_an_answer(
    r#"{"RequestId": "1", "TotalCount": "0", "PageSize": "10", "PageNumber": "1", "NextToken": "",
        "CustomImages": []}"#
)]
#[case::nothing_but_an_empty_list(r#"{"CustomImages": []}"#)]
#[case::a_saved_answer(include_str!("../../fixtures/documented-example.json"))]
#[case::the_built_in_account(include_str!("../../fixtures/default.json"))]
#[case::the_empty_account(include_str!("../../fixtures/empty.json"))]
fn a_good_fixture_passes_the_check(#[case] text: &str) {
    let outcome = check(text);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, "");
}

#[rstest]
#[case::no_json("{\n\"CustomImages\": [\n}", "3, image 1: no JSON: expected value")]
#[case::cut(
    "{\"CustomImages\": [\n",
    "2: no JSON: expected `,` or `]`, got the end of the text"
)]
#[case::empty("", "1: no JSON: EOF while parsing a value")]
#[case::more_after_it(
    "{\"CustomImages\": []}\n\nx",
    "3: no JSON: expected the end of the text, got `x`"
)]
#[case::a_number("12", "1: a fixture: invalid type: integer `12`, expected an object")]
#[case::no_list(
    "{}",
    "1: a fixture needs at least one list (known lists: `CustomImages`)"
)]
#[case::a_wrong_list(
    "{\n\"CustomImages\":\n{}}",
    "3: `CustomImages`: invalid type: map, expected a sequence"
)]
#[case::unknown(
    "{\"CustomImages\": [],\n\"TotalCuont\": 1}",
    "2: unknown field `TotalCuont`, did you mean `TotalCount`? (known lists: `CustomImages`)"
)]
#[case::an_error_answer(
    "{\"Code\": \"InternalError\"}",
    "1: unknown field `Code` (known lists: `CustomImages`)"
)]
#[case::twice(
    "{\"CustomImages\": [],\n\"CustomImages\": []}",
    "2: field `CustomImages` appears twice"
)]
#[case::an_image_as_a_list(
    "[\n[\"2026-01-01T00:00:00Z\"]]",
    "2, image 1: invalid type: sequence, expected an object"
)]
#[case::half_a_character(
    "{\"CustomImages\": [],\n\"RequestId\": \"\\ud800\"}",
    "2: no JSON: unexpected end of hex escape"
)]
#[case::an_image_that_is_none(
    "[\n\n1]",
    "3, image 1: invalid type: integer `1`, expected an object"
)]
fn a_text_that_is_no_fixture_is_refused_with_its_line(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(message(text), expected);
}

#[rstest]
#[case::unknown_field(r#""Nmae": "x""#, "unknown field `Nmae`, did you mean `Name`?")]
#[case::field_of_another_case(r#""status": "1""#, "unknown field `status`, did you mean `Status`?")]
#[case::field_far_from_all(r#""Colour": "x""#, "unknown field `Colour`")]
#[case::field_twice(r#""Name": "x""#, "duplicate field `Name`")]
#[case::status_as_a_number(
    r#""Status": 1"#,
    "`Status`: invalid type: integer `1`, expected a string"
)]
#[case::status_5(
    r#""Status": "5""#,
    "`Status`: invalid value: string \"5\", expected `0` (copying), `1` (available), `2` (unavailable), `3` (creation failed) or `4` (creating)"
)]
#[case::os_type(
    r#""OsType": "linux""#,
    "`OsType`: invalid value: string \"linux\", expected `Linux` or `Windows`"
)]
#[case::flag_as_text(
    r#""InShare": "true""#,
    "`InShare`: invalid type: string \"true\", expected a boolean"
)]
#[case::other_flag_as_a_number(
    r#""InShareUser": 1"#,
    "`InShareUser`: invalid type: integer `1`, expected a boolean"
)]
#[case::text_as_a_list(
    r#""Description": ["x"]"#,
    "`Description`: invalid type: sequence, expected a string"
)]
#[case::size_as_text(
    r#""RequiredSystemDiskSize": "40""#,
    "`RequiredSystemDiskSize`: invalid type: string \"40\", expected i64"
)]
#[case::size_below_zero(
    r#""RequiredDataDiskSize": -1"#,
    "`RequiredDataDiskSize`: invalid value: integer `-1`, expected an integer in 0..=2147483647"
)]
#[case::size_of_2_to_the_31(
    r#""RequiredSystemDiskSize": 2147483648"#,
    "`RequiredSystemDiskSize`: invalid value: integer `2147483648`, expected an integer in 0..=2147483647"
)]
#[case::size_with_a_fraction(
    r#""RequiredSystemDiskSize": 40.5"#,
    "`RequiredSystemDiskSize`: invalid type: floating point `40.5`, expected i64"
)]
#[case::user_below_zero(
    r#""UserId": -1"#,
    "`UserId`: invalid value: integer `-1`, expected an integer in 0..=9223372036854775807"
)]
#[case::user_as_text(
    r#""UserId": "1""#,
    "`UserId`: invalid type: string \"1\", expected i64"
)]
#[case::a_day_that_is_none(
    r#""CreationTime": "2023-02-29T00:00:00Z""#,
    "`CreationTime`: invalid value: string \"2023-02-29T00:00:00Z\", expected a real date as `yyyy-MM-ddTHH:mm:ssZ`"
)]
#[case::a_time_without_seconds(
    r#""CreationTime": "2023-02-28T00:00Z""#,
    "`CreationTime`: invalid value: string \"2023-02-28T00:00Z\", expected a real date as `yyyy-MM-ddTHH:mm:ssZ`"
)]
#[case::a_time_with_an_offset(
    r#""CreationTime": "2023-02-28T00:00:00+08:00""#,
    "`CreationTime`: invalid value: string \"2023-02-28T00:00:00+08:00\", expected a real date as `yyyy-MM-ddTHH:mm:ssZ`"
)]
#[case::a_time_as_a_number(
    r#""CreationTime": 1700000000"#,
    "`CreationTime`: invalid type: integer `1700000000`, expected a string"
)]
#[case::a_line_break(
    r#""Description": "a\nb""#,
    "`Description`: the character U+000A cannot stand in XML 1.0"
)]
#[case::a_nul(
    r#""InstanceName": "a\u0000b""#,
    "`InstanceName`: the character U+0000 cannot stand in XML 1.0"
)]
#[case::the_last_control(
    r#""InstanceName": "\u001f""#,
    "`InstanceName`: the character U+001F cannot stand in XML 1.0"
)]
#[case::delete(
    r#""InstanceName": "\u007f""#,
    "`InstanceName`: the character U+007F cannot stand in XML 1.0"
)]
#[case::no_character(
    r#""InstanceName": "\uffff""#,
    "`InstanceName`: the character U+FFFF cannot stand in XML 1.0"
)]
#[case::no_character_either(
    r#""CreateInstances": ["ok", "\ufffe"]"#,
    "`CreateInstances[1]`: the character U+FFFE cannot stand in XML 1.0"
)]
#[case::servers_as_text(
    r#""CreateInstances": "i-1""#,
    "`CreateInstances`: invalid type: string \"i-1\", expected a sequence"
)]
#[case::a_server_as_a_number(
    r#""CreateInstances": [1]"#,
    "`CreateInstances[0]`: invalid type: integer `1`, expected a string"
)]
#[case::tags_as_an_object(
    r#""Tags": {"env": "prod"}"#,
    "`Tags`: invalid type: map, expected a sequence"
)]
#[case::an_os_type_as_an_object(
    r#""OsType": {"Linux": null}"#,
    "`OsType`: invalid type: map, expected a string"
)]
#[case::tag_as_a_list(
    r#""Tags": [["k", "v"]]"#,
    "`Tags[0]`: invalid type: sequence, expected an object"
)]
#[case::timeline_twice(
    r#""x-timeline": null, "x-timeline": []"#,
    "duplicate field `x-timeline`"
)]
#[case::tag_without_a_key(r#""Tags": [{"Value": "v"}]"#, "`Tags[0]`: missing field `Key`")]
#[case::tag_with_the_names_of_another_action(
    r#""Tags": [{"TagKey": "k"}]"#,
    "`Tags[0]`: unknown field `TagKey`"
)]
#[case::tag_key_empty(
    r#""Tags": [{"Key": "", "Value": "v"}]"#,
    "`Tags[0].Key`: a tag key has 1 to 64 characters, got 0"
)]
#[case::tag_key_twice(
    r#""Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]"#,
    "`Tags`: tag key `k` appears twice"
)]
#[case::tag_value_as_a_number(
    r#""Tags": [{"Key": "k", "Value": 1}]"#,
    "`Tags[0].Value`: invalid type: integer `1`, expected a string"
)]
fn a_broken_rule_of_an_image_is_told_with_line_image_and_rule(
    #[case] field: &str,
    #[case] rule: &str,
) {
    assert_eq!(
        message(&with_field(field)),
        format!("6, image 2 (`m-2`): {rule}")
    );
}

#[rstest]
#[case(
    r#"{"RegionId": "cn-hangzhou", "Name": "a"}"#,
    "image 1: missing field `ImageId`"
)]
#[case(
    r#"{"ImageId": "m-1", "Name": "a"}"#,
    "image 1 (`m-1`): missing field `RegionId`"
)]
#[case(
    r#"{"ImageId": "m-1", "RegionId": "cn-hangzhou"}"#,
    "image 1 (`m-1`): missing field `Name`"
)]
#[case(
    r#"{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": null}"#,
    "image 1 (`m-1`): `Name`: invalid type: null, expected a string"
)]
#[case(
    r#"{"ImageId": "", "RegionId": "cn-hangzhou", "Name": "a"}"#,
    "image 1 (``): `ImageId`: invalid value: string \"\", expected a string that is not empty"
)]
fn three_fields_are_required(#[case] image: &str, #[case] expected: &str) {
    assert_eq!(message(&format!("[\n{image}]")), format!("2, {expected}"));
}

#[rstest]
#[case::tags_20(20, 64, 64, true)]
#[case::tags_21(21, 64, 64, false)]
#[case::key_65(1, 65, 64, false)]
#[case::value_65(1, 64, 65, false)]
#[case::no_value(1, 1, 0, true)]
fn the_tags_of_an_image_have_limits(
    #[case] n_tags: usize,
    #[case] n_key: usize,
    #[case] n_value: usize,
    #[case] accepted: bool,
) {
    let tags: Vec<Value> = (0..n_tags)
        .map(|idx| {
            let key = format!("{idx:0>n_key$}").replace('0', "键");
            json!({"Key": key, "Value": "网".repeat(n_value)})
        })
        .collect();
    let text = with_field(&format!("\"Tags\": {}", json!(tags)));
    if accepted {
        assert_eq!(check(&text).code, Some(0), "{:?}", check(&text));
    } else {
        assert!(
            message(&text).starts_with("6, image 2 (`m-2`): `Tags"),
            "{}",
            message(&text)
        );
    }
}

#[test]
fn the_lines_of_a_tag_and_of_a_server_are_their_own() {
    let field = "\"Tags\": [\n{\"Key\": \"a\"},\n{\"Key\": \"b\",\n\"Vlaue\": \"x\"}]";
    assert_eq!(
        message(&with_field(field)),
        "9, image 2 (`m-2`): `Tags[1]`: unknown field `Vlaue`, did you mean `Value`?"
    );
    let field = "\"CreateInstances\": [\n\"a\",\n\n2]";
    assert_eq!(
        message(&with_field(field)),
        "9, image 2 (`m-2`): `CreateInstances[1]`: invalid type: integer `2`, expected a string"
    );
    let text = with_field("\"Nmae\": 1").replace('\n', "\r\n");
    assert!(message(&text).starts_with("6, image 2 (`m-2`): unknown field"));
}

#[test]
fn a_message_is_one_line_whatever_the_fixture_holds() {
    let unknown = message(&with_field(r#""a\nb": 1"#));
    assert!(
        unknown.starts_with("6, image 2 (`m-2`): unknown field `a"),
        "{unknown}"
    );
    let id = message("[{\"ImageId\": \"m\\n1\", \"RegionId\": \"cn-hangzhou\", \"Name\": \"a\"}]");
    assert!(id.contains("U+000A"), "{id}");
    let twice = message(r#"{"RequestId": "1", "a\nb": 1}"#);
    assert!(twice.contains("unknown field"), "{twice}");
    let long = message(&with_field(&format!(
        "\"Status\": \"{}\"",
        "x".repeat(100_000)
    )));
    assert!(long.len() < 1_000, "{} bytes", long.len());
}
