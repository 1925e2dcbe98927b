//! Flags and variables of sandboxes and of the control API, and what the log says of them.

use serde_json::json;

use crate::support::{LIST, Process, binary, request};

#[test]
fn a_removed_sandbox_is_logged_with_the_reason() {
    let mut process = Process::serve(&["--isolate", "--sandboxes-max", "1"]);
    process.ok("DELETE", "/_emulator/images?sandbox=first", "");
    process.ok("DELETE", "/_emulator/images?sandbox=second", "");
    let line = process.log_line(&["WARN", "the least recently used sandbox went"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");

    let mut process =
        Process::serve(&["--isolate", "--sandboxes-bytes", "1", "--sandbox-ttl", "1h"]);
    process.ok("DELETE", "/_emulator/images?sandbox=first", "");
    process.ok("DELETE", "/_emulator/images?sandbox=second", "");
    let line = process.log_line(&["WARN", "the least recently used sandbox went"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");

    let mut process = Process::serve(&["--isolate", "--sandbox-ttl", "0s"]);
    process.ok("DELETE", "/_emulator/images?sandbox=first", "");
    process.ok("GET", "/_emulator/sandboxes", "");
    let line = process.log_line(&["INFO", "a sandbox was not used any more"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");
}

#[test]
fn an_unused_sandbox_is_removed_without_any_request() {
    let mut process = Process::serve(&["--isolate", "--sandbox-ttl", "200ms"]);
    process.ok("DELETE", "/_emulator/images?sandbox=first", "");
    let line = process.log_line(&["INFO", "a sandbox was not used any more"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");
}

#[test]
fn the_flags_and_their_twins_in_the_environment_do_what_they_say() {
    let start = "2026-01-01T00:00:00Z";
    let flags = [
        "--isolate",
        "--clock",
        start,
        "--rng-seed",
        "7",
        "--control-body-max",
        "100",
    ];
    let by_flags = Process::serve(&[&flags[..], &["--allow-host", "swas.example"]].concat());
    let mut command = binary();
    command.args(["--listen", "127.0.0.1:0"]).envs([
        ("SWAS_EMULATOR_ISOLATE", "true"),
        ("SWAS_EMULATOR_CLOCK", start),
        ("SWAS_EMULATOR_RNG_SEED", "7"),
        ("SWAS_EMULATOR_CONTROL_BODY_MAX", "100"),
        ("SWAS_EMULATOR_ALLOW_HOST", "other.example,swas.example"),
    ]);
    let by_environment = Process::ready(command);
    for process in [by_flags, by_environment] {
        // `sandbox::determinism` has this id too.
        let id = process
            .get(&format!("{LIST}&AccessKeyId=ci-7"))
            .field("RequestId");
        assert_eq!(id, "61076868-54E2-4267-807E-A1A06E78B540");
        let clock = process.ok("GET", "/_emulator/clock?sandbox=ci-7", "");
        assert_eq!(clock, json!({"now": start, "mode": "frozen"}));
        let long = process.control("PUT", "/_emulator/images", &" ".repeat(101));
        assert_eq!(long.status, 413);
        for (host, status) in [("swas.example", 200), ("evil.example", 403)] {
            let mut raw = process.raw();
            let headers = format!("Host: {host}\r\n");
            raw.send(request("GET /_emulator/health", &headers, ""));
            assert_eq!(raw.answer().status, status, "{host}");
        }
    }
    let off = Process::serve(&["--no-control"]);
    let reply = off.control("GET", "/_emulator/images", "");
    reply.assert_refused(404, "ControlOff");
}
