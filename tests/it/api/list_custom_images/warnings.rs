//! Warnings: what works in a request, but is probably a mistake.

use rstest::rstest;

use crate::support::{LIST, World, encode, images};

#[rstest]
#[case("ImageId=m-1", "unknown parameter `ImageId`, did you mean `ImageIds`?")]
#[case("regionid=x", "unknown parameter `regionid`, did you mean `RegionId`?")]
#[case("PageSzie=1", "unknown parameter `PageSzie`, did you mean `PageSize`?")]
#[case(
    "ImageNames.1=a",
    "unknown parameter `ImageNames.1`, did you mean `ImageNames`?"
)]
#[case(
    "Tag.x.Key=k",
    "unknown parameter `Tag.x.Key`, did you mean `Tag.N.Key`?"
)]
#[case(
    "Tag.1.Foo=k",
    "unknown parameter `Tag.1.Foo`, did you mean `Tag.N.Key`?"
)]
#[case(
    "Tag.01.Value=v",
    "unknown parameter `Tag.01.Value`, did you mean `Tag.N.Value`?"
)]
#[case(
    "Tag.N.Key=k",
    "unknown parameter `Tag.N.Key`, did you mean `Tag.N.Key`?"
)]
#[case(
    "Tag.%2B1.Key=k",
    "unknown parameter `Tag.+1.Key`, did you mean `Tag.N.Key`?"
)]
#[case("Tag=k", "unknown parameter `Tag`, did you mean `Tag.N.Key`?")]
#[case("Colour=red", "unknown parameter `Colour`")]
#[case("=x", "unknown parameter ``")]
#[tokio::test]
async fn an_unknown_parameter_is_ignored_with_a_warning_that_names_the_nearest(
    #[case] parameter: &str,
    #[case] warning: &str,
) {
    let world = World::of(&images(3)).await;
    let answer = world.list(parameter).await;
    assert_eq!(answer.ids(), ["m-000", "m-001", "m-002"]);
    assert_eq!(answer.warning(), warning);
    let by_form = world.post(LIST, parameter).await;
    assert_eq!(by_form.warning(), warning);
}

#[rstest]
#[case("Action=ListCustomImages&Version=2020-06-01&Format=JSON")]
#[case("AccessKeyId=testid&SecurityToken=t&BearerToken=b")]
#[case("Signature=a&SignatureMethod=b&SignatureNonce=c&SignatureVersion=1.0&SignatureType=")]
#[case("SignatureSomethingNew=1&Timestamp=2026-11-24T01%3A52%3A14Z")]
#[case("ClientToken=t&ImageIds=%5B%5D&ImageNames=%5B%5D&PageSize=1&PageNumber=1")]
#[case("SystemSnapshotId=s&DataSnapshotId=d&InstanceId=i&ResourceGroupId=r&Share=true")]
#[case("Tag.1.Key=k&Tag.1.Value=v&Tag.20.Key=k")]
#[tokio::test]
async fn no_known_parameter_is_warned_about(#[case] parameters: &str) {
    let world = World::empty().await;
    // By header, so that the action's own parameters stand in the query once.
    let query = format!("RegionId=cn-hangzhou&{parameters}");
    let request = format!(
        "GET /?{query} HTTP/1.1\r\nHost: swas.test\r\nx-acs-action: ListCustomImages\r\n\
         x-acs-version: 2020-06-01\r\n\r\n"
    );
    let mut raw = world.raw();
    raw.send(request);
    let answer = raw.answer();
    answer.assert_invariants("swas.test");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("x-emulator-warning"), None);
}

#[tokio::test]
async fn of_a_repeated_parameter_the_first_stands_and_a_warning_is_given_once() {
    let world = World::of(&images(3)).await;
    let warning = "parameter `PageSize` was sent more than once, the first stands";
    let answer = world.list("PageSize=1&PageSize=2&PageSize=x").await;
    assert_eq!(answer.field("PageSize"), "1");
    assert_eq!(answer.warning(), warning);

    let split = world
        .post(&format!("{LIST}&PageSize=2"), "PageSize=1")
        .await;
    assert_eq!(split.field("PageSize"), "2");
    assert_eq!(split.warning(), warning);

    // The first is empty, so the parameter is absent, whatever comes after.
    let empty = world.list("PageSize=&PageSize=2").await;
    assert_eq!(empty.field("PageSize"), "10");
    assert_eq!(empty.warning(), warning);
}

#[tokio::test]
async fn warnings_are_joined_in_one_header_and_come_with_a_refusal_too() {
    let world = World::empty().await;
    let answer = world.list("Foo=1&Share=x&Foo=2&ImageId=3").await;
    assert_eq!(answer.code(), "InvalidShare");
    assert_eq!(
        answer.warning(),
        "parameter `Foo` was sent more than once, the first stands; unknown parameter `Foo`; \
         unknown parameter `ImageId`, did you mean `ImageIds`?"
    );
}

#[tokio::test]
async fn a_name_is_escaped_in_the_header() {
    let world = World::empty().await;
    let name = encode("a\r\nX-Evil: 1%网\u{7f}~");
    let answer = world.list(&format!("{name}=1")).await;
    assert_eq!(
        answer.warning(),
        "unknown parameter `a%0D%0AX-Evil: 1%25%E7%BD%91%7F~`"
    );
    assert_eq!(answer.header("x-evil"), None);
}

#[tokio::test]
async fn warnings_that_do_not_fit_into_1_kib_are_counted() {
    let world = World::empty().await;
    let names: Vec<String> = (100..400).map(|n| format!("Colour{n}=x")).collect();
    let answer = world.list(&names.join("&")).await;
    let warning = answer.warning();
    let (shown, more) = warning.split_once("...and ").unwrap();
    let n_more: usize = more.strip_suffix(" more").unwrap().parse().unwrap();
    let n_shown = shown.split("; ").count();
    assert_eq!(n_shown + n_more, 300, "{warning}");
    // As many as fit: one more of them would pass the limit.
    let one_more = "; unknown parameter `Colour100`".len();
    assert!(warning.len() <= 1_024);
    assert!(warning.len() + one_more > 1_024, "{}", warning.len());
}

#[tokio::test]
async fn one_warning_that_is_too_long_is_cut() {
    let world = World::empty().await;
    let answer = world.list(&format!("{}=1", "x".repeat(2_000))).await;
    let warning = answer.warning();
    assert_eq!(warning.len(), 1_024);
    assert!(warning.starts_with("unknown parameter `xxx"), "{warning}");
    assert!(warning.ends_with("x..."), "{warning}");
}

#[rstest]
#[case::the_same("PageSize=5&Share=true", "PageSize=5&Share=true", false)]
#[case::another_order("PageSize=5&Share=true", "Share=True&PageSize=5", false)]
#[case::another_page("PageSize=5&PageNumber=1", "PageSize=5&PageNumber=2", false)]
#[case::another_size("PageSize=5", "PageSize=6", true)]
#[case::another_filter("InstanceId=a", "InstanceId=b", true)]
#[case::another_tag("Tag.1.Key=a", "Tag.1.Key=b", true)]
#[case::one_filter_less("Share=true", "", true)]
#[tokio::test]
async fn a_client_token_that_comes_back_with_other_parameters_is_a_warning(
    #[case] first: &str,
    #[case] second: &str,
    #[case] warned: bool,
) {
    let world = World::empty().await;
    assert_eq!(
        world
            .list(&format!("ClientToken=t-1&{first}"))
            .await
            .warning(),
        ""
    );
    let answer = world.list(&format!("ClientToken=t-1&{second}")).await;
    assert_eq!(answer.status, 200);
    let expected = if warned {
        "client token `t-1` was used before with other parameters"
    } else {
        ""
    };
    assert_eq!(answer.warning(), expected);
    // Tokens are case-sensitive, and another one has no past.
    let other = world.list(&format!("ClientToken=T-1&{second}")).await;
    assert_eq!(other.warning(), "");
}

#[tokio::test]
async fn a_client_token_changes_nothing_of_the_answer() {
    let world = World::of(&images(5)).await;
    for _ in 0..2 {
        let answer = world.list("ClientToken=t-1&PageSize=2").await;
        assert_eq!(answer.ids(), ["m-000", "m-001"]);
    }
}
