//! The successful answer: its fields, their types and order, the pages, JSON and XML.

use std::fmt::Write as _;

use rstest::rstest;
use serde_json::json;

use crate::support::{ACTION, LIST, World, fixture, image, images};

/// The vendor's example answer.
///
/// Source: `ListCustomImages` reference, the documented example; the product's metadata of June
/// 2024, read 2026-11-24.
const EXAMPLE: &str = include_str!("../../../../fixtures/documented-example.json");

/// An image with every field, in another order than the answer's.
fn full_image() -> serde_json::Value {
    json!({
        "SourceImageVersion": "8.0",
        "SourceImageName": "CentOS",
        "RequiredDataDiskSize": 0,
        "RequiredSystemDiskSize": 40,
        "OsType": "Linux",
        "UserId": 1_287_495_036_218_470_i64,
        "CreateInstances": ["i-2", "i-1"],
        "ResourceGroupId": "rg-1",
        "InstanceName": "swas-1",
        "Tags": [{"Value": "prod", "Key": "env"}, {"Key": "bare", "Value": ""}],
        "Status": "4",
        "ImageId": "m-full",
        "Name": "a<b>&\"c'",
        "Description": "",
        "SystemSnapshotName": "sys",
        "RegionId": "cn-hangzhou",
        "DataSnapshotId": "s-data",
        "InstanceId": "2d06",
        "InShareUser": true,
        "InShare": true,
        "SystemSnapshotId": "s-sys",
        "DataSnapshotName": "data",
        "CreationTime": "2026-02-28T23:59:59Z",
    })
}

#[tokio::test]
async fn the_documented_example_is_served_field_by_field() {
    let world = World::of(EXAMPLE).await;
    let answer = world.get(LIST).await;
    // Beside what the example shows: `InShareUser` is a flag, and both lists are always there.
    insta::assert_snapshot!(answer.redacted(), @r#"{"RequestId":"REQUEST-ID","CustomImages":[{"CreationTime":"2022-10-09T02:28:06Z","DataSnapshotName":"数据盘快照","SystemSnapshotId":"s-bp1h173hj21puxb***","InShare":false,"InShareUser":false,"InstanceId":"2d06ee0520b44de1ae88d4be****","DataSnapshotId":"s-bp19rn9u8eqzlfb***","RegionId":"cn-hangzhou","SystemSnapshotName":"系统盘快照","Description":"自定义镜像-1","Name":"test","ImageId":"m-bp1e79zktg26n2b***","Status":"1","Tags":[{"Key":"TestKey","Value":"TestValue"}],"InstanceName":"swas-asdf23***","ResourceGroupId":"rg-acfm2h2lvp3ublq","CreateInstances":[]}],"TotalCount":"1","PageSize":"10","PageNumber":"1"}"#);
}

#[tokio::test]
async fn every_documented_value_of_the_example_comes_back_with_its_type() {
    let world = World::of(EXAMPLE).await;
    let answer = world.get(LIST).await;
    let documented: serde_json::Value = serde_json::from_str(EXAMPLE).unwrap();
    let documented = documented["CustomImages"][0].as_object().unwrap();
    assert_eq!(documented.len(), 15);
    let image = &answer.images()[0];
    for (name, value) in documented {
        assert_eq!(&image[name], value, "{name}");
    }
    let order = |image: &serde_json::Value| -> Vec<String> {
        let names = image.as_object().unwrap().keys();
        names
            .filter(|name| documented.contains_key(*name))
            .cloned()
            .collect()
    };
    let documented_order: Vec<_> = documented.keys().cloned().collect();
    assert_eq!(order(image), documented_order);
}

#[tokio::test]
async fn every_field_has_its_place_and_its_type() {
    let world = World::of(&fixture(&[full_image()])).await;
    let answer = world.get(LIST).await;
    insta::assert_snapshot!(answer.redacted(), @r#"{"RequestId":"REQUEST-ID","CustomImages":[{"CreationTime":"2026-02-28T23:59:59Z","DataSnapshotName":"data","SystemSnapshotId":"s-sys","InShare":true,"InShareUser":true,"InstanceId":"2d06","DataSnapshotId":"s-data","RegionId":"cn-hangzhou","SystemSnapshotName":"sys","Description":"","Name":"a<b>&\"c'","ImageId":"m-full","Status":"4","Tags":[{"Key":"env","Value":"prod"},{"Key":"bare","Value":""}],"InstanceName":"swas-1","ResourceGroupId":"rg-1","CreateInstances":["i-2","i-1"],"UserId":1287495036218470,"OsType":"Linux","RequiredSystemDiskSize":40,"RequiredDataDiskSize":0,"SourceImageName":"CentOS","SourceImageVersion":"8.0"}],"TotalCount":"1","PageSize":"10","PageNumber":"1"}"#);
}

#[tokio::test]
async fn an_absent_or_null_field_is_left_out_and_an_empty_one_is_a_value() {
    let absent = image("m-absent", json!({"CreationTime": "2026-01-03T00:00:00Z"}));
    let null = image(
        "m-null",
        json!({
            "CreationTime": "2026-01-02T00:00:00Z", "Description": null, "UserId": null,
            "OsType": null, "Status": null, "InShare": null, "Tags": null,
            "CreateInstances": null, "RequiredSystemDiskSize": null,
        }),
    );
    let empty = image(
        "m-empty",
        json!({
            "CreationTime": "2026-01-01T00:00:00Z", "Name": "", "Description": "", "UserId": 0,
            "RequiredSystemDiskSize": 0, "InShare": false, "InstanceId": "", "Tags": [],
            "SourceImageName": "",
        }),
    );
    let world = World::of(&fixture(&[absent, null, empty])).await;
    let body = world.get(LIST).await.redacted();
    insta::assert_snapshot!(body.replace("},{", "},\n{"), @r#"
    {"RequestId":"REQUEST-ID","CustomImages":[{"CreationTime":"2026-01-03T00:00:00Z","InShare":false,"InShareUser":false,"RegionId":"cn-hangzhou","Name":"m-absent","ImageId":"m-absent","Status":"1","Tags":[],"CreateInstances":[]},
    {"CreationTime":"2026-01-02T00:00:00Z","InShare":false,"InShareUser":false,"RegionId":"cn-hangzhou","Name":"m-null","ImageId":"m-null","Status":"1","Tags":[],"CreateInstances":[]},
    {"CreationTime":"2026-01-01T00:00:00Z","InShare":false,"InShareUser":false,"InstanceId":"","RegionId":"cn-hangzhou","Description":"","Name":"","ImageId":"m-empty","Status":"1","Tags":[],"CreateInstances":[],"UserId":0,"RequiredSystemDiskSize":0,"SourceImageName":""}],"TotalCount":"3","PageSize":"10","PageNumber":"1"}
    "#);
}

#[tokio::test]
async fn each_status_is_answered_as_a_string() {
    let statuses = ["0", "1", "2", "3", "4"];
    let made: Vec<_> = statuses
        .iter()
        .map(|status| {
            let time = format!("2026-01-01T00:00:0{status}Z");
            image(
                &format!("m-{status}"),
                json!({"Status": status, "CreationTime": time}),
            )
        })
        .collect();
    let world = World::of(&fixture(&made)).await;
    let images = world.get(LIST).await.images();
    let found: Vec<_> = images.iter().map(|image| image["Status"].clone()).collect();
    assert_eq!(found, ["4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn an_image_without_a_creation_time_was_created_when_it_was_seeded() {
    let before = jiff::Timestamp::now().as_second();
    let world = World::of(&fixture(&[image("m-1", json!({}))])).await;
    let images = world.get(LIST).await.images();
    let text = images[0]["CreationTime"].as_str().unwrap();
    assert_eq!(text.len(), "yyyy-MM-ddTHH:mm:ssZ".len());
    let created: jiff::Timestamp = text.parse().unwrap();
    let now = jiff::Timestamp::now().as_second();
    assert!((before..=now).contains(&created.as_second()), "{text}");
}

#[rstest]
#[case("", 0..10, "10", "1")]
#[case("PageNumber=2", 10..20, "10", "2")]
#[case("PageSize=7&PageNumber=4", 21..25, "7", "4")]
#[case("PageSize=100", 0..25, "100", "1")]
#[case("PageSize=1&PageNumber=25", 24..25, "1", "25")]
#[case("PageSize=25&PageNumber=2", 0..0, "25", "2")]
#[case("PageNumber=4", 0..0, "10", "4")]
#[case("PageSize=100&PageNumber=4294967295", 0..0, "100", "4294967295")]
#[case("PageSize=007&PageNumber=02", 7..14, "7", "2")]
#[tokio::test]
async fn a_page_holds_its_slice_and_the_total_is_right_even_past_the_end(
    #[case] parameters: &str,
    #[case] slice: std::ops::Range<usize>,
    #[case] size: &str,
    #[case] number: &str,
) {
    let world = World::of(&images(25)).await;
    let answer = world.list(parameters).await;
    let expected: Vec<String> = slice.map(|idx| format!("m-{idx:03}")).collect();
    assert_eq!(answer.ids(), expected);
    assert_eq!(answer.field("TotalCount"), "25");
    assert_eq!(answer.field("PageSize"), size);
    assert_eq!(answer.field("PageNumber"), number);
}

#[tokio::test]
async fn the_newest_comes_first_and_equal_times_are_ordered_by_id_byte_for_byte() {
    let at = |id, time| image(id, json!({"CreationTime": time}));
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z");
    let made = [
        at("m-9", old),
        at("m-10", old),
        at("m-é", old),
        at("m-z", old),
        at("M-9", old),
        at("m-~", old),
        at("z-newest", new),
        at("a-newest", new),
        at("a-oldest", "1999-12-31T23:59:59Z"),
    ];
    let world = World::of(&fixture(&made)).await;
    let expected = [
        "a-newest", "z-newest", "M-9", "m-10", "m-9", "m-z", "m-~", "m-é", "a-oldest",
    ];
    assert_eq!(world.list("PageSize=100").await.ids(), expected);
    let mut walked = Vec::new();
    for number in 1..=5 {
        let page = format!("PageSize=2&PageNumber={number}");
        walked.extend(world.list(&page).await.ids());
    }
    assert_eq!(walked, expected);
}

#[tokio::test]
async fn the_example_in_xml_repeats_an_element_for_each_entry_of_a_list() {
    let world = World::of(EXAMPLE).await;
    let answer = world.list("Format=XML").await;
    // Source: the XML examples of the product's other list actions; read 2026-11-24.
    insta::assert_snapshot!(answer.redacted(), @r#"<?xml version='1.0' encoding='UTF-8'?><ListCustomImagesResponse><RequestId>REQUEST-ID</RequestId><CustomImages><CreationTime>2022-10-09T02:28:06Z</CreationTime><DataSnapshotName>数据盘快照</DataSnapshotName><SystemSnapshotId>s-bp1h173hj21puxb***</SystemSnapshotId><InShare>false</InShare><InShareUser>false</InShareUser><InstanceId>2d06ee0520b44de1ae88d4be****</InstanceId><DataSnapshotId>s-bp19rn9u8eqzlfb***</DataSnapshotId><RegionId>cn-hangzhou</RegionId><SystemSnapshotName>系统盘快照</SystemSnapshotName><Description>自定义镜像-1</Description><Name>test</Name><ImageId>m-bp1e79zktg26n2b***</ImageId><Status>1</Status><Tags><Key>TestKey</Key><Value>TestValue</Value></Tags><InstanceName>swas-asdf23***</InstanceName><ResourceGroupId>rg-acfm2h2lvp3ublq</ResourceGroupId></CustomImages><TotalCount>1</TotalCount><PageSize>10</PageSize><PageNumber>1</PageNumber></ListCustomImagesResponse>"#);
}

#[tokio::test]
async fn every_field_in_xml_is_escaped_and_an_empty_one_is_an_empty_element() {
    let world = World::of(&fixture(&[full_image()])).await;
    let answer = world.list("Format=XML").await;
    insta::assert_snapshot!(answer.redacted(), @r#"<?xml version='1.0' encoding='UTF-8'?><ListCustomImagesResponse><RequestId>REQUEST-ID</RequestId><CustomImages><CreationTime>2026-02-28T23:59:59Z</CreationTime><DataSnapshotName>data</DataSnapshotName><SystemSnapshotId>s-sys</SystemSnapshotId><InShare>true</InShare><InShareUser>true</InShareUser><InstanceId>2d06</InstanceId><DataSnapshotId>s-data</DataSnapshotId><RegionId>cn-hangzhou</RegionId><SystemSnapshotName>sys</SystemSnapshotName><Description></Description><Name>a&lt;b&gt;&amp;&quot;c&apos;</Name><ImageId>m-full</ImageId><Status>4</Status><Tags><Key>env</Key><Value>prod</Value></Tags><Tags><Key>bare</Key><Value></Value></Tags><InstanceName>swas-1</InstanceName><ResourceGroupId>rg-1</ResourceGroupId><CreateInstances>i-2</CreateInstances><CreateInstances>i-1</CreateInstances><UserId>1287495036218470</UserId><OsType>Linux</OsType><RequiredSystemDiskSize>40</RequiredSystemDiskSize><RequiredDataDiskSize>0</RequiredDataDiskSize><SourceImageName>CentOS</SourceImageName><SourceImageVersion>8.0</SourceImageVersion></CustomImages><TotalCount>1</TotalCount><PageSize>10</PageSize><PageNumber>1</PageNumber></ListCustomImagesResponse>"#);
}

#[tokio::test]
async fn an_empty_listing_has_an_empty_list_in_json_and_no_element_in_xml() {
    let world = World::empty().await;
    let json = world.get(LIST).await.redacted();
    insta::assert_snapshot!(json, @r#"{"RequestId":"REQUEST-ID","CustomImages":[],"TotalCount":"0","PageSize":"10","PageNumber":"1"}"#);
    let xml = world.list("Format=XML").await.redacted();
    insta::assert_snapshot!(xml, @r#"<?xml version='1.0' encoding='UTF-8'?><ListCustomImagesResponse><RequestId>REQUEST-ID</RequestId><TotalCount>0</TotalCount><PageSize>10</PageSize><PageNumber>1</PageNumber></ListCustomImagesResponse>"#);
}

#[tokio::test]
async fn a_refusal_has_five_strings_in_json_and_in_xml() {
    let world = World::empty().await;
    let json = world.list("PageSize=101").await.redacted();
    let host = world.address().to_string();
    insta::assert_snapshot!(json.replace(&host, "HOST"), @r#"{"RequestId":"REQUEST-ID","HostId":"HOST","Code":"InvalidPageSize","Message":"Specified parameter PageSize is not valid.","Recommend":"https://api.aliyun.com/troubleshoot?q=InvalidPageSize&product=SWAS-OPEN&requestId=REQUEST-ID"}"#);
    let xml = world.list("PageSize=101&Format=XML").await.redacted();
    insta::assert_snapshot!(xml.replace(&host, "HOST"), @r#"<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>REQUEST-ID</RequestId><HostId>HOST</HostId><Code>InvalidPageSize</Code><Message>Specified parameter PageSize is not valid.</Message><Recommend>https://api.aliyun.com/troubleshoot?q=InvalidPageSize&amp;product=SWAS-OPEN&amp;requestId=REQUEST-ID</Recommend></Error>"#);
}

const JSON: &str = "application/json;charset=utf-8";
const XML: &str = "text/xml;charset=utf-8";

#[rstest]
#[case("", &[], JSON)]
#[case("", &["*/*"], JSON)]
#[case("", &["application/json"], JSON)]
#[case("", &["text/plain"], JSON)]
#[case("", &["application/atom+xml"], JSON)]
#[case("", &["text/xml"], XML)]
#[case("", &["application/xml"], XML)]
#[case("", &["text/plain, Application/XML;q=0.5"], XML)]
#[case("", &["text/plain", "text/xml"], XML)]
#[case("", &["application/xml, application/json;q=0.1"], JSON)]
#[case("", &["text/xml", "application/json"], JSON)]
#[case("", &["text/html, application/xml"], JSON)]
#[case("", &["text/xml, */*;q=0.1"], JSON)]
#[case("&Format=JSON", &["text/xml"], JSON)]
#[case("&Format=json", &["text/xml"], JSON)]
#[case("&Format=XML", &["application/json"], XML)]
#[case("&Format=xMl", &[], XML)]
#[case("&Format=None", &[], JSON)]
#[case("&Format=None", &["text/xml"], XML)]
#[case("&Format=", &["text/xml"], XML)]
#[tokio::test]
async fn the_parameter_format_decides_and_without_it_the_header_accept(
    #[case] parameter: &str,
    #[case] accept: &[&str],
    #[case] content_type: &str,
) {
    let world = World::empty().await;
    for (query, status) in [(LIST, 200), (ACTION, 400)] {
        let mut request = format!("GET /?{query}{parameter} HTTP/1.1\r\nHost: swas.test\r\n");
        for value in accept {
            write!(request, "Accept: {value}\r\n").unwrap();
        }
        let mut raw = world.raw();
        raw.send(format!("{request}\r\n"));
        let answer = raw.answer();
        answer.assert_invariants("swas.test");
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some(content_type));
    }
}

#[rstest]
#[case("YAML")]
#[case("none")]
#[case("JSON%20")]
#[case("application/json")]
#[tokio::test]
async fn any_other_format_is_refused_in_the_format_that_is_accepted(#[case] format: &str) {
    let world = World::empty().await;
    let query = format!("{LIST}&Format={format}");
    let answer = world.get(&query).await;
    assert!(!answer.is_xml());
    assert_eq!(answer.code(), "InvalidParameter.Format");
    let answer = world
        .get_with(&query, &[("accept", "application/xml")])
        .await;
    assert!(answer.is_xml());
    assert_eq!(answer.code(), "InvalidParameter.Format");
}

#[tokio::test]
async fn the_format_of_a_form_counts_like_that_of_a_query() {
    let world = World::empty().await;
    let answer = world.post("", &format!("{LIST}&Format=XML")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.is_xml());
    let answer = world.post("", "Format=XML").await;
    assert_eq!(answer.code(), "MissingAction");
    assert!(answer.is_xml());
}
