//! Bad bodies for every route: missing, broken, too long, too deep.

use super::bad_input::{BODY_BYTES_MAX, FAULT, ROUTES, refused, state, world};
use crate::support::{Answer, World};

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let world = world().await;
    for case in ROUTES.iter().filter(|case| !case.body.is_empty()) {
        for body in [
            "{",
            "nothing",
            "[1,",
            "{\"a\":}",
            "\u{FEFF}{}",
            "{} {}",
            "'x'",
            "NaN",
        ] {
            let reply = refused(&world, case, &case.path(), body, 400).await;
            assert!(!reply.error("hint").is_empty());
        }
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let world = world().await;
    for case in ROUTES.iter().filter(|case| !case.body.is_empty()) {
        for body in [
            "null",
            "3",
            "true",
            "\"text\"",
            "[3]",
            "[[]]",
            r#"{"unknownField": 1}"#,
        ] {
            refused(&world, case, &case.path(), body, 400).await;
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_utf8_is_refused() {
    let world = world().await;
    for case in ROUTES.iter().filter(|case| !case.body.is_empty()) {
        let before = state(&world).await;
        let body = b"{\"Name\": \"\xFF\xFE\"}".to_vec();
        let path = case.path();
        let answer = Answer::to(world.request(case.method, &path).body(body)).await;
        answer.assert_documented(case.method, &path);
        assert_eq!(answer.status, 400, "{} {path}", case.method);
        assert_eq!(state(&world).await, before);
    }
}

#[tokio::test]
async fn a_missing_body_is_refused_where_one_is_needed() {
    let world = world().await;
    for case in ROUTES.iter().filter(|case| case.needs_body()) {
        for body in ["", "  \n"] {
            let reply = refused(&world, case, &case.path(), body, 400).await;
            assert!(
                reply.error("message").ends_with("needs a body"),
                "{reply:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_is_refused_where_none_is_taken() {
    let world = world().await;
    for case in ROUTES.iter().filter(|case| case.body.is_empty()) {
        for body in [r#"{"a": 1}"#, "[]", "x"] {
            let reply = refused(&world, case, &case.path(), body, 400).await;
            assert!(
                reply.error("message").ends_with("takes no body"),
                "{reply:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_empty_body_is_fine_under_any_content_type_where_none_is_needed() {
    for case in ROUTES.iter().filter(|case| !case.needs_body()) {
        let world = world().await;
        for (content_type, body) in [
            ("application/json", ""),
            ("application/x-www-form-urlencoded", ""),
            ("text/plain; charset=utf-8", ""),
            ("nonsense", ""),
            ("application/json", "{}"),
            ("application/json", " \r\n"),
        ] {
            // What the one before deleted is there again.
            world.list("").await;
            let taken = FAULT.replacen('{', r#"{"id": "taken","#, 1);
            world.control("POST", "/_emulator/faults", &taken).await;
            world.control("POST", "/_emulator/reset", "").await;
            world
                .control("POST", "/_emulator/checkpoints/kept", "")
                .await;
            world
                .control("DELETE", "/_emulator/clock?sandbox=taken", "")
                .await;
            let request = world.request(case.method, &case.path());
            let request = request.header("content-type", content_type).body(body);
            let answer = Answer::to(request).await;
            answer.assert_documented(case.method, &case.path());
            assert!(answer.status < 300, "{content_type}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_body_at_the_limit_is_read_and_one_byte_more_is_413() {
    for case in &ROUTES {
        let world = world().await;
        let path = case.path_of(
            "taken",
            if case.method == "PUT" { "m-9" } else { "m-1" },
            "kept",
        );
        // Blanks are no part of any body's meaning.
        let over = format!("{:<1$}", case.body, BODY_BYTES_MAX + 1);
        let reply = refused(&world, case, &path, &over, 413).await;
        assert_eq!(reply.code(), "BodyTooLarge");
        assert!(reply.error("message").contains("300 bytes"), "{reply:?}");
        assert!(
            reply.error("hint").contains("--control-body-max"),
            "{reply:?}"
        );
        world.ok(case.method, &path, &over[..BODY_BYTES_MAX]).await;
    }
}

#[tokio::test]
async fn a_body_far_over_the_limit_is_refused_in_the_same_way() {
    let world = World::shared().await;
    let before = world.export("default").await;
    let over = " ".repeat((32 << 20) + 1);
    for body in [&*over, &format!("{over}{over}")[..40 << 20]] {
        let put = ("PUT", "/_emulator/images", body);
        world.refused(put, 413, "BodyTooLarge").await;
    }
    assert_eq!(world.export("default").await, before);
}

#[tokio::test]
async fn deep_json_is_refused_and_harms_nothing() {
    let world = World::shared().await;
    let before = world.export("default").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let object = format!("{{\"Tags\": {deep}}}");
    for (method, path, body) in [
        ("PUT", "/_emulator/images", &deep),
        ("PUT", "/_emulator/images/m-1", &object),
        ("PATCH", "/_emulator/images/m-1", &object),
        ("PUT", "/_emulator/clock", &object),
        ("POST", "/_emulator/generate", &object),
        ("POST", "/_emulator/sandboxes", &object),
    ] {
        let reply = world.control(method, path, body).await;
        assert_eq!(reply.status, 400, "{method} {path}");
        assert!(
            reply.body.len() < 2_000,
            "{method} {path}: {}",
            reply.body.len()
        );
    }
    assert_eq!(world.export("default").await, before);
}

#[tokio::test]
async fn a_message_is_one_line_whatever_the_body_holds() {
    let world = World::shared().await;
    for (method, path, body) in [
        ("PUT", "/_emulator/images", r#"[{"ImageId": "m\nx"}]"#),
        ("PUT", "/_emulator/clock", r#"{"advance": "a\nb"}"#),
        ("PUT", "/_emulator/clock", "{\"a\\nb\": 1}"),
        ("POST", "/_emulator/reset?to=a%0Ab", ""),
        ("POST", "/_emulator/reset?a%0Ab=1", ""),
    ] {
        let reply = world.control(method, path, body).await;
        assert_eq!(reply.status, 400, "{method} {path}: {reply:?}");
        for part in ["message", "hint"] {
            let text = reply.error(part);
            assert!(!text.contains(['\n', '\r']), "{method} {path}: {text:?}");
        }
    }
}
