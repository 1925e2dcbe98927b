//! `--control-token`: only who has it uses the control API, and nobody sees it.

use serde_json::json;
use swas_emulator::{Emulator, StartError};

use crate::support::{Answer, LIST, World};

const TOKEN: &str = "tok-3n.s3cret";

async fn guarded() -> World {
    World::start(Emulator::builder().control_token(TOKEN)).await
}

#[tokio::test]
async fn without_the_token_every_route_is_refused_and_says_how_to_send_it() {
    let world = guarded().await;
    for route in &swas_emulator::internals::ROUTES {
        let path = route.path.replace(['{', '}'], "");
        for authorization in ["", "Bearer wrong", TOKEN, "Basic dG9rLTNuLnMzY3JldA=="] {
            let request = world.request(route.method.as_str(), &path);
            let request = match authorization {
                "" => request,
                _ => request.header("authorization", authorization),
            };
            let answer = Answer::to(request).await;
            answer.assert_documented(route.method.as_str(), &path);
            answer.assert_refused(401, "Unauthorized");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert!(!format!("{answer:?}").contains(TOKEN), "{answer:?}");
        }
    }
    for (method, path) in [("GET", "/_emulator/nothing"), ("BREW", "/_emulator/images")] {
        let answer = world.control(method, path, "").await;
        answer.assert_refused(401, "Unauthorized");
    }
    // A page of another site learns not even that there is a token.
    let request = world.request("GET", "/_emulator/health");
    let request = request.header("sec-fetch-site", "cross-site");
    let answer = Answer::to(request).await;
    answer.assert_refused(403, "ForbiddenOrigin");
}

#[tokio::test]
async fn with_the_token_everything_is_as_without_one() {
    let world = guarded().await;
    let request = world.request("DELETE", "/_emulator/images");
    let request = request.header("authorization", format!("Bearer {TOKEN}"));
    let answer = Answer::to(request).await;
    assert_eq!(answer.json(), json!({"deleted": 42}));
}

#[tokio::test]
async fn the_api_and_the_health_paths_need_no_token() {
    let world = guarded().await;
    assert_eq!(world.get(LIST).await.status, 200);
    for path in ["/livez", "/readyz"] {
        assert_eq!(world.own(path).await.status, 200);
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_an_error_of_the_start() {
    for token in ["", "a b", "t\u{f6}ken"] {
        let started = Emulator::builder().control_token(token).start().await;
        let error = started.expect_err("it starts");
        assert!(matches!(error, StartError::ControlToken), "{error:?}");
    }
}

#[tokio::test]
async fn the_document_has_the_token_as_a_security_scheme() {
    let world = World::shared().await;
    let document = world.ok("GET", "/_emulator/openapi.json", "").await;
    let scheme = &document["components"]["securitySchemes"]["controlToken"];
    assert_eq!(
        (&scheme["type"], &scheme["scheme"]),
        (&json!("http"), &json!("bearer"))
    );
    assert_eq!(document["security"], json!([{"controlToken": []}, {}]));
}
