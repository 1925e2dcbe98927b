//! HTTP itself: paths, methods, headers, connections and the limits of each.

use rstest::rstest;

use crate::support::{ACTION, FORM, LIST, World, assert_upper_case_uuid, get, images, post};

#[rstest]
#[case("/index.html")]
#[case("//")]
#[case("/../x")]
#[case("/livez/")]
#[tokio::test]
async fn another_path_is_not_found(#[case] path: &str) {
    let world = World::empty().await;
    let answer = world.sent(format!(
        "GET {path}?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"
    ));
    answer.assert_refused(404, "InvalidAction.NotFound");
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
async fn another_method_is_refused_with_the_allowed_ones(#[case] method: &str) {
    let world = World::empty().await;
    let answer = world.sent(format!(
        "{method} /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"
    ));
    answer.assert_refused(405, "UnsupportedHTTPMethod");
    assert_eq!(answer.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn head_is_refused_without_a_body() {
    let world = World::empty().await;
    let mut raw = world.raw();
    raw.send(format!(
        "HEAD /?{LIST} HTTP/1.1\r\nHost: swas.test\r\nConnection: close\r\n\r\n"
    ));
    let answer = raw.answer_without_body();
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), Some("GET, POST"));
    assert_upper_case_uuid(answer.header("x-acs-request-id").unwrap());
    assert_eq!(
        answer.header("x-emulator-version"),
        Some(env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(raw.rest(), "");
}

#[tokio::test]
async fn the_path_is_checked_before_the_method_and_both_before_the_body() {
    let world = World::empty().await;
    let answer = world.sent("PUT /x?a=%zz HTTP/1.1\r\nHost: swas.test\r\n\r\n");
    assert_eq!(answer.code(), "InvalidAction.NotFound");
    let body = "a".repeat((1 << 20) + 1);
    let request = post("", "", &body).replacen("POST", "PUT", 1);
    assert_eq!(world.sent(request).code(), "UnsupportedHTTPMethod");
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
    let world = World::empty().await;
    let answer = world.sent(format!(
        "GET /?{query}&RegionId=cn-hangzhou HTTP/1.1\r\nHost: swas.test\r\n{action}{version}\r\n"
    ));
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
    let world = World::of(&images(1)).await;
    let of = |query: &str| format!("GET /?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut raw = world.raw();
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
    let world = World::empty().await;
    let mut raw = world.raw();
    raw.send("GET / HTTP/1.0\r\n\r\n");
    let answer = raw.answer();
    answer.assert_invariants("");
    assert_eq!(answer.code(), "MissingAction");
}

#[tokio::test]
async fn a_request_target_may_be_a_whole_address() {
    let world = World::of(&images(1)).await;
    let answer = world.sent(format!(
        "GET http://swas.test/?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"
    ));
    assert_eq!(answer.ids(), ["m-000"]);
    let answer = world.sent(format!(
        "GET http://swas.test?{LIST} HTTP/1.1\r\nHost: swas.test\r\n\r\n"
    ));
    assert_eq!(answer.ids(), ["m-000"]);
}

#[rstest]
#[case(65_534, 200)]
#[case(65_535, 414)]
#[tokio::test]
async fn a_request_target_has_a_limit(#[case] n_bytes: usize, #[case] status: u16) {
    let world = World::empty().await;
    let mut target = format!("/?{LIST}&Signature=");
    target.push_str(&"a".repeat(n_bytes - target.len()));
    let mut raw = world.raw();
    raw.send(format!("GET {target} HTTP/1.1\r\nHost: swas.test\r\n\r\n"));
    assert_eq!(raw.answer_without_body().status, status);
}

#[rstest]
#[case(100, 200)]
#[case(101, 431)]
#[tokio::test]
async fn the_headers_of_a_request_have_a_limit(#[case] n_headers: usize, #[case] status: u16) {
    let world = World::empty().await;
    let more = "X-More: 1\r\n".repeat(n_headers - 1);
    let mut raw = world.raw();
    raw.send(format!(
        "GET /?{LIST} HTTP/1.1\r\nHost: swas.test\r\n{more}\r\n"
    ));
    assert_eq!(raw.answer_without_body().status, status);
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_closed() {
    let world = World::empty().await;
    let mut raw = world.raw();
    raw.send("hello\r\n\r\n");
    assert_eq!(raw.answer_without_body().status, 400);
    assert_eq!(raw.rest(), "");
}

#[tokio::test]
async fn a_connection_serves_many_requests_and_pipelined_ones_in_their_order() {
    let world = World::of(&images(3)).await;
    let page = |number: u32| get(&format!("{LIST}&PageSize=1&PageNumber={number}"));
    let mut raw = world.raw();
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
    let world = World::empty().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..50 {
        ids.insert(world.get(LIST).await.field("RequestId"));
    }
    assert_eq!(ids.len(), 50);
}
