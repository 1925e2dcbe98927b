//! The command: its two lines, its flags and their twins in the environment, its exit codes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::thread;

use rstest::rstest;

use crate::support::{LIST, Outcome, Process, Raw, binary, fixture, folder, image};

fn one(id: &str, region: &str) -> String {
    fixture(&[image(id, serde_json::json!({"RegionId": region}))])
}

/// The binary with these arguments and variables.
fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = binary();
    command.args(arguments).envs(variables.iter().copied());
    command
}

#[test]
fn standard_output_has_two_lines_and_nothing_else_ever() {
    let mut process = Process::serve(&["--log", "trace"]);
    assert_eq!(process.get(LIST).status, 200);
    assert_eq!(process.get("a=%zz").status, 400);
    process.signal("TERM");
    let (status, _) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert_eq!(process.rest_of_stdout(), "");
    assert!(!process.whole_log().is_empty());
}

#[rstest]
#[case::the_flag(&["--listen", "0.0.0.0:0"], &[], "0.0.0.0")]
#[case::with_the_command(&["serve", "--listen", "0.0.0.0:0"], &[], "0.0.0.0")]
#[case::its_twin(&[], &[("SWAS_EMULATOR_LISTEN", "0.0.0.0:0")], "0.0.0.0")]
#[case::its_twin_with_the_command(&["serve"], &[("SWAS_EMULATOR_LISTEN", "0.0.0.0:0")], "0.0.0.0")]
#[case::the_flag_beats_its_twin(
    &["--listen", "127.0.0.1:0"], &[("SWAS_EMULATOR_LISTEN", "0.0.0.0:1")], "127.0.0.1")]
#[case::the_twin_beats_port(
    &[], &[("SWAS_EMULATOR_LISTEN", "0.0.0.0:0"), ("PORT", "1")], "0.0.0.0")]
#[case::the_flag_beats_port(&["--listen", "0.0.0.0:0"], &[("PORT", "1")], "0.0.0.0")]
// Not 8808, and the default's address.
#[case::port_sets_the_port_alone(&[], &[("PORT", "0")], "127.0.0.1")]
#[case::an_empty_twin_is_unset(&[], &[("SWAS_EMULATOR_LISTEN", ""), ("PORT", "0")], "127.0.0.1")]
#[case::an_empty_port_is_unset(&["--listen", "127.0.0.1:0"], &[("PORT", "")], "127.0.0.1")]
fn the_address_is_the_flag_or_its_twin_or_the_default(
    #[case] arguments: &[&str],
    #[case] variables: &[(&str, &str)],
    #[case] ip: &str,
) {
    let process = Process::ready(command(arguments, variables));
    let mut address = process.address();
    assert_eq!(address.ip().to_string(), ip);
    assert!(![0, 1, 8808].contains(&address.port()), "{address}");
    address.set_ip(Ipv4Addr::LOCALHOST.into());
    assert_eq!(Raw::connect(address).get(LIST).status, 200);
}

#[rstest]
#[case::twin("SWAS_EMULATOR_FIXTURE", "a.json", &[], &["m-a"])]
#[case::twin_with_a_comma("SWAS_EMULATOR_FIXTURE", "a.json,b.json", &[], &["m-a", "m-b"])]
#[case::a_folder_in_the_twin("SWAS_EMULATOR_FIXTURE", ".", &[], &["m-a", "m-b"])]
#[case::the_flag_beats_it("SWAS_EMULATOR_FIXTURE", "none.json", &["--fixture", "b.json"], &["m-b"])]
#[case::an_empty_one_is_unset("SWAS_EMULATOR_FIXTURE", "", &["--fixture", "b.json"], &["m-b"])]
fn fixtures_are_named_by_flags_or_by_their_twin(
    #[case] variable: &str,
    #[case] value: &str,
    #[case] arguments: &[&str],
    #[case] expected: &[&str],
) {
    let folder = folder(&[
        ("a.json", &one("m-a", "cn-hangzhou")),
        ("b.json", &one("m-b", "cn-hangzhou")),
    ]);
    let mut command = command(arguments, &[(variable, value), ("PORT", "0")]);
    command.current_dir(folder.path());
    assert_eq!(Process::ready(command).get(LIST).ids(), expected);
}

#[test]
fn with_every_twin_empty_the_built_in_account_is_served() {
    let variables = [
        ("SWAS_EMULATOR_LISTEN", ""),
        ("SWAS_EMULATOR_FIXTURE", ""),
        ("SWAS_EMULATOR_DATABASE", ""),
        ("SWAS_EMULATOR_RESEED", ""),
        ("SWAS_EMULATOR_REGION", ""),
        ("SWAS_EMULATOR_LOG", ""),
        ("SWAS_EMULATOR_LOG_FORMAT", ""),
        ("PORT", "0"),
    ];
    for arguments in [[].as_slice(), &["serve"]] {
        let process = Process::ready(command(arguments, &variables));
        assert!(process.get(LIST).ids().len() > 3);
    }
}

#[rstest]
#[case::flags(&["--region", "a-1", "--region", "b-1"], "", &[("a-1", 200), ("b-1", 200)])]
#[case::twin(&[], "a-1,b-1", &[("a-1", 200), ("b-1", 200), ("cn-hangzhou", 200)])]
#[case::the_flag_beats_it(&["--region", "a-1"], "b-1", &[("a-1", 200), ("b-1", 400)])]
fn regions_are_added_by_flags_or_by_their_twin(
    #[case] arguments: &[&str],
    #[case] twin: &str,
    #[case] statuses: &[(&str, u16)],
) {
    let variables = [("SWAS_EMULATOR_REGION", twin), ("PORT", "0")];
    let process = Process::ready(command(arguments, &variables));
    for (region, status) in statuses {
        let query = format!("Action=ListCustomImages&Version=2020-06-01&RegionId={region}");
        assert_eq!(process.get(&query).status, *status, "{region}");
    }
    let folder = folder(&[("f.json", &one("m-1", "a-1"))]);
    let mut arguments = [&["check-fixture"], arguments].concat();
    arguments.push("f.json");
    let mut check = command(&arguments, &variables);
    check.current_dir(folder.path());
    assert_eq!(Outcome::of(check, "").code, Some(0));
}

#[test]
fn the_database_is_named_by_its_twin_too() {
    let folder = folder(&[]);
    let file = folder.path().join("images.db");
    let variables = [
        ("SWAS_EMULATOR_DATABASE", file.to_str().unwrap()),
        ("PORT", "0"),
    ];
    let process = Process::ready(command(&[], &variables));
    assert!(process.get(LIST).ids().len() > 3);
    assert!(file.exists());
}

#[test]
fn the_log_is_set_by_its_twins_too() {
    let quiet = [("SWAS_EMULATOR_LOG", "off"), ("PORT", "0")];
    let mut process = Process::ready(command(&[], &quiet));
    process.get(LIST);
    assert_eq!(process.whole_log(), [""; 0]);

    let json = [("SWAS_EMULATOR_LOG_FORMAT", "json"), ("PORT", "0")];
    let mut process = Process::ready(command(&[], &json));
    process.get(LIST);
    assert!(process.log_line(&["answered"]).starts_with('{'));
    let mut process = Process::ready(command(&["--log-format", "text"], &json));
    process.get(LIST);
    assert!(!process.log_line(&["answered"]).starts_with('{'));
}

#[rstest]
#[case::flag(&["--colour"], &[], "--colour")]
#[case::address(&["--listen", "8808"], &[], "--listen")]
#[case::level(&["--log", "loud"], &[], "loud")]
#[case::level_in_the_twin(&[], &[("SWAS_EMULATOR_LOG", "loud")], "loud")]
#[case::port(&[], &[("PORT", "eight")], "PORT")]
#[case::port_too_large(&[], &[("PORT", "65536")], "PORT")]
#[case::command(&["serv"], &[], "serv")]
fn a_wrong_argument_ends_with_code_2_and_is_named(
    #[case] arguments: &[&str],
    #[case] variables: &[(&str, &str)],
    #[case] named: &str,
) {
    let outcome = Outcome::of(command(arguments, variables), "");
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains(named), "{outcome:?}");
    assert_eq!(outcome.stdout, "");
}

#[rstest]
#[case("")]
#[case("a b")]
#[case("a,b")]
#[case("région-1")]
fn a_region_that_cannot_be_one_is_refused(#[case] region: &str) {
    let outcome = Outcome::of(command(&["--region", region], &[("PORT", "0")]), "");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(
        outcome.stderr,
        format!(
            "error: a region id has 1 to 64 letters, digits and hyphens, such as `cn-hangzhou`, \
             got {region:?}\n"
        )
    );
}

#[test]
fn a_port_in_use_says_so_and_what_to_do() {
    let first = Process::serve(&[]);
    let address = first.address().to_string();
    let outcome = Outcome::of(command(&["--listen", &address], &[]), "");
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.stdout, "");
    assert_eq!(
        outcome.stderr,
        format!(
            "error: address {address} is in use already; stop what listens there, or choose \
             another with `--listen`, such as `--listen 127.0.0.1:0` for any free port\n"
        )
    );
}

#[test]
fn help_shows_a_newcomer_what_to_do_and_every_flag_with_its_variable() {
    for argument in ["--help", "-h"] {
        let outcome = Outcome::of(command(&[argument], &[]), "");
        assert_eq!(outcome.code, Some(0));
        for text in [
            "127.0.0.1:8808",
            "check-fixture",
            "healthcheck",
            "--listen",
            "--fixture",
            "--database",
            "--reseed",
            "--region",
            "--log",
            "--log-format",
            "SWAS_EMULATOR_LISTEN",
            "SWAS_EMULATOR_FIXTURE",
            "SWAS_EMULATOR_DATABASE",
            "SWAS_EMULATOR_REGION",
            "SWAS_EMULATOR_LOG",
            "SWAS_EMULATOR_LOG_FORMAT",
            "curl 'http://127.0.0.1:8808/?Action=ListCustomImages",
        ] {
            assert!(outcome.stdout.contains(text), "{argument}: no {text}");
        }
    }
}

#[test]
fn the_version_is_the_packages() {
    let outcome = Outcome::of(command(&["--version"], &[]), "");
    assert_eq!(outcome.code, Some(0));
    assert_eq!(
        outcome.stdout,
        concat!("swas-emulator ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

fn healthcheck(arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let arguments = [&["healthcheck"], arguments].concat();
    Outcome::of(command(&arguments, variables), "")
}

#[test]
fn the_healthcheck_of_a_ready_emulator_passes() {
    let process = Process::serve(&[]);
    let address = process.address().to_string();
    let port = process.address().port().to_string();
    let any = format!("0.0.0.0:{port}");
    let outcome = healthcheck(&["--listen", &address], &[]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, "");
    // As inside a container, where every twin of `serve` is set too.
    for variables in [
        [("SWAS_EMULATOR_LISTEN", any.as_str()), ("PORT", "1")].as_slice(),
        &[("PORT", &port), ("SWAS_EMULATOR_FIXTURE", "/seed")],
    ] {
        let outcome = healthcheck(&[], variables);
        assert_eq!(outcome.code, Some(0), "{variables:?}: {outcome:?}");
    }
}

/// A port that nothing listens on.
fn unused() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[rstest]
#[case(&[])]
#[case(&["--wait", "--timeout", "0.1"])]
fn the_healthcheck_fails_where_nothing_listens(#[case] arguments: &[&str]) {
    let address = unused();
    let outcome = healthcheck(&[&["--listen", &address], arguments].concat(), &[]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let start = format!("error: no answer from {address}: ");
    assert!(outcome.stderr.starts_with(&start), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
}

#[test]
fn the_healthcheck_fails_where_something_listens_but_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let outcome = healthcheck(&["--listen", &address, "--timeout", "0.1"], &[]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
}

#[test]
fn with_wait_the_healthcheck_waits_until_the_emulator_is_ready() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // An emulator that is being seeded, and then ready.
    let peer = thread::spawn(move || {
        let answers = [
            "503 Service Unavailable",
            "503 Service Unavailable",
            "200 OK",
        ];
        answers.map(|status| {
            let (mut accepted, _) = listener.accept().unwrap();
            let mut asked = BufReader::new(accepted.try_clone().unwrap()).lines();
            let first = asked.next().unwrap().unwrap();
            while !asked.next().unwrap().unwrap().is_empty() {}
            let body = r#"{"ready":false,"reasons":["why not"]}"#;
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 37\r\n\r\n{body}");
            accepted.write_all(answer.as_bytes()).unwrap();
            first
        })
    });
    let once = healthcheck(&["--listen", &address], &[]);
    assert_eq!(once.code, Some(1));
    assert!(
        once.stderr.contains("503") && once.stderr.contains("why not"),
        "{once:?}"
    );
    let waited = healthcheck(&["--listen", &address, "--wait"], &[]);
    assert_eq!(waited.code, Some(0), "{waited:?}");
    for asked in peer.join().unwrap() {
        assert_eq!(asked, "GET /readyz HTTP/1.1");
    }
}
