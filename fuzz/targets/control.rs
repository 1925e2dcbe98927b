//! A request for the control API: method and path on the first line, the body on those after it.

#![no_main]

use std::sync::LazyLock;

use http::{Request, Uri};
use libfuzzer_sys::fuzz_target;
use swas_emulator_fuzz::Subject;

static SUBJECT: LazyLock<Subject> = LazyLock::new(Subject::start);

/// Images that a request may generate here; more of them only take longer.
const GENERATED_MAX: u64 = 100;

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let (line, body) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let Some((method, path)) = str::from_utf8(line)
        .ok()
        .and_then(|line| line.split_once(' '))
    else {
        return;
    };
    let Ok(uri) = Uri::try_from(format!("/_emulator/{path}")) else {
        return;
    };
    if uri.path().starts_with("/_emulator/requests/stream") || generates_too_many(uri.path(), body)
    {
        return;
    }
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("host", "localhost");
    let Ok(request) = request.body(body.to_vec()) else {
        return;
    };
    let Some(answer) = SUBJECT.ask(request) else {
        return;
    };
    answer.assert_control();
    if answer.status < 400 && method != "HEAD" {
        answer.json();
    }
    if answer.status < 400 && method != "GET" {
        look();
    }
});

fn generates_too_many(path: &str, body: &[u8]) -> bool {
    let wish: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let count = wish.and_then(|wish| wish["count"].as_f64());
    path.starts_with("/_emulator/generate")
        && count.is_some_and(|count| count > GENERATED_MAX as f64)
}

/// Looks at what a change has left, and goes back to the start.
fn look() {
    for name in ["default", "a"] {
        let images = SUBJECT
            .control(
                "GET",
                &format!("/_emulator/images?sandbox={name}&pageSize=1000"),
                "",
            )
            .json();
        let total = images["totalCount"].as_u64().unwrap();
        assert_eq!(
            images["images"].as_array().unwrap().len() as u64,
            total.min(1_000)
        );
        let rules = SUBJECT.control("GET", &format!("/_emulator/faults?sandbox={name}"), "");
        // A rule with a delay would make the target slow.
        let is_slow = rules.body.contains("delay") || rules.body.contains("dribble");
        if !is_slow {
            list(name);
        }
        for path in [
            "export",
            "clock",
            "checkpoints",
            "requests",
            "retries",
            "parameters",
        ] {
            SUBJECT
                .control("GET", &format!("/_emulator/{path}?sandbox={name}"), "")
                .json();
        }
    }
    let all = SUBJECT.control("GET", "/_emulator/sandboxes", "").json();
    for sandbox in all["sandboxes"].as_array().unwrap() {
        let name = sandbox["accessKeyId"].as_str().unwrap();
        SUBJECT.control("DELETE", &format!("/_emulator/sandboxes/{name}"), "");
    }
    SUBJECT.control("DELETE", "/_emulator/faults", "");
    SUBJECT.control("DELETE", "/_emulator/clock", "");
    SUBJECT.control("DELETE", "/_emulator/requests", "");
    let kept = SUBJECT.control("GET", "/_emulator/checkpoints", "").json();
    for checkpoint in kept["checkpoints"].as_array().unwrap() {
        let name = checkpoint["name"].as_str().unwrap();
        SUBJECT.control("DELETE", &format!("/_emulator/checkpoints/{name}"), "");
    }
    SUBJECT.control("POST", "/_emulator/reset", "");
}

fn list(name: &str) {
    let uri = format!(
        "/?Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou&AccessKeyId={name}"
    );
    SUBJECT.ask(Request::builder().uri(uri).body(Vec::new()).unwrap());
}
