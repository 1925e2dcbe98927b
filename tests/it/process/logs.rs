//! The log: one line a request on standard error, no secrets, no lines that a client wrote.

use rstest::rstest;
use serde_json::Value;

use crate::support::{Answer, LIST, Process, encode};

/// What must never stand in a log, whatever its level.
const SECRETS: [&str; 8] = [
    "AKIDsecret",
    "SIGNATUREsecret",
    "TOKENsecret",
    "BEARERsecret",
    "NONCEsecret",
    "CREDENTIALsecret",
    "HEADERsecret",
    "BODYsecret",
];

/// A request that carries a secret wherever a client could put one.
fn secretive(method: &str, query: &str) -> String {
    let form = "SecurityToken=TOKENsecret&BearerToken=BODYsecret&AccessKeySecret=BODYsecret";
    let n_bytes = form.len();
    format!(
        "{method} /?{query}&AccessKeyId=AKIDsecret&Signature=SIGNATUREsecret\
         &SignatureNonce=NONCEsecret&BearerToken=BEARERsecret HTTP/1.1\r\nHost: swas.test\r\n\
         Authorization: ACS3-HMAC-SHA256 Credential=CREDENTIALsecret,SignedHeaders=host,\
         Signature=SIGNATUREsecret\r\nx-acs-security-token: TOKENsecret\r\n\
         x-acs-bearer-token: BEARERsecret\r\nx-acs-accesskey-id: AKIDsecret\r\n\
         Cookie: HEADERsecret\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {n_bytes}\r\n\r\n{form}"
    )
}

#[rstest]
#[case("text")]
#[case("json")]
fn no_secret_and_no_signature_is_logged_at_any_level(#[case] format: &str) {
    let mut process = Process::serve(&["--log", "trace", "--log-format", format]);
    for (method, query) in [
        ("POST", LIST),
        ("GET", LIST),
        ("POST", "Action=Nothing&Version=2020-06-01"),
        ("POST", "Format=YAML"),
        ("POST", "a=%zz"),
        ("PUT", LIST),
    ] {
        let mut raw = process.raw();
        raw.send(secretive(method, query));
        let answer = raw.answer();
        for secret in SECRETS {
            let shown = answer
                .headers
                .iter()
                .any(|(_, value)| value.contains(secret));
            assert!(!shown && !answer.body.contains(secret), "{answer:?}");
        }
    }
    process.log_line(&["answered", "UnsupportedHTTPMethod"]);
    let log = process.whole_log().join("\n");
    // Each of the six was logged, so that what follows could have been found.
    assert_eq!(log.matches("answered").count(), 6, "{log}");
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

/// The action of a line; as the client's own text, it may stand in quotes of its own.
fn action(line: &Value) -> &str {
    line["action"].as_str().unwrap().trim_matches('"')
}

#[test]
fn each_request_has_one_json_line_with_action_status_id_counts_and_duration() {
    let mut process = Process::serve(&["--log-format", "json"]);
    let listed = process.get(&format!("{LIST}&PageSize=2"));
    let refused = process.get(&format!("{LIST}&PageSize=101"));
    let other = process.get("Action=ListDisks&Version=2020-06-01");
    let id = |answer: &Answer| answer.field("RequestId");
    process.log_line(&["answered", &id(&other)]);

    let lines: Vec<Value> = process
        .whole_log()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let of = |id: &str| -> Value {
        let mut found = lines
            .iter()
            .filter(|line| line["message"] == "answered" && line["request_id"] == id);
        let first = found.next().unwrap().clone();
        assert!(found.next().is_none(), "two lines for {id}");
        first
    };
    let line = of(&id(&listed));
    assert_eq!(line["level"], "INFO");
    assert_eq!(action(&line), "ListCustomImages");
    assert_eq!(line["status"], 200);
    assert_eq!(line["n_images"], 2);
    assert_eq!(line["total_count"].to_string(), listed.field("TotalCount"));
    assert!(line["duration_us"].as_u64().unwrap() > 0, "{line}");
    assert!(line["timestamp"].is_string());

    let line = of(&id(&refused));
    assert_eq!(line["status"], 400);
    assert_eq!(line["code"], "InvalidPageSize");
    assert!(
        line["reason"].as_str().unwrap().contains("got 101"),
        "{line}"
    );
    assert_eq!(line["n_images"], Value::Null);

    let line = of(&id(&other));
    assert_eq!(action(&line), "ListDisks");
    assert_eq!(line["code"], "NotImplemented");
}

#[test]
fn the_text_line_of_a_request_has_the_same_fields() {
    let mut process = Process::serve(&[]);
    let id = process.get(LIST).field("RequestId");
    let line = process.log_line(&["answered", &id]);
    for shown in [
        "INFO",
        "action=\"ListCustomImages\"",
        "status=200",
        "total_count=",
        "n_images=",
        "duration_us=",
    ] {
        assert!(line.contains(shown), "no {shown} in {line}");
    }
}

#[test]
fn a_warning_is_logged_with_the_request_that_it_belongs_to() {
    let mut process = Process::serve(&[]);
    let answer = process.get(&format!("{LIST}&ImageId=m-1"));
    let id = answer.field("RequestId");
    process.log_line(&["WARN", "answered", &id, "unknown parameter `ImageId`"]);
}

#[rstest]
#[case("text")]
#[case("json")]
fn a_line_break_in_a_request_writes_no_line_of_its_own(#[case] format: &str) {
    let mut process = Process::serve(&["--log", "trace", "--log-format", format]);
    let forged = encode("\nFORGED\r\n\u{1b}[2JFORGED\u{2028}");
    for query in [
        format!("{LIST}&{forged}={forged}"),
        format!("{LIST}&Share={forged}"),
        format!("{LIST}&InstanceId={forged}&{forged}=1&{forged}=2"),
        format!("{LIST}&ImageIds=%5B{forged}"),
        format!("{LIST}&ClientToken={}", encode("\nFORGED")),
        format!("{LIST}&ClientToken={}&PageSize=1", encode("\nFORGED")),
        format!("Action={forged}&Version={forged}"),
        format!("Action={forged}&Version=2020-06-01"),
        format!("{LIST}&Format={forged}"),
    ] {
        process.get(&query);
    }
    let last = process.get(LIST).field("RequestId");
    process.log_line(&["answered", &last]);
    let log = process.whole_log();
    assert!(log.iter().any(|line| line.contains("FORGED")), "{log:#?}");
    for line in log {
        assert!(!line.starts_with("FORGED"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
        if format == "json" {
            assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
        } else {
            // Every line of ours begins with its time.
            assert!(line.starts_with("20"), "{line}");
        }
    }
}

#[rstest]
#[case("off", 0)]
#[case("error", 0)]
#[case("warn", 1)]
#[case("info", 2)]
#[case("debug", 2)]
fn a_level_keeps_what_is_at_least_as_grave(#[case] level: &str, #[case] n_lines: usize) {
    let mut process = Process::serve(&["--log", level]);
    process.get(LIST);
    process.get(&format!("{LIST}&Foo=1"));
    process.signal("TERM");
    process.wait();
    let log = process.whole_log();
    let count = |text: &str| log.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("answered"), n_lines, "{log:#?}");
    assert_eq!(count("Foo"), n_lines.min(1), "{log:#?}");
}

#[test]
fn a_request_with_a_thousand_unknown_parameters_has_one_line() {
    let mut process = Process::serve(&[]);
    let unknown: Vec<String> = (0..900).map(|n| format!("&Foo{n}=1")).collect();
    let unknown = unknown.concat();
    let id = process.get(&format!("{LIST}{unknown}")).field("RequestId");
    let line = process.log_line(&["WARN", "answered", &id]);
    assert!(line.contains("more"), "{line}");
    let log = process.whole_log();
    assert_eq!(log.iter().filter(|line| line.contains(&id)).count(), 1);
    assert!(line.len() < 4 << 10, "{}", line.len());
}
