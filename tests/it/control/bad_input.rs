//! Bad paths, names, queries and methods for every route: refused with a hint, and nothing changed.

use rstest::rstest;

use crate::support::{Answer, World, isolated};

/// A route, a good body for it, and whether it needs one.
pub(super) struct Case {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: &'static str,
}

const IMAGE: &str = r#"{"ImageId": "m-9", "RegionId": "cn-hangzhou", "Name": "x"}"#;

/// Every route of the router; a test below compares.
pub(super) const ROUTES: [Case; 35] = [
    route("GET", "/_emulator/health", ""),
    route("GET", "/_emulator/openapi.json", ""),
    route("GET", "/_emulator/sandboxes", ""),
    route("POST", "/_emulator/sandboxes", r#"{"accessKeyId": "new"}"#),
    route("DELETE", "/_emulator/sandboxes/{id}", ""),
    route("GET", "/_emulator/images", ""),
    route("PUT", "/_emulator/images", "[]"),
    route("DELETE", "/_emulator/images", ""),
    route("GET", "/_emulator/images/{ImageId}", ""),
    route("PUT", "/_emulator/images/{ImageId}", IMAGE),
    route("PATCH", "/_emulator/images/{ImageId}", r#"{"Status": "1"}"#),
    route("DELETE", "/_emulator/images/{ImageId}", ""),
    route("POST", "/_emulator/reset", ""),
    route("GET", "/_emulator/checkpoints", ""),
    route("POST", "/_emulator/checkpoints/{name}", ""),
    route("GET", "/_emulator/checkpoints/{name}", ""),
    route("DELETE", "/_emulator/checkpoints/{name}", ""),
    route("GET", "/_emulator/export", ""),
    route("GET", "/_emulator/clock", ""),
    route("PUT", "/_emulator/clock", r#"{"advance": "1s"}"#),
    route("DELETE", "/_emulator/clock", ""),
    route("POST", "/_emulator/generate", r#"{"count": 1}"#),
    route("PUT", "/_emulator/faults", "[]"),
    route("POST", "/_emulator/faults", FAULT),
    route("GET", "/_emulator/faults", ""),
    route("DELETE", "/_emulator/faults", ""),
    route("DELETE", "/_emulator/faults/{id}", ""),
    route("GET", "/_emulator/requests", ""),
    route("DELETE", "/_emulator/requests", ""),
    route("POST", "/_emulator/requests/count", r#"{"status": 200}"#),
    route("GET", "/_emulator/requests/{requestId}", ""),
    route("GET", "/_emulator/requests/{requestId}/explain", ""),
    route(
        "POST",
        "/_emulator/verify",
        r#"[{"match": {"code": "X"}, "never": true}]"#,
    ),
    route("GET", "/_emulator/parameters", ""),
    route("GET", "/_emulator/retries", ""),
];

/// A good rule; its effect is met by no request here.
pub(super) const FAULT: &str = r#"{"match": {"accessKeyId": "nobody"}, "effect": {"reset": true}}"#;

/// The one request that is recorded: the first ID of the sandbox `default` under the random seed 7.
const REQUEST_ID: &str = "2F20484C-D296-4ECA-BAAB-1B4489A5FC7B";

const fn route(method: &'static str, path: &'static str, body: &'static str) -> Case {
    Case { method, path, body }
}

impl Case {
    /// The path with a name that is there.
    pub(super) fn path(&self) -> String {
        self.path_of("taken", "m-1", "kept")
    }

    pub(super) fn path_of(&self, sandbox: &str, image: &str, checkpoint: &str) -> String {
        // The names of one case are good together or bad together.
        let request_id = if sandbox == "taken" {
            REQUEST_ID
        } else {
            sandbox
        };
        let path = self.path.replace("{id}", sandbox);
        let path = path.replace("{requestId}", request_id);
        path.replace("{ImageId}", image)
            .replace("{name}", checkpoint)
    }

    pub(super) fn needs_body(&self) -> bool {
        let optional = ["/_emulator/sandboxes", "/_emulator/requests/count"];
        !self.body.is_empty() && !optional.contains(&self.path)
    }
}

/// Bodies of a control request have at most so many bytes here.
pub(super) const BODY_BYTES_MAX: usize = 300;

/// An emulator with a sandbox, a changed image, a moved clock and a checkpoint, all of which a refused
/// request must leave alone.
pub(super) async fn world() -> World {
    let builder = isolated().rng_seed(7).control_body_bytes(BODY_BYTES_MAX);
    let world = World::start(builder).await;
    world.list("").await;
    let taken = FAULT.replacen('{', r#"{"id": "taken","#, 1);
    world.ok("POST", "/_emulator/faults", &taken).await;
    let freeze = r#"{"freeze": "2026-05-01T00:00:00Z"}"#;
    world.ok("PUT", "/_emulator/clock", freeze).await;
    world.ok("POST", "/_emulator/checkpoints/kept", "").await;
    world
        .ok("PATCH", "/_emulator/images/m-1", r#"{"Status": "4"}"#)
        .await;
    world
        .ok("DELETE", "/_emulator/images/m-1?sandbox=taken", "")
        .await;
    world
}

/// Everything that a request could have changed.
pub(super) async fn state(world: &World) -> Vec<String> {
    let mut state = Vec::new();
    for path in [
        "/_emulator/export",
        "/_emulator/export?sandbox=taken",
        "/_emulator/checkpoints",
        "/_emulator/checkpoints/kept",
        "/_emulator/clock",
        "/_emulator/sandboxes",
        "/_emulator/faults",
        "/_emulator/requests",
    ] {
        state.push(world.control("GET", path, "").await.body);
    }
    state
}

pub(super) async fn refused(
    world: &World,
    case: &Case,
    path: &str,
    body: &str,
    status: u16,
) -> Answer {
    let before = state(world).await;
    let reply = world.control(case.method, path, body).await;
    assert_eq!(
        reply.status, status,
        "{} {path} {body}: {reply:?}",
        case.method
    );
    assert_eq!(state(world).await, before, "{} {path} {body}", case.method);
    reply
}

#[test]
fn the_routes_here_are_those_of_the_router() {
    // The one takes any query, and the other's answer has no end.
    let elsewhere = ["/_emulator/explain", "/_emulator/requests/stream"];
    let known: Vec<_> = swas_emulator::internals::ROUTES
        .iter()
        .filter(|route| !elsewhere.contains(&route.path))
        .map(|route| (route.method.as_str(), route.path, route.body.is_some()))
        .collect();
    let here: Vec<_> = ROUTES
        .iter()
        .map(|case| (case.method, case.path, !case.body.is_empty()))
        .collect();
    assert_eq!(here, known);
}

#[tokio::test]
async fn every_route_takes_its_good_request() {
    for case in &ROUTES {
        let world = world().await;
        let path = case.path_of(
            "taken",
            if case.method == "PUT" { "m-9" } else { "m-1" },
            "kept",
        );
        world.ok(case.method, &path, case.body).await;
    }
}

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

#[tokio::test]
async fn more_parameters_than_a_request_may_have_are_refused() {
    let world = world().await;
    let query = "sandbox=a&".repeat(1_001);
    let path = format!("/_emulator/images?{query}");
    let reply = world.refused(("GET", &path, ""), 400, "BadRequest").await;
    assert!(reply.error("message").contains("1000"), "{reply:?}");
}
