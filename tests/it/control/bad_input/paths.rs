//! Paths, the names in them, and methods.

use rstest::rstest;

use super::{ROUTES, state, world};

#[rstest]
#[case("a%2Fb")]
#[case("..%2F..%2Fetc")]
#[case("a%0Ab")]
#[case("a%0D%0Ax-evil:%201")]
#[case("%00")]
#[case("%20")]
#[case("a%25")]
#[case("%E6%B5%8B")]
#[case("a,b")]
#[tokio::test]
async fn a_name_with_other_characters_is_refused(#[case] name: &str) {
    let world = world().await;
    let before = state(&world).await;
    for case in &ROUTES {
        let path = case.path_of(name, name, name);
        if path == case.path {
            continue;
        }
        // An image, a fault and a request may have any id, so it is just not there; a new image must
        // have the body's.
        let any_id = ["{ImageId}", "faults/{id}", "{requestId}"];
        let has_any_id = any_id.iter().any(|name| case.path.contains(name));
        let status = match (case.method, has_any_id) {
            ("PUT", true) | (_, false) => 400,
            (_, true) => 404,
        };
        let reply = world.control_raw(case.method, &path, case.body);
        assert_eq!(reply.status, status, "{} {path}: {reply:?}", case.method);
        assert!(!reply.error("hint").is_empty());
    }
    for case in ROUTES
        .iter()
        .filter(|case| case.path != "/_emulator/openapi.json")
    {
        if case.path.starts_with("/_emulator/sandboxes") {
            continue;
        }
        let path = format!("{}?sandbox={name}", case.path());
        let reply = world.control_raw(case.method, &path, case.body);
        assert_eq!(
            (reply.status, &*reply.code()),
            (400, "InvalidName"),
            "{path}"
        );
    }
    let reply = world.control_raw("POST", &format!("/_emulator/reset?to={name}"), "");
    assert_eq!((reply.status, &*reply.code()), (400, "InvalidName"));
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn dots_are_plain_characters_and_never_a_folder() {
    let world = world().await;
    let before = state(&world).await;
    for (method, path, status) in [
        ("GET", "/_emulator/checkpoints/..", 404),
        ("GET", "/_emulator/checkpoints/%2e%2e", 404),
        ("GET", "/_emulator/images/..", 404),
        ("DELETE", "/_emulator/sandboxes/..", 404),
        ("POST", "/_emulator/reset?to=..", 404),
        ("GET", "/_emulator/../_emulator/images", 404),
        ("GET", "/_emulator/images/../export", 404),
    ] {
        let reply = world.control_raw(method, path, "");
        assert_eq!(reply.status, status, "{method} {path}: {reply:?}");
    }
    assert_eq!(state(&world).await, before);
}

#[rstest]
#[case("%zz")]
#[case("%")]
#[case("%E6%B5")]
#[tokio::test]
async fn broken_percent_encoding_is_refused(#[case] text: &str) {
    let world = world().await;
    let before = state(&world).await;
    for case in &ROUTES {
        let query = format!("{}?x={text}", case.path());
        let reply = world.control_raw(case.method, &query, case.body);
        assert_eq!(reply.status, 400, "{} {query}", case.method);
        let path = case.path_of(text, text, text);
        if path != case.path {
            let reply = world.control_raw(case.method, &path, case.body);
            assert!((400..500).contains(&reply.status), "{} {path}", case.method);
        }
    }
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn another_method_is_405_and_names_those_there_are() {
    let world = world().await;
    let before = state(&world).await;
    for case in &ROUTES {
        let known: Vec<&str> = ROUTES
            .iter()
            .filter(|other| other.path == case.path)
            .map(|other| other.method)
            .collect();
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            if known.contains(&method) {
                continue;
            }
            let reply = world.control(method, &case.path(), "").await;
            assert_eq!(reply.status, 405, "{method} {}", case.path);
            assert_eq!(reply.code(), "MethodNotAllowed");
            assert_eq!(reply.header("allow"), Some(&*known.join(", ")));
        }
    }
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn what_answers_to_get_answers_to_head_without_a_body() {
    let world = world().await;
    for case in ROUTES.iter().filter(|case| case.method == "GET") {
        let reply = world.control("HEAD", &case.path(), "").await;
        assert_eq!((reply.status, &*reply.body), (200, ""), "{}", case.path);
    }
}

#[rstest]
#[case("/_emulator")]
#[case("/_emulator/")]
#[case("/_emulator/nothing")]
#[case("/_emulator/images/")]
#[case("/_emulator/images/m-1/")]
#[case("/_emulator/images/m-1/tags")]
#[case("/_emulator//images")]
#[case("/_emulator/Images")]
#[case("/_emulator/reset/seed")]
#[tokio::test]
async fn another_path_is_404(#[case] path: &str) {
    let world = world().await;
    for method in ["GET", "POST", "DELETE", "OPTIONS"] {
        let reply = world.control_raw(method, path, "");
        assert_eq!(
            (reply.status, &*reply.code()),
            (404, "NotFound"),
            "{method} {path}"
        );
        assert!(!reply.error("hint").is_empty());
    }
}

#[tokio::test]
async fn a_path_that_was_mistyped_is_guessed() {
    let world = world().await;
    let reply = world
        .refused(("GET", "/_emulator/image", ""), 404, "NotFound")
        .await;
    assert_eq!(reply.error("hint"), "did you mean /_emulator/images?");
}
