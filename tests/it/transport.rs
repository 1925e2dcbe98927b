//! HTTP itself: paths, methods, bodies, encodings, headers and the limits of each.

use std::fmt::Write as _;

use rstest::rstest;

use crate::support::{ACTION, Answer, LIST, Raw, Served, get, images};

/// Sends bytes on a connection of their own and reads the vendor's answer.
fn sent(served: &Served, request: impl AsRef<[u8]>) -> Answer {
    let mut raw = served.raw();
    raw.send(request);
    let answer = raw.answer();
    answer.assert_invariants("swas.test");
    answer
}

fn post(query: &str, headers: &str, body: &str) -> String {
    let n_bytes = body.len();
    format!(
        "POST /?{query} HTTP/1.1\r\nHost: swas.test\r\n{headers}Content-Length: {n_bytes}\r\n\r\n{body}"
    )
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[rstest]
#[case("/index.html")]
#[case("//")]
#[case("/../x")]
#[case("/livez/")]
#[tokio::test]
async fn another_path_is_not_found(#[case] path: &str) {
    let served = Served::empty().await;
    let answer = sent(
        &served,
        format!("GET {path}?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"),
    );
    assert_eq!(answer.status, 404);
    assert_eq!(answer.code(), "InvalidAction.NotFound");
    assert!(answer.reason().contains(path), "{answer:?}");
}

#[rstest]
#[case("PUT")]
#[case("DELETE")]
#[case("PATCH")]
#[case("OPTIONS")]
#[case("TRACE")]
#[case("get")]
#[case("BREW")]
#[tokio::test]
async fn another_method_is_refused_and_told_the_right_ones(#[case] method: &str) {
    let served = Served::empty().await;
    let answer = sent(
        &served,
        format!("{method} /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"),
    );
    assert_eq!(answer.status, 405);
    assert_eq!(answer.code(), "UnsupportedHTTPMethod");
    assert_eq!(answer.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn head_is_refused_without_a_body() {
    let served = Served::empty().await;
    let mut raw = served.raw();
    raw.send(format!(
        "HEAD /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nConnection: close\r\n\r\n"
    ));
    let answer = raw.answer_without_body();
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), Some("GET, POST"));
    crate::support::assert_upper_case_uuid(answer.header("x-acs-request-id").unwrap());
    assert_eq!(
        answer.header("x-emulator-version"),
        Some(env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(raw.rest(), "");
}

#[tokio::test]
async fn the_path_is_checked_before_the_method_and_both_before_the_body() {
    let served = Served::empty().await;
    let answer = sent(&served, "PUT /x?a=%zz HTTP/1.1\r\nHost: swas.test\r\n\r\n");
    assert_eq!(answer.code(), "InvalidAction.NotFound");
    let body = "a".repeat((1 << 20) + 1);
    let request = post("", "", &body).replacen("POST", "PUT", 1);
    assert_eq!(sent(&served, request).code(), "UnsupportedHTTPMethod");
}

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
    let served = Served::empty().await;
    let body = format!("Signature={}", "a".repeat(n_bytes - "Signature=".len()));
    let answer = sent(&served, post(LIST, FORM, &body));
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
    let served = Served::empty().await;
    let body = format!("Signature={}", "a".repeat(n_bytes - "Signature=".len()));
    let mut request = format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n"
    );
    for chunk in body.as_bytes().chunks(60_000) {
        let text = std::str::from_utf8(chunk).unwrap();
        write!(request, "{:x}\r\n{text}\r\n", chunk.len()).unwrap();
    }
    request.push_str("0\r\n\r\n");
    assert_eq!(sent(&served, request).status, status);
}

#[tokio::test]
async fn a_chunked_body_carries_parameters_and_a_broken_one_is_refused() {
    let served = Served::start(&images(3)).await;
    let head = format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n"
    );
    let answer = sent(
        &served,
        format!("{head}5\r\nPageS\r\n6\r\nize=2&\r\n0\r\n\r\n"),
    );
    assert_eq!(answer.ids(), ["m-000", "m-001"]);
    let answer = sent(&served, format!("{head}zz\r\n"));
    assert_eq!(answer.status, 400);
    assert_eq!(answer.code(), "InvalidEncoding");
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_go_on_is_told_so() {
    let served = Served::start(&images(3)).await;
    let mut raw = served.raw();
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
    let served = Served::start(&images(3)).await;
    let answer = sent(&served, post(LIST, header, "PageSize=1"));
    assert_eq!(answer.status, status, "{answer:?}");
    if status == 200 {
        assert_eq!(answer.ids(), ["m-000"]);
    } else {
        assert_eq!(answer.code(), "UnsupportedContentType");
    }
    let empty = sent(&served, post(LIST, header, ""));
    assert_eq!(empty.ids().len(), 3);
}

#[tokio::test]
async fn a_get_with_a_form_is_read_like_a_post() {
    let served = Served::start(&images(3)).await;
    let request = post(LIST, FORM, "PageSize=1").replacen("POST", "GET", 1);
    assert_eq!(sent(&served, request).ids(), ["m-000"]);
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
    let served = Served::empty().await;
    for request in [
        get(&format!("{LIST}&{broken}")),
        post(LIST, FORM, broken),
        post(LIST, "", &format!("PageSize=1&{broken}")),
    ] {
        let answer = sent(&served, request);
        assert_eq!(answer.status, 400);
        assert_eq!(answer.code(), "InvalidEncoding");
    }
}

#[tokio::test]
async fn raw_bytes_that_are_utf8_are_read_and_others_are_refused() {
    let served = Served::empty().await;
    let mut form = b"PageSize=1&ImageNames=".to_vec();
    form.extend_from_slice("测试".as_bytes());
    let head = |form: &[u8]| {
        let n_bytes = form.len();
        format!("POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nContent-Length: {n_bytes}\r\n\r\n")
    };
    let mut request = head(&form).into_bytes();
    request.extend_from_slice(&form);
    assert_eq!(sent(&served, request).status, 200);
    let form = b"ImageNames=\xB2\xE2";
    let mut request = head(form).into_bytes();
    request.extend_from_slice(form);
    assert_eq!(sent(&served, request).code(), "InvalidEncoding");
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
    let served = Served::empty().await;
    let many = |n_params: usize| {
        let params: Vec<String> = (0..n_params).map(|n| format!("Signature{n}=")).collect();
        params.join("&")
    };
    let headers = format!("x-acs-action: ListCustomImages\r\nx-acs-version: 2020-06-01\r\n{FORM}");
    let answer = sent(&served, post(&many(n_query), &headers, &many(n_form)));
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
    let served = Served::start(&crate::support::fixture(&[
        crate::support::image(
            "m-1",
            serde_json::json!({"Name": "a b", "InstanceId": "a+b"}),
        ),
        crate::support::image("m-2", serde_json::json!({"Name": "a+b"})),
    ]))
    .await;
    let answer = sent(
        &served,
        post(ACTION, FORM, "RegionId=cn-hangzhou&ImageNames=a+b"),
    );
    assert_eq!(answer.ids(), ["m-1"]);
    let answer = sent(&served, get(&format!("{LIST}&ImageNames=a%2Bb")));
    assert_eq!(answer.ids(), ["m-2"]);
    let request = post(
        &format!("{LIST}&InstanceId=a%2Bb"),
        FORM,
        "InstanceId=x&ImageNames=a%20b",
    );
    let answer = sent(&served, request);
    assert_eq!(answer.ids(), ["m-1"]);
    assert_eq!(
        answer.warning(),
        "parameter `InstanceId` was sent more than once, the first stands"
    );
    let answer = sent(&served, get(&format!("&&{LIST}&&=&")));
    assert_eq!(answer.status, 200);
}

const ACTION_HEADER: &str = "X-ACS-Action: ListCustomImages\r\n";
const VERSION_HEADER: &str = "x-acs-version: 2020-06-01\r\n";

#[rstest]
#[case::both_headers("", ACTION_HEADER, VERSION_HEADER, "")]
#[case::one_of_each("Action=ListCustomImages", "", VERSION_HEADER, "")]
#[case::the_other_way("Version=2020-06-01", ACTION_HEADER, "", "")]
#[case::parameters_win(ACTION, "x-acs-action: Nothing\r\n", "x-acs-version: 1\r\n", "")]
#[case::an_empty_parameter_does_not("Action=&Version=", ACTION_HEADER, VERSION_HEADER, "")]
#[case::a_wrong_parameter_wins(
    "Action=Nothing",
    ACTION_HEADER,
    VERSION_HEADER,
    "InvalidAction.NotFound"
)]
#[case::a_wrong_version_wins("Version=1", ACTION_HEADER, VERSION_HEADER, "InvalidVersion")]
#[case::empty_headers("", "x-acs-action: \r\n", VERSION_HEADER, "MissingAction")]
#[case::no_version("", ACTION_HEADER, "x-acs-version:\r\n", "MissingVersion")]
#[tokio::test]
async fn the_action_is_named_by_parameter_or_by_header(
    #[case] query: &str,
    #[case] action: &str,
    #[case] version: &str,
    #[case] code: &str,
) {
    let served = Served::empty().await;
    let answer = sent(
        &served,
        format!(
            "GET /?{query}&RegionId=cn-hangzhou HTTP/1.1\r\nHost: swas.test\r\n{action}{version}\r\n"
        ),
    );
    if code.is_empty() {
        assert_eq!(answer.status, 200, "{answer:?}");
    } else {
        assert_eq!(answer.code(), code);
    }
}

#[rstest]
#[case::a_vendor_host("swas.cn-shanghai.aliyuncs.com")]
#[case::with_a_port("localhost:8808")]
#[case::ipv6("[::1]:8808")]
#[case::one_to_be_escaped("a\"<b>&c")]
#[tokio::test]
async fn any_host_is_accepted_and_is_the_host_id_of_an_error(#[case] host: &str) {
    let served = Served::start(&images(1)).await;
    let of = |query: &str| format!("GET /?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut raw = served.raw();
    raw.send(of(LIST));
    // The region is the parameter's, whatever the host says.
    assert_eq!(raw.answer().ids(), ["m-000"]);
    for format in ["JSON", "XML"] {
        raw.send(of(&format!("Format={format}")));
        let answer = raw.answer();
        answer.assert_invariants(host);
        assert_eq!(answer.field("HostId"), host);
    }
}

#[tokio::test]
async fn a_request_without_a_host_has_an_empty_host_id() {
    let served = Served::empty().await;
    let mut raw = served.raw();
    raw.send("GET / HTTP/1.0\r\n\r\n");
    let answer = raw.answer();
    answer.assert_invariants("");
    assert_eq!(answer.code(), "MissingAction");
}

#[tokio::test]
async fn a_request_target_may_be_a_whole_address() {
    let served = Served::start(&images(1)).await;
    let answer = sent(
        &served,
        format!("GET http://swas.test/?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"),
    );
    assert_eq!(answer.ids(), ["m-000"]);
    let answer = sent(
        &served,
        format!("GET http://swas.test?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"),
    );
    assert_eq!(answer.ids(), ["m-000"]);
}

#[rstest]
#[case(65_534, 200)]
#[case(65_535, 414)]
#[tokio::test]
async fn a_request_target_has_a_limit(#[case] n_bytes: usize, #[case] status: u16) {
    let served = Served::empty().await;
    let mut target = format!("/?{LIST}&Signature=");
    target.push_str(&"a".repeat(n_bytes - target.len()));
    let mut raw = served.raw();
    raw.send(format!("GET {target} HTTP/1.1\r\nHost: swas.test\r\n\r\n"));
    assert_eq!(raw.answer_without_body().status, status);
}

#[rstest]
#[case(100, 200)]
#[case(101, 431)]
#[tokio::test]
async fn the_headers_of_a_request_have_a_limit(#[case] n_headers: usize, #[case] status: u16) {
    let served = Served::empty().await;
    let more: String = (1..n_headers).map(|n| format!("X-{n}: 1\r\n")).collect();
    let mut raw = served.raw();
    raw.send(format!(
        "GET /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n{more}\r\n"
    ));
    assert_eq!(raw.answer_without_body().status, status);
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_closed() {
    let served = Served::empty().await;
    let mut raw = served.raw();
    raw.send("hello\r\n\r\n");
    assert_eq!(raw.answer_without_body().status, 400);
    assert_eq!(raw.rest(), "");
}

#[tokio::test]
async fn a_connection_serves_many_requests_and_pipelined_ones_in_their_order() {
    let served = Served::start(&images(3)).await;
    let page = |number: u32| get(&format!("{LIST}&PageSize=1&PageNumber={number}"));
    let mut raw = served.raw();
    raw.send(format!("{}{}{}", page(2), get("Format=XML"), page(3)));
    assert_eq!(raw.answer().ids(), ["m-001"]);
    assert_eq!(raw.answer().code(), "MissingAction");
    assert_eq!(raw.answer().ids(), ["m-002"]);
    raw.send(post(LIST, FORM, "PageSize=1"));
    assert_eq!(raw.answer().ids(), ["m-000"]);
    raw.send(page(1).replace("Host:", "Connection: close\r\nHost:"));
    assert_eq!(raw.answer().ids(), ["m-000"]);
    assert_eq!(raw.rest(), "");
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let served = Served::empty().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..50 {
        ids.insert(served.get(LIST).await.field("RequestId"));
    }
    assert_eq!(ids.len(), 50);
}

#[tokio::test]
async fn a_client_that_goes_away_inside_its_body_harms_nobody() {
    let served = Served::start(&images(1)).await;
    let mut raw: Raw = served.raw();
    raw.send(format!(
        "POST /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nContent-Length: 9\r\n\r\nPag"
    ));
    drop(raw);
    assert_eq!(sent(&served, get(LIST)).ids(), ["m-000"]);
}
