//! What the command line and the environment say of sandboxes and of the control API, and the log.

use crate::control::process::{Process, binary};
use crate::control::support::client;

#[tokio::test]
async fn a_sandbox_that_goes_is_logged_with_the_reason() {
    let process = Process::serve(&["--isolate", "--sandboxes-max", "1"]);
    process
        .ok("DELETE", "/_emulator/images?sandbox=first", "")
        .await;
    process
        .ok("GET", "/_emulator/images?sandbox=second", "")
        .await;
    let line = process.log_line(&["WARN", "the least recently used sandbox went"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");

    let process = Process::serve(&["--isolate", "--sandboxes-bytes", "1", "--sandbox-ttl", "1h"]);
    process
        .ok("DELETE", "/_emulator/images?sandbox=first", "")
        .await;
    process
        .ok("DELETE", "/_emulator/images?sandbox=second", "")
        .await;
    let line = process.log_line(&["WARN", "the least recently used sandbox went"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");

    let process = Process::serve(&["--isolate", "--sandbox-ttl", "0s"]);
    process
        .ok("GET", "/_emulator/images?sandbox=first", "")
        .await;
    process.ok("GET", "/_emulator/sandboxes", "").await;
    let line = process.log_line(&["INFO", "a sandbox was not used any more"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");
}

#[tokio::test]
async fn a_sandbox_that_nobody_uses_goes_by_itself() {
    let process = Process::serve(&["--isolate", "--sandbox-ttl", "200ms"]);
    process
        .ok("GET", "/_emulator/images?sandbox=first", "")
        .await;
    let line = process.log_line(&["INFO", "a sandbox was not used any more"]);
    assert!(line.contains("sandbox=\"first\""), "{line}");
}

#[tokio::test]
async fn the_flags_and_their_twins_in_the_environment_do_what_they_say() {
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
    let by_environment = Process::ready(command).unwrap();
    for process in [by_flags, by_environment] {
        let url = format!(
            "{}/?Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou&AccessKeyId=ci-7",
            process.endpoint()
        );
        let response = client().get(url).send().await.unwrap();
        // Pinned in `sandbox_determinism` too.
        let id = response.headers()["x-acs-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(id, "61076868-54E2-4267-807E-A1A06E78B540");
        let clock = process.ok("GET", "/_emulator/clock?sandbox=ci-7", "").await;
        assert_eq!(clock, format!(r#"{{"now":"{start}","mode":"frozen"}}"#));
        let long = process
            .control("PUT", "/_emulator/images", &" ".repeat(101))
            .await;
        assert_eq!(long.status, 413);
        for (host, status) in [("swas.example", 200), ("evil.example", 403)] {
            let url = format!("{}/_emulator/health", process.endpoint());
            let request = client().get(url).header("host", host);
            assert_eq!(
                request.send().await.unwrap().status().as_u16(),
                status,
                "{host}"
            );
        }
    }
    let off = Process::serve(&["--no-control"]);
    let reply = off.control("GET", "/_emulator/images", "").await;
    assert_eq!((reply.status, &*reply.code()), (404, "ControlOff"));
}
