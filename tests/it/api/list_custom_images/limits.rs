//! Both sides of each limit of a parameter, and which of several wrong ones is reported.

use rstest::rstest;

use crate::support::{ACTION, World, encode};

async fn code_of(world: &World, parameters: &str) -> String {
    let answer = world.list(parameters).await;
    if answer.status == 200 {
        return "accepted".to_owned();
    }
    assert_eq!(answer.status, 400, "{answer:?}");
    answer.code()
}

fn repeated(text: &str, n_times: usize) -> String {
    encode(&text.repeat(n_times))
}

/// A list parameter's value: `n_entries` of them, the `idx`th made by `entry`.
fn list(n_entries: usize, entry: impl Fn(usize) -> String) -> Vec<String> {
    (0..n_entries).map(entry).collect()
}

fn json_list(n_entries: usize) -> String {
    let entries = list(n_entries, |idx| format!("\"m-{idx}\""));
    encode(&format!("[{}]", entries.join(",")))
}

fn comma_list(n_entries: usize) -> String {
    encode(&list(n_entries, |idx| format!("m-{idx}")).join(","))
}

/// The same entry over and over: entries count as sent.
fn json_list_of_one(n_entries: usize) -> String {
    encode(&format!(
        "[{}]",
        list(n_entries, |_| "\"m\"".to_owned()).join(",")
    ))
}

#[rstest]
#[case::token_of_64(format!("ClientToken={}", repeated("a", 64)), "accepted")]
#[case::token_of_65(format!("ClientToken={}", repeated("a", 65)), "InvalidClientToken")]
#[case::token_of_any_ascii(format!("ClientToken={}", encode("~ !\"%/\t\u{7f}")), "accepted")]
#[case::token_that_is_not_ascii(format!("ClientToken={}", encode("é")), "InvalidClientToken")]
#[case::token_in_chinese(format!("ClientToken={}", encode("令牌")), "InvalidClientToken")]
#[case::ids_100(format!("ImageIds={}", json_list(100)), "accepted")]
#[case::ids_101(format!("ImageIds={}", json_list(101)), "InvalidImageIds")]
#[case::ids_100_with_commas(format!("ImageIds={}", comma_list(100)), "accepted")]
#[case::ids_101_with_commas(format!("ImageIds={}", comma_list(101)), "InvalidImageIds")]
#[case::equal_ids_100(format!("ImageIds={}", json_list_of_one(100)), "accepted")]
#[case::equal_ids_101(format!("ImageIds={}", json_list_of_one(101)), "InvalidImageIds")]
#[case::names_100(format!("ImageNames={}", json_list(100)), "accepted")]
#[case::names_101(format!("ImageNames={}", json_list(101)), "InvalidImageNames")]
#[case::names_101_with_commas(format!("ImageNames={}", comma_list(101)), "InvalidImageNames")]
#[case::tag_0("Tag.0.Key=k".to_owned(), "InvalidTag")]
#[case::tag_1("Tag.1.Key=k".to_owned(), "accepted")]
#[case::tag_20("Tag.20.Key=k".to_owned(), "accepted")]
#[case::tag_21("Tag.21.Key=k".to_owned(), "InvalidTag")]
#[case::tag_21_value_alone("Tag.21.Value=v".to_owned(), "InvalidTag")]
#[case::tag_256("Tag.256.Key=k".to_owned(), "InvalidTag")]
#[case::tag_2_to_the_32_and_1("Tag.4294967297.Key=k".to_owned(), "InvalidTag")]
#[case::tag_2_to_the_64_and_1("Tag.18446744073709551617.Key=k".to_owned(), "InvalidTag")]
#[case::tag_of_300_digits(format!("Tag.{}.Key=k", "9".repeat(300)), "InvalidTag")]
#[case::key_of_1("Tag.3.Key=k".to_owned(), "accepted")]
#[case::key_of_0("Tag.3.Key=&Tag.3.Value=v".to_owned(), "InvalidTag.3.Key")]
#[case::key_absent("Tag.3.Value=v".to_owned(), "InvalidTag.3.Key")]
#[case::key_of_64(format!("Tag.3.Key={}", repeated("k", 64)), "accepted")]
#[case::key_of_65(format!("Tag.3.Key={}", repeated("k", 65)), "InvalidTag.3.Key")]
#[case::key_of_64_characters(format!("Tag.3.Key={}", repeated("键", 64)), "accepted")]
#[case::key_of_65_characters(format!("Tag.3.Key={}", repeated("键", 65)), "InvalidTag.3.Key")]
#[case::value_of_64(format!("Tag.3.Key=k&Tag.3.Value={}", repeated("v", 64)), "accepted")]
#[case::value_of_65(
    format!("Tag.3.Key=k&Tag.3.Value={}", repeated("v", 65)), "InvalidTag.3.Value")]
#[case::value_of_64_characters(
    format!("Tag.3.Key=k&Tag.3.Value={}", repeated("🚀", 64)), "accepted")]
#[case::value_of_65_characters(
    format!("Tag.3.Key=k&Tag.3.Value={}", repeated("🚀", 65)), "InvalidTag.3.Value")]
#[tokio::test]
async fn a_limit_has_two_sides(#[case] parameters: String, #[case] outcome: &str) {
    let world = World::empty().await;
    assert_eq!(code_of(&world, &parameters).await, outcome);
}

#[rstest]
#[case("PageSize", "0", false)]
#[case("PageSize", "1", true)]
#[case("PageSize", "100", true)]
#[case("PageSize", "101", false)]
#[case("PageSize", "4294967297", false)]
#[case("PageSize", "18446744073709551617", false)]
#[case("PageNumber", "0", false)]
#[case("PageNumber", "1", true)]
#[case("PageNumber", "4294967295", true)]
#[case("PageNumber", "4294967296", false)]
#[case("PageNumber", "18446744073709551617", false)]
#[tokio::test]
async fn a_number_has_a_range(#[case] name: &str, #[case] value: &str, #[case] accepted: bool) {
    let world = World::empty().await;
    let code = code_of(&world, &format!("{name}={value}")).await;
    let expected = if accepted {
        "accepted".to_owned()
    } else {
        format!("Invalid{name}")
    };
    assert_eq!(code, expected);
}

#[rstest]
#[case("+1")]
#[case("-1")]
#[case(" 1")]
#[case("1 ")]
#[case(" ")]
#[case("1.0")]
#[case("1e1")]
#[case("0x1")]
#[case("1_0")]
#[case("one")]
#[case("１")]
#[case("١")]
#[case("1\0")]
#[tokio::test]
async fn a_number_has_ascii_digits_alone(#[case] value: &str) {
    let world = World::empty().await;
    for name in ["PageSize", "PageNumber"] {
        let code = code_of(&world, &format!("{name}={}", encode(value))).await;
        assert_eq!(code, format!("Invalid{name}"), "{value:?}");
    }
}

#[rstest]
#[case::broken_json("[\"m-1\"")]
#[case::more_after_the_array("[\"m-1\"] x")]
#[case::numbers("[1, 2]")]
#[case::null("[null]")]
#[case::nested("[[\"m-1\"]]")]
#[case::single_quotes("['m-1']")]
#[case::half_a_surrogate(r#"["\ud800"]"#)]
#[case::an_empty_entry("[\"m-1\", \"\"]")]
#[case::an_empty_entry_between_commas("m-1,,m-2")]
#[case::a_comma_at_the_end("m-1,")]
#[case::a_comma_alone(",")]
#[case::blanks_alone("  ")]
#[tokio::test]
async fn a_list_that_is_none_is_refused(#[case] value: &str) {
    let world = World::empty().await;
    for name in ["ImageIds", "ImageNames"] {
        let code = code_of(&world, &format!("{name}={}", encode(value))).await;
        assert_eq!(code, format!("Invalid{name}"), "{value:?}");
    }
}

#[rstest]
#[case("yes")]
#[case("1")]
#[case("0")]
#[case("true ")]
#[case("truе")]
#[tokio::test]
async fn share_is_true_or_false(#[case] value: &str) {
    let world = World::empty().await;
    let code = code_of(&world, &format!("Share={}", encode(value))).await;
    assert_eq!(code, "InvalidShare");
}

#[rstest]
#[case("cn-hangzhou-x")]
#[case("CN-HANGZHOU")]
#[case("cn-hangzhou ")]
#[case("cn-hangzhou\0")]
#[case("test-1")]
#[tokio::test]
async fn an_unknown_region_is_refused(#[case] region: &str) {
    let world = World::empty().await;
    let query = format!("{ACTION}&RegionId={}", encode(region));
    assert_eq!(world.get(&query).await.code(), "InvalidRegionId");
}

/// Source: the union of the endpoints in the product's metadata of June 2024 and of the vendor's
/// product list; read 2026-11-24.
const REGIONS: &str = "ap-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-5 \
    ap-southeast-6 ap-southeast-7 ap-northeast-1 ap-northeast-2 us-west-1 us-east-1 eu-central-1 \
    eu-west-1 cn-qingdao cn-beijing cn-zhangjiakou cn-huhehaote cn-wulanchabu cn-hangzhou \
    cn-shanghai cn-nanjing cn-fuzhou cn-wuhan-lr cn-shenzhen cn-heyuan cn-guangzhou cn-chengdu \
    cn-hongkong me-central-1";

#[tokio::test]
async fn every_region_of_the_product_is_known() {
    let world = World::empty().await;
    let regions: Vec<&str> = REGIONS.split_whitespace().collect();
    assert_eq!(regions.len(), 29);
    for region in regions {
        let answer = world.get(&format!("{ACTION}&RegionId={region}")).await;
        assert_eq!(answer.status, 200, "{region}: {answer:?}");
    }
}

/// A broken value for each parameter, in the order of the contract's table, and its code.
const BROKEN: [(&str, &str); 10] = [
    ("RegionId=nowhere", "InvalidRegionId"),
    ("ClientToken=%C3%A9", "InvalidClientToken"),
    ("ImageIds=%5B", "InvalidImageIds"),
    ("ImageNames=%5B", "InvalidImageNames"),
    ("PageSize=0", "InvalidPageSize"),
    ("PageNumber=0", "InvalidPageNumber"),
    ("Tag.0.Key=k", "InvalidTag"),
    ("Tag.2.Value=v", "InvalidTag.2.Key"),
    ("Tag.9.Value=v", "InvalidTag.9.Key"),
    ("Share=maybe", "InvalidShare"),
];

#[tokio::test]
async fn of_several_broken_parameters_the_first_in_the_documented_order_is_refused() {
    let world = World::empty().await;
    for (idx, (_, expected)) in BROKEN.iter().enumerate() {
        // Sent backwards, so that the order of the table and that of the query differ.
        let broken: Vec<&str> = BROKEN[idx..].iter().rev().map(|(sent, _)| *sent).collect();
        let region = if idx == 0 {
            ""
        } else {
            "&RegionId=cn-hangzhou"
        };
        let query = format!("{ACTION}{region}&{}", broken.join("&"));
        assert_eq!(world.get(&query).await.code(), *expected, "{query}");
    }
    let answer = world.get(&format!("{ACTION}&ClientToken=%C3%A9")).await;
    assert_eq!(answer.code(), "MissingRegionId");
}

#[tokio::test]
async fn tags_are_checked_by_rising_number_and_the_key_before_the_value() {
    let world = World::empty().await;
    let long = "x".repeat(65);
    let cases = [
        (
            format!("Tag.10.Key={long}&Tag.9.Key={long}"),
            "InvalidTag.9.Key",
        ),
        (
            format!("Tag.2.Value={long}&Tag.2.Key={long}"),
            "InvalidTag.2.Key",
        ),
        (
            format!("Tag.3.Key={long}&Tag.2.Key=k&Tag.2.Value={long}"),
            "InvalidTag.2.Value",
        ),
        (
            format!("Tag.21.Key=k&Tag.20.Key={long}"),
            "InvalidTag.20.Key",
        ),
        (
            "Tag.100.Key=k&Tag.20.Value=v&Tag.21.Key=k".to_owned(),
            "InvalidTag.20.Key",
        ),
        (format!("Tag.0.Key=k&Tag.1.Key={long}"), "InvalidTag"),
    ];
    for (parameters, expected) in cases {
        assert_eq!(code_of(&world, &parameters).await, expected, "{parameters}");
    }
}

#[tokio::test]
async fn the_action_is_checked_before_the_version_and_both_before_the_format() {
    let world = World::empty().await;
    let cases = [
        ("Format=YAML", "MissingAction"),
        ("Action=Nothing&Format=YAML", "MissingVersion"),
        ("Action=Nothing&Version=1&Format=YAML", "InvalidVersion"),
        (
            "Action=Nothing&Version=2020-06-01&Format=YAML",
            "InvalidAction.NotFound",
        ),
        (
            "Action=ListDisks&Version=2020-06-01&Format=YAML",
            "NotImplemented",
        ),
        (
            "Action=ListCustomImages&Version=2020-06-01&Format=YAML",
            "InvalidParameter.Format",
        ),
        (
            "Action=ListCustomImages&Version=2020-06-01",
            "MissingRegionId",
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(world.get(query).await.code(), expected, "{query}");
    }
}
