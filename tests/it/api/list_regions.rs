//! `ListRegions`: names, endpoints, order, languages.

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Emulator;

use crate::support::World;

const REGIONS: &str = "Action=ListRegions&Version=2020-06-01";

fn region(regions: &Value, id: &str) -> Value {
    let all = regions["Regions"].as_array().unwrap();
    let found = all.iter().find(|region| region["RegionId"] == id);
    found
        .unwrap_or_else(|| panic!("no {id}: {regions}"))
        .clone()
}

/// Source: `ListRegions` reference, the documented examples, JSON for fields and names, XML for the
/// order; read 2026-11-24.
#[tokio::test]
async fn the_regions_of_the_documented_example_come_in_its_order_and_form() {
    let world = World::empty().await;
    let answer = world.get(REGIONS).await;
    let regions = answer.json();
    let ids: Vec<&str> = regions["Regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|region| region["RegionId"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 29);
    let example = [
        "cn-qingdao",
        "cn-beijing",
        "cn-zhangjiakou",
        "cn-huhehaote",
        "cn-hangzhou",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-hongkong",
        "ap-southeast-1",
    ];
    let order: Vec<_> = ids.iter().filter(|id| example.contains(id)).collect();
    assert_eq!(order, example.iter().collect::<Vec<_>>());
    assert!(answer.body.contains(
        r#"{"LocalName":"华东1（杭州）","RegionEndpoint":"swas.cn-hangzhou.aliyuncs.com","RegionId":"cn-hangzhou"}"#
    ));
    let xml = world.get(&format!("{REGIONS}&Format=XML")).await;
    assert!(xml.body.contains(
        "<Regions><LocalName>华北1（青岛）</LocalName>\
         <RegionEndpoint>swas.cn-qingdao.aliyuncs.com</RegionEndpoint>\
         <RegionId>cn-qingdao</RegionId></Regions><Regions>"
    ));
}

#[rstest]
#[case("", "华东1（杭州）")]
#[case("&AcceptLanguage=", "华东1（杭州）")]
#[case("&AcceptLanguage=zh-CN", "华东1（杭州）")]
#[case("&AcceptLanguage=en-US", "China (Hangzhou)")]
#[tokio::test]
async fn accept_language_chooses_the_names(#[case] parameter: &str, #[case] name: &str) {
    let world = World::empty().await;
    let answer = world.get(&format!("{REGIONS}{parameter}")).await;
    assert_eq!(region(&answer.json(), "cn-hangzhou")["LocalName"], name);
}

#[rstest]
#[case("en-us")]
#[case("fr-FR")]
#[case("zh-CN%20")]
#[tokio::test]
async fn any_other_language_is_refused(#[case] language: &str) {
    let world = World::empty().await;
    let answer = world
        .get(&format!("{REGIONS}&AcceptLanguage={language}"))
        .await;
    answer.assert_refused(400, "InvalidAcceptLanguage");
    assert_eq!(
        answer.field("Message"),
        "Specified parameter AcceptLanguage is not valid."
    );
}

#[tokio::test]
async fn an_added_region_is_listed_last_with_its_id_as_its_name() {
    let builder = Emulator::builder()
        .region("xx-test-1")
        .region("cn-hangzhou");
    let world = World::start(builder).await;
    let regions = world.get(REGIONS).await.json();
    let all = regions["Regions"].as_array().unwrap();
    assert_eq!(all.len(), 30);
    assert_eq!(
        all[29],
        json!({
            "LocalName": "xx-test-1",
            "RegionEndpoint": "swas.xx-test-1.aliyuncs.com",
            "RegionId": "xx-test-1",
        })
    );
}

/// The older SDKs send `RegionId` with every action.
#[tokio::test]
async fn a_region_id_changes_nothing_and_is_no_reason_to_warn() {
    let world = World::empty().await;
    let answer = world.get(&format!("{REGIONS}&RegionId=nowhere")).await;
    assert_eq!((answer.status, answer.warning()), (200, ""));
    assert_eq!(answer.json()["Regions"].as_array().unwrap().len(), 29);
}

#[tokio::test]
async fn it_has_no_explanation() {
    let world = World::empty().await;
    let path = format!("/_emulator/explain?{REGIONS}");
    let none = world
        .refused(("GET", &path, ""), 404, "NoExplanation")
        .await;
    assert_eq!(none.error("message"), "`ListRegions` has no explanation");
}
