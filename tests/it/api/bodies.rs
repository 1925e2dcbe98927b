//! Bodies and what is encoded in them: limits, chunks, content types, the form and the query.

use std::fmt::Write as _;

use rstest::rstest;
use serde_json::json;

use crate::support::{ACTION, FORM, LIST, Raw, World, fixture, get, image, images, post};

#[rstest]
#[case::at_the_limit(1 << 20, 200)]
#[case::one_over((1 << 20) + 1, 413)]
#[case::far_over(3 << 20, 413)]
#[case::beyond_what_is_thrown_away(9 << 20, 413)]
#[tokio::test]
async fn a_body_has_a_limit_that_a_client_sees_that_sends_everything_first(
    #[case] n_bytes: usize,
    #[case] status: u16,
) {
    let world = World::empty().await;
    let body = format!("Signature={}", "a".repeat(n_bytes - "Signature=".len()));
    let answer = world.sent(post(LIST, FORM, &body));
    assert_eq!(answer.status, status, "{answer:?}");
    if status == 413 {
        assert_eq!(answer.code(), "RequestTooLarge");
    }
}

#[rstest]
#[case::at_the_limit(1 << 20, 200)]
#[case::one_over((1 << 20) + 1, 413)]
#[tokio::test]
async fn a_chunked_body_has_the_same_limit(#[case] n_bytes: usize, #[case] status: u16) {
    let world = World::empty().await;
    let body = format!("Signature={}", "a".repeat(n_bytes - "Signature=".len()));
    let mut request = format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n"
    );
    for chunk in body.as_bytes().chunks(60_000) {
        let text = std::str::from_utf8(chunk).unwrap();
        write!(request, "{:x}\r\n{text}\r\n", chunk.len()).unwrap();
    }
    request.push_str("0\r\n\r\n");
    assert_eq!(world.sent(request).status, status);
}

#[tokio::test]
async fn a_chunked_body_carries_parameters_and_a_broken_one_is_refused() {
    let world = World::of(&images(3)).await;
    let head = format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n"
    );
    let answer = world.sent(format!("{head}5\r\nPageS\r\n6\r\nize=2&\r\n0\r\n\r\n"));
    assert_eq!(answer.ids(), ["m-000", "m-001"]);
    let answer = world.sent(format!("{head}zz\r\n"));
    answer.assert_refused(400, "InvalidEncoding");
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_gets_it() {
    let world = World::of(&images(3)).await;
    let mut raw = world.raw();
    raw.send(format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nExpect: 100-continue\r\n\
         Content-Length: 10\r\n\r\n"
    ));
    assert_eq!(raw.answer_without_body().status, 100);
    raw.send("PageSize=1");
    assert_eq!(raw.answer().ids(), ["m-000"]);
}

#[rstest]
#[case::absent("", 200)]
#[case::form(FORM, 200)]
#[case::with_a_charset(
    "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n",
    200
)]
#[case::in_capitals("CONTENT-TYPE: Application/X-WWW-Form-URLencoded\r\n", 200)]
#[case::json("Content-Type: application/json\r\n", 415)]
#[case::json_with_a_charset("Content-Type: application/json; charset=utf-8\r\n", 415)]
#[case::multipart("Content-Type: multipart/form-data; boundary=x\r\n", 415)]
#[case::text("Content-Type: text/plain\r\n", 415)]
#[case::a_longer_name("Content-Type: application/x-www-form-urlencoded2\r\n", 415)]
#[case::empty("Content-Type: \r\n", 415)]
#[tokio::test]
async fn a_body_must_be_a_form_if_it_says_what_it_is(#[case] header: &str, #[case] status: u16) {
    let world = World::of(&images(3)).await;
    let answer = world.sent(post(LIST, header, "PageSize=1"));
    assert_eq!(answer.status, status, "{answer:?}");
    if status == 200 {
        assert_eq!(answer.ids(), ["m-000"]);
    } else {
        assert_eq!(answer.code(), "UnsupportedContentType");
    }
    let empty = world.sent(post(LIST, header, ""));
    assert_eq!(empty.ids().len(), 3);
}

#[tokio::test]
async fn a_get_with_a_form_is_read_like_a_post() {
    let world = World::of(&images(3)).await;
    let request = post(LIST, FORM, "PageSize=1").replacen("POST", "GET", 1);
    assert_eq!(world.sent(request).ids(), ["m-000"]);
}

#[rstest]
#[case("a=%zz")]
#[case("a=%")]
#[case("a=%4")]
#[case("%=a")]
#[case("a=%E6%B5")]
#[case("a=%C0%AF")]
#[case("a=%ED%A0%80")]
#[case("a=%FF&b=1")]
#[tokio::test]
async fn a_broken_encoding_is_refused_in_the_query_and_in_the_form(#[case] broken: &str) {
    let world = World::empty().await;
    for request in [
        get(&format!("{LIST}&{broken}")),
        post(LIST, FORM, broken),
        post(LIST, "", &format!("PageSize=1&{broken}")),
    ] {
        let answer = world.sent(request);
        answer.assert_refused(400, "InvalidEncoding");
    }
}

#[tokio::test]
async fn raw_bytes_that_are_utf8_are_read_and_others_are_refused() {
    let world = World::empty().await;
    let mut form = b"PageSize=1&ImageNames=".to_vec();
    form.extend_from_slice("测试".as_bytes());
    let head = |form: &[u8]| {
        let n_bytes = form.len();
        format!("POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nContent-Length: {n_bytes}\r\n\r\n")
    };
    let mut request = head(&form).into_bytes();
    request.extend_from_slice(&form);
    assert_eq!(world.sent(request).status, 200);
    let form = b"ImageNames=\xB2\xE2";
    let mut request = head(form).into_bytes();
    request.extend_from_slice(form);
    assert_eq!(world.sent(request).code(), "InvalidEncoding");
}

#[rstest]
#[case(1_000, 0, 200)]
#[case(0, 1_000, 200)]
#[case(500, 500, 200)]
#[case(1_001, 0, 400)]
#[case(0, 1_001, 400)]
#[case(500, 501, 400)]
#[tokio::test]
async fn the_parameters_of_query_and_form_are_counted_together(
    #[case] n_query: usize,
    #[case] n_form: usize,
    #[case] status: u16,
) {
    let world = World::empty().await;
    let many = |n_params: usize| {
        let params: Vec<String> = (0..n_params).map(|n| format!("Signature{n}=")).collect();
        params.join("&")
    };
    let headers = format!("x-acs-action: ListCustomImages\r\nx-acs-version: 2020-06-01\r\n{FORM}");
    let answer = world.sent(post(&many(n_query), &headers, &many(n_form)));
    // Without a region: the count is checked first.
    assert_eq!(answer.status, 400);
    let expected = if status == 200 {
        "MissingRegionId"
    } else {
        "TooManyParameters"
    };
    assert_eq!(answer.code(), expected);
}

#[tokio::test]
async fn query_and_form_are_merged_and_a_plus_is_a_blank() {
    let world = World::of(&fixture(&[
        image("m-1", json!({"Name": "a b", "InstanceId": "a+b"})),
        image("m-2", json!({"Name": "a+b"})),
    ]))
    .await;
    let answer = world.sent(post(ACTION, FORM, "RegionId=cn-hangzhou&ImageNames=a+b"));
    assert_eq!(answer.ids(), ["m-1"]);
    let answer = world.sent(get(&format!("{LIST}&ImageNames=a%2Bb")));
    assert_eq!(answer.ids(), ["m-2"]);
    let request = post(
        &format!("{LIST}&InstanceId=a%2Bb"),
        FORM,
        "InstanceId=x&ImageNames=a%20b",
    );
    let answer = world.sent(request);
    assert_eq!(answer.ids(), ["m-1"]);
    assert_eq!(
        answer.warning(),
        "parameter `InstanceId` was sent more than once, the first stands"
    );
    let answer = world.sent(get(&format!("&&{LIST}&&=&")));
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_client_that_goes_away_inside_its_body_harms_nobody() {
    let world = World::of(&images(1)).await;
    let mut raw: Raw = world.raw();
    raw.send(format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nContent-Length: 9\r\n\r\nPag"
    ));
    drop(raw);
    assert_eq!(world.sent(get(LIST)).ids(), ["m-000"]);
}
