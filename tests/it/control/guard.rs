//! Who may use the control API: programs and our own pages, but no page of another origin.

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::{Emulator, Fixture};

use crate::support::{Answer, Raw, World, fixture, image, isolated, request};

/// Asks with these headers; `PORT` stands for the emulator's own.
fn ask(world: &World, request_line: &str, headers: &str) -> Answer {
    let port = world.address().port().to_string();
    world.exchange(request(request_line, &headers.replace("PORT", &port), ""))
}

const DELETE: &str = "DELETE /_emulator/images";

#[rstest]
// A program sends no origin, whatever address it calls.
#[case("Host: 127.0.0.1:PORT\r\n")]
#[case("Host: 192.168.1.7\r\n")]
#[case("Host: [::1]:PORT\r\n")]
#[case("Host: localhost:PORT\r\n")]
#[case("Host: LocalHost.\r\n")]
#[case("Host: swas.localhost:PORT\r\n")]
#[case("Host: host.docker.internal:PORT\r\n")]
#[case("Host: swas:8808\r\n")]
// A page that the emulator itself serves.
#[case("Host: localhost:PORT\r\nOrigin: http://localhost:PORT\r\n")]
#[case("Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n")]
#[case("Host: swas.localhost\r\nOrigin: https://SWAS.localhost\r\n")]
#[case("Host: localhost:PORT\r\nSec-Fetch-Site: same-origin\r\n")]
// An address that a person typed.
#[case("Host: localhost:PORT\r\nSec-Fetch-Site: none\r\n")]
#[tokio::test]
async fn a_program_and_a_page_of_our_own_get_in(#[case] headers: &str) {
    let world = World::shared().await;
    assert_eq!(ask(&world, DELETE, headers).status, 200, "{headers}");
    assert!(world.ids("default").await.is_empty());
}

#[rstest]
// A page of any other origin, even of another port of this machine.
#[case(
    "Host: 127.0.0.1:PORT\r\nOrigin: http://evil.example\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: 127.0.0.1:PORT\r\nOrigin: https://evil.example\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: localhost:PORT\r\nOrigin: http://localhost:3000\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: localhost:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: localhost:PORT\r\nOrigin: http://localhost\r\n",
    "ForbiddenOrigin"
)]
// A picture, a link or a form: a browser names no origin, but says where it comes from.
#[case(
    "Host: 127.0.0.1:PORT\r\nSec-Fetch-Site: cross-site\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: localhost:PORT\r\nSec-Fetch-Site: same-site\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: localhost:PORT\r\nSec-Fetch-Site: \u{FF}\r\n",
    "ForbiddenOrigin"
)]
#[case(
    "Host: localhost:PORT\r\nOrigin: http://localhost:PORT\r\nSec-Fetch-Site: cross-site\r\n",
    "ForbiddenOrigin"
)]
// A sandboxed frame, a file, a redirect.
#[case("Host: 127.0.0.1:PORT\r\nOrigin: null\r\n", "ForbiddenOrigin")]
#[case("Host: 127.0.0.1:PORT\r\nOrigin: \r\n", "ForbiddenOrigin")]
#[case("Host: 127.0.0.1:PORT\r\nOrigin: \u{FF}\r\n", "ForbiddenOrigin")]
// DNS rebinding: the name is the attacker's, the address this machine's, the origin the page's own.
#[case(
    "Host: evil.example\r\nOrigin: http://evil.example\r\n",
    "ForbiddenHost"
)]
#[case(
    "Host: evil.example:PORT\r\nOrigin: http://evil.example:PORT\r\n",
    "ForbiddenHost"
)]
#[case("Host: evil.example\r\n", "ForbiddenHost")]
#[case("Host: evil.example.:PORT\r\n", "ForbiddenHost")]
#[case("Host: 127.0.0.1.evil.example\r\n", "ForbiddenHost")]
#[case("Host: localhost.evil.example\r\n", "ForbiddenHost")]
#[case("Host: evil-localhost.example\r\n", "ForbiddenHost")]
#[case("Host: x.host.docker.internal\r\n", "ForbiddenHost")]
#[tokio::test]
async fn a_page_of_another_origin_does_not(#[case] headers: &str, #[case] code: &str) {
    let world = World::shared().await;
    for line in [
        DELETE,
        "POST /_emulator/reset?to=empty",
        "GET /_emulator/export",
        "GET /_emulator/openapi.json",
        // Nor does it learn what is not there.
        "GET /_emulator/nothing",
        "OPTIONS /_emulator/images",
    ] {
        let (method, path) = line.split_once(' ').unwrap();
        let answer = ask(&world, line, headers);
        answer.assert_documented(method, path);
        answer.assert_refused(403, code);
    }
    assert_eq!(world.ids("default").await.len(), 4);
}

#[tokio::test]
async fn no_answer_lets_another_origin_read_it() {
    let world = World::shared().await;
    for request_line in ["GET /_emulator/export", "OPTIONS /_emulator/images"] {
        let headers = "Host: localhost\r\nOrigin: http://evil.example\r\n";
        let answer = ask(&world, request_line, headers);
        for (name, _) in &answer.headers {
            assert!(!name.contains("access-control"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_name_that_is_allowed_gets_in_and_no_other() {
    let world = World::start(Emulator::builder().allow_host("swas.ci.example")).await;
    for (headers, status) in [
        ("Host: swas.ci.example\r\n", 200),
        (
            "Host: SWAS.CI.example:8808\r\nOrigin: http://swas.ci.example:8808\r\n",
            200,
        ),
        (
            "Host: swas.ci.example\r\nOrigin: http://evil.example\r\n",
            403,
        ),
        ("Host: x.swas.ci.example\r\n", 403),
        ("Host: evil.example\r\n", 403),
    ] {
        assert_eq!(
            ask(&world, "GET /_emulator/health", headers).status,
            status,
            "{headers}"
        );
    }
}

#[tokio::test]
async fn the_guard_stands_before_the_control_api_alone() {
    let world = World::shared().await;
    let headers = "Host: evil.example\r\nOrigin: http://evil.example\r\n";
    let list = "GET /?Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
    assert_eq!(ask(&world, list, headers).status, 200);
    assert_eq!(ask(&world, "GET /livez", headers).status, 200);
    assert_eq!(ask(&world, "GET /readyz", headers).status, 200);
}

#[tokio::test]
async fn switched_off_nothing_of_the_control_api_answers() {
    let world = World::start(isolated().no_control()).await;
    for route in &swas_emulator::internals::ROUTES {
        let path = route.path.replace(['{', '}'], "");
        let reply = world.control(route.method.as_str(), &path, "").await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (404, "ControlOff"),
            "{path}"
        );
        assert!(reply.error("hint").contains("--no-control"), "{reply:?}");
    }
    for (method, path) in [("GET", "/_emulator/nothing"), ("BREW", "/_emulator/images")] {
        let reply = world.control(method, path, "").await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (404, "ControlOff"),
            "{path}"
        );
    }
    // The API, its sandboxes and the health paths are as before.
    assert_eq!(world.listed("ci-7").await.len(), 3);
    assert_eq!(ask(&world, "GET /readyz", "Host: x\r\n").status, 200);
}

#[tokio::test]
async fn until_the_seed_is_in_the_control_api_says_not_ready() {
    let images: Vec<Value> = (0..5_000)
        .map(|number| image(&format!("m-{number}"), json!({})))
        .collect();
    let seed = Fixture::from_json("large.json", fixture(&images));
    let bound = Emulator::builder().fixture(seed).bind().unwrap();
    // These wait in the listener's backlog, so they are answered before the seed is in.
    let waiting: Vec<_> = swas_emulator::internals::ROUTES
        .iter()
        .map(|route| {
            let mut raw = Raw::connect(bound.address().unwrap());
            let line = format!(
                "{} {}",
                route.method.as_str(),
                route.path.replace(['{', '}'], "")
            );
            let headers = "Host: localhost\r\nConnection: close\r\n";
            raw.send(request(&line, headers, "{}"));
            (route, raw)
        })
        .collect();
    let emulator = bound.start().await.unwrap();
    let mut n_refused = 0;
    for (route, mut raw) in waiting {
        let answer = raw.answer_without_body();
        // A slow machine may get to the last of them when the seed is in.
        if answer.status == 503 {
            let body = raw.rest();
            assert!(body.contains(r#""code":"NotReady""#), "{route:?}: {body}");
            n_refused += 1;
        }
    }
    assert!(n_refused > 0);
    assert_eq!(
        emulator.sandbox("default").image("m-7").unwrap()["Name"],
        "m-7"
    );
}
