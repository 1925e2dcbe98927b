//! Query parameters: unknown, empty, twice, too many.

use super::{ROUTES, refused, world};

#[tokio::test]
async fn a_query_parameter_that_a_route_does_not_take_is_refused() {
    let world = world().await;
    for case in &ROUTES {
        for query in ["sandbx=taken", "x=1", "x", "Sandbox=taken", "=1"] {
            let path = format!("{}?{query}", case.path());
            let reply = refused(&world, case, &path, case.body, 400).await;
            assert!(
                reply.error("message").contains("has no parameter"),
                "{reply:?}"
            );
        }
    }
    let typo = ("GET", "/_emulator/images?sandbx=taken", "");
    let reply = world.refused(typo, 400, "BadRequest").await;
    assert_eq!(reply.error("hint"), "did you mean `sandbox`?");
    let none = ("GET", "/_emulator/sandboxes?page=1", "");
    let reply = world.refused(none, 400, "BadRequest").await;
    assert_eq!(reply.error("hint"), "it has none");
}

#[tokio::test]
async fn a_query_parameter_that_stands_twice_or_is_empty_is_refused() {
    let world = world().await;
    for case in &ROUTES {
        if case.path.starts_with("/_emulator/sandboxes") || case.path.ends_with("openapi.json") {
            continue;
        }
        let path = format!("{}?sandbox=taken&sandbox=taken", case.path());
        let reply = refused(&world, case, &path, case.body, 400).await;
        assert_eq!(reply.error("message"), "parameter `sandbox` stands twice");
        // As `?sandbox=$KEY` is when the variable is not set: not meant for the default one.
        for query in ["sandbox=", "sandbox"] {
            let path = format!("{}?{query}", case.path());
            let reply = refused(&world, case, &path, case.body, 400).await;
            assert_eq!(reply.error("message"), "parameter `sandbox` is empty");
        }
    }
}

#[tokio::test]
async fn more_parameters_than_a_request_may_have_are_refused() {
    let world = world().await;
    let query = "sandbox=a&".repeat(1_001);
    let path = format!("/_emulator/images?{query}");
    let reply = world.refused(("GET", &path, ""), 400, "BadRequest").await;
    assert!(reply.error("message").contains("1000"), "{reply:?}");
}
