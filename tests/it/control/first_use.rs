//! A GET never makes a sandbox, and so never pushes one out; it shows what a new one would hold.

use serde_json::json;

use crate::support::{World, encode, isolated};

async fn names(world: &World) -> Vec<String> {
    let all = world.ok("GET", "/_emulator/sandboxes", "").await;
    let all = all["sandboxes"].as_array().unwrap();
    all.iter()
        .map(|summary| summary["accessKeyId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn no_get_makes_a_sandbox_nor_pushes_one_out() {
    let world = World::start(isolated().sandboxes_max(1)).await;
    world.listed("ci-7").await;
    let routes = &swas_emulator::internals::ROUTES;
    for route in routes.iter().filter(|route| route.method.as_str() == "GET") {
        if ["/_emulator/sandboxes", "/_emulator/openapi.json"].contains(&route.path) {
            continue;
        }
        let path = route.path.replace(['{', '}'], "");
        for method in ["GET", "HEAD"] {
            let request = world.request(method, &format!("{path}?sandbox=other"));
            let status = request.send().await.unwrap().status().as_u16();
            assert!([200, 404].contains(&status), "{method} {path}: {status}");
            assert_eq!(names(&world).await, ["default", "ci-7"], "{method} {path}");
        }
    }
    // The key of an explained query names a sandbox too.
    let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou&AccessKeyId=other";
    world
        .ok("GET", &format!("/_emulator/explain?{query}"), "")
        .await;
    assert_eq!(names(&world).await, ["default", "ci-7"]);
    // Anything else makes it, and the one before goes.
    world
        .ok("POST", "/_emulator/requests/count?sandbox=other", "")
        .await;
    assert_eq!(names(&world).await, ["default", "other"]);
}

#[tokio::test]
async fn a_get_of_an_unknown_name_shows_what_a_new_sandbox_holds() {
    let world = World::isolated().await;
    let at = |path: &str, name: &str| format!("/_emulator/{path}?sandbox={name}");
    assert_eq!(world.export("new").await, world.export("default").await);
    let requests = world.ok("GET", &at("requests", "new"), "").await;
    assert_eq!(requests["totalCount"], 0);
    let faults = world.ok("GET", &at("faults", "new"), "").await;
    assert_eq!(faults, json!({"faults": []}));
    let clock = world.ok("GET", &at("clock", "new"), "").await;
    assert_eq!(clock["mode"], "running");
    // One that is there shows its own state.
    world.ok("DELETE", &at("images", "new"), "").await;
    assert!(world.ids("new").await.is_empty());
    let (path, odd) = (at("clock", ""), encode("a/b"));
    world
        .refused(("GET", &format!("{path}{odd}"), ""), 400, "InvalidName")
        .await;
}

/// Nobody would ever send to the journal of a sandbox that is not kept.
#[tokio::test]
async fn a_stream_of_an_unknown_sandbox_is_refused() {
    let world = World::isolated().await;
    let path = "/_emulator/requests/stream?sandbox=new";
    let answer = world
        .refused(("GET", path, ""), 404, "UnknownSandbox")
        .await;
    assert!(answer.error("hint").contains("POST /_emulator/sandboxes"));
    world.listed("new").await;
    assert_eq!(world.open(path).await.status(), 200);
}
