//! Connections that stay open after an answer, and what the answer says of it.

use rstest::rstest;

use crate::support::{FORM, LIST, World, images, post};

#[rstest]
#[case::by_default("HTTP/1.1", "", true)]
#[case::asked_for("HTTP/1.1", "Connection: keep-alive\r\n", true)]
#[case::closed("HTTP/1.1", "Connection: close\r\n", false)]
#[case::closed_among_others("HTTP/1.1", "Connection: TE, Close\r\n", false)]
#[case::old("HTTP/1.0", "", false)]
#[case::old_and_asked_for("HTTP/1.0", "Connection: Keep-Alive\r\n", true)]
#[tokio::test]
async fn an_answer_says_how_long_its_connection_may_be_kept(
    #[case] version: &str,
    #[case] header: &str,
    #[case] is_kept: bool,
) {
    let world = World::of(&images(1)).await;
    for path in [
        &format!("/?{LIST}"),
        "/?Action=x",
        "/livez",
        "/_emulator/health",
    ] {
        let mut raw = world.raw();
        raw.send(format!(
            "GET {path} {version}\r\nHost: localhost\r\n{header}\r\n"
        ));
        let answer = raw.answer();
        let expected = is_kept.then_some("timeout=25");
        assert_eq!(answer.header("keep-alive"), expected, "{path}: {answer:?}");
        if is_kept {
            assert_eq!(raw.get(LIST).ids(), ["m-000"]);
        } else {
            assert_eq!(raw.rest(), "");
        }
    }
}

#[tokio::test]
async fn a_connection_is_kept_after_an_error_and_after_a_body() {
    let world = World::of(&images(1)).await;
    let mut raw = world.raw();
    for _ in 0..3 {
        assert_eq!(raw.get("Action=x").code(), "MissingVersion");
        raw.send(post(LIST, FORM, "PageSize=1"));
        assert_eq!(raw.answer().header("keep-alive"), Some("timeout=25"));
    }
}
