//! Bad input to every route: refused with what to do about it, and nothing changed.

mod bodies;
mod paths;
mod queries;

use swas_emulator::ControlSettings;

use crate::support::{Answer, World, isolated};

/// A route, a good body for it, and whether it needs one.
struct Case {
    method: &'static str,
    path: &'static str,
    body: &'static str,
}

const IMAGE: &str = r#"{"ImageId": "m-9", "RegionId": "cn-hangzhou", "Name": "x"}"#;

/// Every route of the router; a test below compares.
const ROUTES: [Case; 35] = [
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
const FAULT: &str = r#"{"match": {"accessKeyId": "nobody"}, "effect": {"reset": true}}"#;

/// The one request that is recorded: the first ID of the sandbox `default` under the random seed 7.
const REQUEST_ID: &str = "2F20484C-D296-4ECA-BAAB-1B4489A5FC7B";

const fn route(method: &'static str, path: &'static str, body: &'static str) -> Case {
    Case { method, path, body }
}

impl Case {
    /// The path with a name that is there.
    fn path(&self) -> String {
        self.path_of("taken", "m-1", "kept")
    }

    fn path_of(&self, sandbox: &str, image: &str, checkpoint: &str) -> String {
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

    fn needs_body(&self) -> bool {
        let optional = ["/_emulator/sandboxes", "/_emulator/requests/count"];
        !self.body.is_empty() && !optional.contains(&self.path)
    }
}

/// The largest body of a control request here, in bytes.
const BODY_BYTES_MAX: usize = 300;

/// An emulator with a sandbox, a changed image, a moved clock and a checkpoint, all of which a refused
/// request must leave alone.
async fn world() -> World {
    let settings = ControlSettings {
        body_bytes_max: BODY_BYTES_MAX,
        ..ControlSettings::default()
    };
    let world = World::start(isolated().rng_seed(7).control(settings)).await;
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
async fn state(world: &World) -> Vec<String> {
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

async fn refused(world: &World, case: &Case, path: &str, body: &str, status: u16) -> Answer {
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
        .map(|route| {
            let takes_body = route.body != swas_emulator::internals::RouteBody::None;
            (route.method.as_str(), route.path, takes_body)
        })
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
