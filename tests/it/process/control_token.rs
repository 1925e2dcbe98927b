//! `--control-token` as a flag and a variable: it lets in, it is never shown, and it is missed.

use rstest::rstest;

use crate::support::{Answer, LIST, Process, binary, request, run};

const TOKEN: &str = "tok-3n.s3cret";

fn health(process: &Process, authorization: &str) -> Answer {
    let mut raw = process.raw();
    let headers = format!("Host: localhost\r\nAuthorization: {authorization}\r\n");
    raw.send(request("GET /_emulator/health", &headers, ""));
    raw.answer()
}

#[rstest]
#[case::by_the_flag(true)]
#[case::by_the_variable(false)]
fn the_token_lets_in_and_stands_in_no_log(#[case] by_flag: bool) {
    let mut command = binary();
    command.args(["--listen", "127.0.0.1:0", "--log", "trace"]);
    if by_flag {
        command.args(["--control-token", TOKEN]);
    } else {
        command.env("SWAS_EMULATOR_CONTROL_TOKEN", TOKEN);
    }
    let mut process = Process::ready(command);
    assert_eq!(health(&process, "Bearer wrong").status, 401);
    assert_eq!(health(&process, &format!("Bearer {TOKEN}")).status, 200);
    let id = process.get(LIST).field("RequestId");
    process.log_line(&["answered", &id]);
    let log = process.whole_log().join("\n");
    assert!(!log.contains(TOKEN), "{log}");
}

#[test]
fn the_token_of_the_environment_is_not_in_the_help() {
    let mut command = binary();
    command.env("SWAS_EMULATOR_CONTROL_TOKEN", TOKEN);
    let help = command.arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("SWAS_EMULATOR_CONTROL_TOKEN"));
    assert!(!help.contains(TOKEN), "{help}");
}

#[rstest]
#[case("a b")]
#[case("t\u{f6}ken")]
fn a_token_that_cannot_be_one_is_refused_without_being_shown(#[case] token: &str) {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["--control-token", token], "");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("visible ASCII"), "{outcome:?}");
    assert!(!outcome.stderr.contains(token), "{outcome:?}");
}

#[rstest]
#[case(&["--listen", "0.0.0.0:0"], 1)]
#[case(&["--listen", "0.0.0.0:0", "--control-token", TOKEN], 0)]
#[case(&["--listen", "0.0.0.0:0", "--no-control"], 0)]
#[case(&["--listen", "127.0.0.1:0"], 0)]
fn an_open_control_api_is_one_warning(#[case] arguments: &[&str], #[case] n_warnings: usize) {
    let mut command = binary();
    command.args(arguments);
    let mut process = Process::ready(command);
    let log = process.whole_log();
    let warnings = log.iter().filter(|line| line.contains("WARN"));
    let warnings: Vec<_> = warnings.collect();
    assert_eq!(warnings.len(), n_warnings, "{log:#?}");
    assert!(warnings.iter().all(|line| line.contains("--control-token")));
}
