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
#[case::no_json("{\n\"CustomImages\": [\n}", "3: no JSON: expected value")]
#[case::cut("{\"CustomImages\": [\n", "2: no JSON: EOF while parsing a list")]
#[case::empty("", "1: no JSON: EOF while parsing a value")]
#[case::more_after_it("{\"CustomImages\": []}\n\nx", "3: no JSON: trailing characters")]
#[case::a_number("12", "1: a fixture must be an object, got `12` (a number)")]
#[case::no_list("{}", "1: missing field `CustomImages`")]
#[case::a_wrong_list(
    "{\n\"CustomImages\":\n{}}",
    "3: `CustomImages` must be a list, got `{}` (an object)"
)]
#[case::unknown(
    "{\"CustomImages\": [],\n\"TotalCuont\": 1}",
    "2: unknown field `TotalCuont`, did you mean `TotalCount`?"
)]
#[case::an_error_answer("{\"Code\": \"InternalError\"}", "1: unknown field `Code`")]
#[case::twice(
    "{\"CustomImages\": [],\n\"CustomImages\": []}",
    "2: field `CustomImages` stands twice"
)]
#[case::an_image_that_is_none(
    "[\n\n1]",
    "3, image 1: an image must be an object, got `1` (a number)"
)]
fn a_text_that_is_no_fixture_is_refused_with_its_line(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(message(text), expected);
}

#[rstest]
#[case::unknown_field(r#""Nmae": "x""#, "unknown field `Nmae`, did you mean `Name`?")]
#[case::field_of_another_case(r#""status": "1""#, "unknown field `status`, did you mean `Status`?")]
#[case::field_far_from_all(r#""Colour": "x""#, "unknown field `Colour`")]
#[case::field_twice(r#""Name": "x""#, "field `Name` stands twice")]
#[case::status_as_a_number(r#""Status": 1"#, "`Status` must be a string, got `1` (a number)")]
#[case::status_5(
    r#""Status": "5""#,
    "`Status` must be `0` (copying), `1` (available), `2` (unavailable), `3` (creation failed) or `4` (creating), got `5`"
)]
#[case::os_type(
    r#""OsType": "linux""#,
    "`OsType` must be `Linux` or `Windows`, got `linux`"
)]
#[case::flag_as_text(
    r#""InShare": "true""#,
    "`InShare` must be `true` or `false`, got `\"true\"` (a string)"
)]
#[case::other_flag_as_a_number(
    r#""InShareUser": 1"#,
    "`InShareUser` must be `true` or `false`, got `1` (a number)"
)]
#[case::text_as_a_list(
    r#""Description": ["x"]"#,
    "`Description` must be a string, got `[\"x\"]` (a list)"
)]
#[case::size_as_text(
    r#""RequiredSystemDiskSize": "40""#,
    "`RequiredSystemDiskSize` must be an integer in 0..=2147483647, got `\"40\"` (a string)"
)]
#[case::size_below_zero(
    r#""RequiredDataDiskSize": -1"#,
    "`RequiredDataDiskSize` must be an integer in 0..=2147483647, got `-1` (a number)"
)]
#[case::size_of_2_to_the_31(
    r#""RequiredSystemDiskSize": 2147483648"#,
    "`RequiredSystemDiskSize` must be an integer in 0..=2147483647, got `2147483648` (a number)"
)]
#[case::size_with_a_fraction(
    r#""RequiredSystemDiskSize": 40.5"#,
    "`RequiredSystemDiskSize` must be an integer in 0..=2147483647, got `40.5` (a number)"
)]
#[case::user_below_zero(
    r#""UserId": -1"#,
    "`UserId` must be an integer in 0..=9223372036854775807, got `-1` (a number)"
)]
#[case::user_as_text(
    r#""UserId": "1""#,
    "`UserId` must be an integer in 0..=9223372036854775807, got `\"1\"` (a string)"
)]
#[case::a_day_that_is_none(
    r#""CreationTime": "2023-02-29T00:00:00Z""#,
    "`CreationTime` must be a real date as `yyyy-MM-ddTHH:mm:ssZ`, got `2023-02-29T00:00:00Z`"
)]
#[case::a_time_without_seconds(
    r#""CreationTime": "2023-02-28T00:00Z""#,
    "`CreationTime` must be a real date as `yyyy-MM-ddTHH:mm:ssZ`, got `2023-02-28T00:00Z`"
)]
#[case::a_time_with_an_offset(
    r#""CreationTime": "2023-02-28T00:00:00+08:00""#,
    "`CreationTime` must be a real date as `yyyy-MM-ddTHH:mm:ssZ`, got `2023-02-28T00:00:00+08:00`"
)]
#[case::a_time_as_a_number(
    r#""CreationTime": 1700000000"#,
    "`CreationTime` must be a string, got `1700000000` (a number)"
)]
#[case::a_line_break(
    r#""Description": "a\nb""#,
    "`Description` has the character U+000A, which XML 1.0 cannot carry"
)]
#[case::a_nul(
    r#""InstanceName": "a\u0000b""#,
    "`InstanceName` has the character U+0000, which XML 1.0 cannot carry"
)]
#[case::the_last_control(
    r#""InstanceName": "\u001f""#,
    "`InstanceName` has the character U+001F, which XML 1.0 cannot carry"
)]
#[case::delete(
    r#""InstanceName": "\u007f""#,
    "`InstanceName` has the character U+007F, which XML 1.0 cannot carry"
)]
#[case::no_character(
    r#""InstanceName": "\uffff""#,
    "`InstanceName` has the character U+FFFF, which XML 1.0 cannot carry"
)]
#[case::no_character_either(
    r#""CreateInstances": ["ok", "\ufffe"]"#,
    "each entry of `CreateInstances` has the character U+FFFE, which XML 1.0 cannot carry"
)]
#[case::servers_as_text(
    r#""CreateInstances": "i-1""#,
    "`CreateInstances` must be a list, got `\"i-1\"` (a string)"
)]
#[case::a_server_as_a_number(
    r#""CreateInstances": [1]"#,
    "each entry of `CreateInstances` must be a string, got `1` (a number)"
)]
#[case::tags_as_an_object(
    r#""Tags": {"env": "prod"}"#,
    "`Tags` must be a list, got `{\"env\": \"prod\"}` (an object)"
)]
#[case::tag_without_a_key(r#""Tags": [{"Value": "v"}]"#, "missing field `Key` of a tag")]
#[case::tag_with_the_names_of_another_action(
    r#""Tags": [{"TagKey": "k"}]"#,
    "unknown field `TagKey`"
)]
#[case::tag_key_empty(
    r#""Tags": [{"Key": "", "Value": "v"}]"#,
    "a tag key has 1 to 64 characters, got 0"
)]
#[case::tag_key_twice(
    r#""Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]"#,
    "tag key `k` stands twice"
)]
#[case::tag_value_as_a_number(
    r#""Tags": [{"Key": "k", "Value": 1}]"#,
    "`Value` must be a string, got `1` (a number)"
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
    "image 1 (`m-1`): missing field `Name`"
)]
#[case(
    r#"{"ImageId": "", "RegionId": "cn-hangzhou", "Name": "a"}"#,
    "image 1 (``): `ImageId` must be a string that is not empty, got ``"
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
            message(&text).starts_with("6, image 2 (`m-2`): a"),
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
        "9, image 2 (`m-2`): unknown field `Vlaue`, did you mean `Value`?"
    );
    let field = "\"CreateInstances\": [\n\"a\",\n\n2]";
    assert_eq!(
        message(&with_field(field)),
        "9, image 2 (`m-2`): each entry of `CreateInstances` must be a string, got `2` (a number)"
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
