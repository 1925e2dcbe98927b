//! The nine filters, alone and joined, each byte for byte.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ACTION, LIST, World, encode, fixture, image};

/// Images in pairs that differ in case, a blank, a prefix or one field alone.
fn account() -> String {
    let mut all: Vec<Value> = vec![
        image(
            "m-full",
            json!({
                "Name": "测试 ~*/é", "SystemSnapshotId": "s-1", "DataSnapshotId": "d-1",
                "InstanceId": "i-1", "ResourceGroupId": "rg-1", "InShareUser": true,
                "Tags": [{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "网"}],
            }),
        ),
        image(
            "m-case",
            json!({
                "Name": "Web", "SystemSnapshotId": "S-1", "DataSnapshotId": "D-1",
                "InstanceId": "I-1", "ResourceGroupId": "RG-1", "InShare": true,
                "Tags": [{"Key": "Env", "Value": "prod"}, {"Key": "env", "Value": "Prod"}],
            }),
        ),
        image(
            "m-longer",
            json!({
                "Name": "web ", "SystemSnapshotId": "s-11", "DataSnapshotId": "d-11",
                "InstanceId": "i-11", "ResourceGroupId": "rg-11",
                "Tags": [{"Key": "environment", "Value": "prod"}, {"Key": "team", "Value": "prod"}],
            }),
        ),
        image(
            "M-FULL",
            json!({"Name": "web", "Tags": [{"Key": "env", "Value": ""}]}),
        ),
        image(
            "m-%_",
            json!({"Name": "a,b", "InstanceId": "", "InShareUser": false}),
        ),
    ];
    all.push(
        json!({"ImageId": "m-shanghai", "RegionId": "cn-shanghai", "Name": "web",
        "SystemSnapshotId": "s-1", "InShareUser": true, "Tags": [{"Key": "env", "Value": "prod"}]}),
    );
    fixture(&all)
}

/// Every image of cn-hangzhou; all were created at once, so their ids order them.
const ALL: [&str; 5] = ["M-FULL", "m-%_", "m-case", "m-full", "m-longer"];

async fn assert_lists(parameters: &[(&str, &str)], expected: &[&str]) {
    let world = World::of(&account()).await;
    let encoded: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let query = encoded.join("&");
    let answer = world.list(&query).await;
    assert_eq!(answer.ids(), expected, "{parameters:?}");
    assert_eq!(answer.field("TotalCount"), expected.len().to_string());
    assert_eq!(answer.warning(), "");
    let by_form = world.post("", &format!("{LIST}&{query}")).await;
    assert_eq!(by_form.ids(), expected, "by form: {parameters:?}");
    let split = world.post(LIST, &query).await;
    assert_eq!(split.ids(), expected, "split: {parameters:?}");
}

#[tokio::test]
async fn a_region_keeps_its_own_images_and_without_other_filters_all_of_them() {
    assert_lists(&[], &ALL).await;
    let world = World::of(&account()).await;
    let of = |region: &str| served_ids(&world, format!("{ACTION}&RegionId={region}"));
    assert_eq!(of("cn-shanghai").await, ["m-shanghai"]);
    assert_eq!(of("us-west-1").await, [""; 0]);
}

async fn served_ids(world: &World, query: String) -> Vec<String> {
    world.get(&query).await.ids()
}

#[rstest]
#[case("SystemSnapshotId", "s-1", &["m-full"])]
#[case("SystemSnapshotId", "S-1", &["m-case"])]
#[case("SystemSnapshotId", "s-1 ", &[])]
#[case("SystemSnapshotId", "s-", &[])]
#[case("SystemSnapshotId", "s-1\0", &[])]
#[case("DataSnapshotId", "d-1", &["m-full"])]
#[case("DataSnapshotId", "d-11", &["m-longer"])]
#[case("DataSnapshotId", "s-1", &[])]
#[case("InstanceId", "i-1", &["m-full"])]
#[case("InstanceId", "I-1", &["m-case"])]
#[case("InstanceId", "i-%", &[])]
#[case("ResourceGroupId", "rg-1", &["m-full"])]
#[case("ResourceGroupId", "rg-11", &["m-longer"])]
#[case("ResourceGroupId", "' OR 1=1 --", &[])]
#[tokio::test]
async fn an_id_filter_compares_byte_for_byte(
    #[case] name: &str,
    #[case] value: &str,
    #[case] expected: &[&str],
) {
    assert_lists(&[(name, value)], expected).await;
}

#[rstest]
#[case("SystemSnapshotId")]
#[case("DataSnapshotId")]
#[case("InstanceId")]
#[case("ResourceGroupId")]
#[case("ImageIds")]
#[case("ImageNames")]
#[case("Tag.1.Key")]
#[case("Share")]
#[case("ClientToken")]
#[case("PageSize")]
#[case("PageNumber")]
#[tokio::test]
async fn an_empty_value_counts_as_absent(#[case] name: &str) {
    assert_lists(&[(name, "")], &ALL).await;
}

#[rstest]
#[case(r#"["m-full"]"#, &["m-full"])]
#[case(r#"["m-full","m-longer"]"#, &["m-full", "m-longer"])]
#[case(r#"["m-longer", "m-full", "m-full"]"#, &["m-full", "m-longer"])]
#[case(" \t[\n\"m-full\" ] ", &["m-full"])]
#[case(r#"["m\u002dfull"]"#, &["m-full"])]
#[case(r#"["m-full ","M-FULL"]"#, &["M-FULL"])]
#[case(r#"["m-%_"]"#, &["m-%_"])]
#[case(r#"["m-none","m-shanghai"]"#, &[])]
#[case(r#"["m-full\u0000"]"#, &[])]
#[case("[]", &ALL)]
#[case("[ ]", &ALL)]
#[case("m-full", &["m-full"])]
#[case("m-full,m-longer", &["m-full", "m-longer"])]
#[case(" m-full ,  m-longer ", &["m-full", "m-longer"])]
#[case("m-none", &[])]
#[case("m-", &[])]
#[case("M-full", &[])]
#[case("\"m-full\"", &[])]
#[case("m-full\0", &[])]
#[tokio::test]
async fn image_ids_are_a_json_array_or_a_list_with_commas(
    #[case] value: &str,
    #[case] expected: &[&str],
) {
    assert_lists(&[("ImageIds", value)], expected).await;
}

#[rstest]
#[case(r#"["web"]"#, &["M-FULL"])]
#[case(r#"["Web"]"#, &["m-case"])]
#[case(r#"["web "]"#, &["m-longer"])]
#[case("web ", &["M-FULL"])]
#[case(r#"["测试 ~*/é"]"#, &["m-full"])]
#[case(r#"["\u6d4b\u8bd5 ~*/\u00e9"]"#, &["m-full"])]
#[case("测试 ~*/é", &["m-full"])]
#[case("测试 ~*/e\u{301}", &[])]
#[case(r#"["a,b"]"#, &["m-%_"])]
#[case("a,b", &[])]
#[case("web,Web", &["M-FULL", "m-case"])]
#[case("w%", &[])]
#[case("[]", &ALL)]
#[tokio::test]
async fn image_names_are_compared_byte_for_byte(#[case] value: &str, #[case] expected: &[&str]) {
    assert_lists(&[("ImageNames", value)], expected).await;
}

#[rstest]
#[case::key_alone(&[("Tag.1.Key", "env")], &["M-FULL", "m-case", "m-full"])]
#[case::an_empty_value_is_any(
    &[("Tag.1.Key", "env"), ("Tag.1.Value", "")], &["M-FULL", "m-case", "m-full"])]
#[case::key_and_value(&[("Tag.1.Key", "env"), ("Tag.1.Value", "prod")], &["m-full"])]
#[case::value_first(&[("Tag.1.Value", "prod"), ("Tag.1.Key", "env")], &["m-full"])]
#[case::value_in_another_case(&[("Tag.1.Key", "env"), ("Tag.1.Value", "Prod")], &["m-case"])]
#[case::key_in_another_case(&[("Tag.1.Key", "Env")], &["m-case"])]
#[case::unknown_key(&[("Tag.1.Key", "en")], &[])]
#[case::utf8(&[("Tag.1.Key", "team"), ("Tag.1.Value", "网")], &["m-full"])]
#[case::value_of_another_key(&[("Tag.1.Key", "team"), ("Tag.1.Value", "Prod")], &[])]
#[case::two_keys_are_joined_with_and(&[("Tag.1.Key", "env"), ("Tag.2.Key", "team")], &["m-full"])]
#[case::one_that_none_has(&[("Tag.1.Key", "env"), ("Tag.2.Key", "none")], &[])]
#[case::two_values_of_one_key(
    &[("Tag.1.Key", "env"), ("Tag.1.Value", "prod"), ("Tag.2.Key", "env"), ("Tag.2.Value", "Prod")],
    &[])]
#[case::gaps(&[("Tag.20.Key", "env"), ("Tag.3.Key", "team"), ("Tag.3.Value", "网")], &["m-full"])]
#[case::same_tag_twice(&[("Tag.1.Key", "Env"), ("Tag.2.Key", "Env")], &["m-case"])]
#[case::an_empty_key_and_value_are_absent(
    &[("Tag.1.Key", ""), ("Tag.1.Value", ""), ("Tag.2.Key", "Env")], &["m-case"])]
#[tokio::test]
async fn an_image_must_have_every_tag_asked_for(
    #[case] parameters: &[(&str, &str)],
    #[case] expected: &[&str],
) {
    assert_lists(parameters, expected).await;
}

#[rstest]
#[case("true", &["m-full"])]
#[case("True", &["m-full"])]
#[case("TRUE", &["m-full"])]
#[case("false", &["M-FULL", "m-%_", "m-case", "m-longer"])]
#[case("False", &["M-FULL", "m-%_", "m-case", "m-longer"])]
#[tokio::test]
async fn share_means_sharing_across_accounts_and_not_to_ecs(
    #[case] value: &str,
    #[case] expected: &[&str],
) {
    assert_lists(&[("Share", value)], expected).await;
}

/// A value that `m-full` has and one that no image with its other values has, for each filter.
const NINE: [(&str, &str, &str); 9] = [
    ("RegionId", "cn-hangzhou", "cn-shanghai"),
    ("ImageIds", r#"["m-full","M-FULL"]"#, r#"["M-FULL"]"#),
    ("ImageNames", r#"["测试 ~*/é"]"#, r#"["web"]"#),
    ("SystemSnapshotId", "s-1", "S-1"),
    ("DataSnapshotId", "d-1", "D-1"),
    ("InstanceId", "i-1", "I-1"),
    ("ResourceGroupId", "rg-1", "RG-1"),
    ("Tag.1.Key", "env", "Env"),
    ("Share", "true", "false"),
];

#[tokio::test]
async fn all_nine_filters_are_joined_with_and() {
    let world = World::of(&account()).await;
    let query = |mismatch: Option<usize>| {
        let parameters = NINE.iter().enumerate().map(|(idx, (name, fits, misses))| {
            let value = if mismatch == Some(idx) { misses } else { fits };
            format!("{name}={}", encode(value))
        });
        format!("{ACTION}&{}", parameters.collect::<Vec<_>>().join("&"))
    };
    assert_eq!(world.get(&query(None)).await.ids(), ["m-full"]);
    for (idx, (name, _, _)) in NINE.into_iter().enumerate() {
        let answer = world.get(&query(Some(idx))).await;
        assert_eq!(answer.ids(), [""; 0], "{name} is not joined with AND");
        assert_eq!(answer.field("TotalCount"), "0", "{name}");
    }
}

#[tokio::test]
async fn a_filtered_listing_is_paged_and_counted_like_any_other() {
    let world = World::of(&account()).await;
    let page = |number| format!("Share=false&PageSize=3&PageNumber={number}");
    let first = world.list(&page(1)).await;
    assert_eq!(first.ids(), ["M-FULL", "m-%_", "m-case"]);
    let second = world.list(&page(2)).await;
    assert_eq!(second.ids(), ["m-longer"]);
    for answer in [first, second, world.list(&page(3)).await] {
        assert_eq!(answer.field("TotalCount"), "4");
    }
}

#[tokio::test]
async fn names_of_parameters_are_case_sensitive() {
    let world = World::of(&account()).await;
    let answer = world.list("instanceid=i-1&TAG.1.KEY=env").await;
    assert_eq!(answer.ids(), ALL);
    let answer = world.get("action=ListCustomImages").await;
    assert_eq!(answer.code(), "MissingAction");
    let answer = world.get(&format!("{ACTION}&regionId=cn-hangzhou")).await;
    assert_eq!(answer.code(), "MissingRegionId");
}
