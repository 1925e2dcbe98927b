//! What a client gets wrong first: another protocol, or a proxy that is none.

use crate::support::{LIST, Process, Raw};

/// A client's first bytes of TLS 1.2: a handshake record with a hello.
const HELLO: &[u8] = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03\
    0123456789abcdef0123456789abcdef\x00\x00\x04\xc0\x2f\x00\xff\x01\x00";

/// A client's first bytes of HTTP/2: the preface and empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

fn lines_with<'a>(log: &'a [String], text: &str) -> Vec<&'a String> {
    log.iter().filter(|line| line.contains(text)).collect()
}

#[test]
fn tls_is_answered_in_http_and_warned_of_at_most_once_a_second() {
    let mut process = Process::serve(&[]);
    for _ in 0..100 {
        let mut raw = process.raw();
        raw.send(HELLO);
        let answer = raw.rest();
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{answer}"
        );
        assert!(answer.contains("\r\nx-emulator-reason: this port speaks http, not https\r\n"));
    }
    let line = process.log_line(&["WARN", "TLS"]);
    for setting in [
        r#"`protocol` "http""#,
        "setSysProtocol(ProtocolType.HTTP)",
        "endpoint: 'http://",
        "`--insecure`",
        r#"protocol = "HTTP""#,
    ] {
        assert!(line.contains(setting), "{setting}: {line}");
    }
    assert!(line.contains("n_so_far=1"), "{line}");
    let log = process.whole_log();
    let lines = lines_with(&log, "TLS");
    assert!(lines.len() < 10, "{lines:?}");
}

#[test]
fn http_2_is_told_that_http_1_is_required() {
    let mut process = Process::serve(&[]);
    let mut raw = process.raw();
    raw.send(PREFACE);
    let answer = raw.rest();
    // Empty settings, then a frame with the error HTTP_1_1_REQUIRED (RFC 9113, section 7).
    let (settings, goaway) = answer.split_at(9);
    assert_eq!(settings, "\0\0\0\x04\0\0\0\0\0");
    let text = "this port speaks HTTP/1.1 only";
    let n_bytes = char::from(u8::try_from(8 + text.len()).unwrap());
    let expected = format!("\0\0{n_bytes}\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0D{text}");
    assert_eq!(goaway, expected);
    process.log_line(&["WARN", "HTTP/2", "n_so_far=1"]);
    assert_eq!(process.get(LIST).status, 200);
}

#[test]
fn a_proxys_tunnel_is_refused_with_the_reason() {
    let mut process = Process::serve(&[]);
    let mut raw = process.raw();
    let host = "swas.cn-hangzhou.aliyuncs.com:443";
    raw.send(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let answer = raw.answer();
    answer.assert_invariants(host);
    answer.assert_refused(405, "UnsupportedHTTPMethod");
    assert!(answer.reason().contains("no proxy"), "{answer:?}");
    assert!(answer.reason().contains(host), "{answer:?}");
    process.log_line(&["WARN", "CONNECT", "HTTPS_PROXY", "n_so_far=1"]);
}

/// A listing whose request line has a whole address.
fn listing_at(raw: &mut Raw, host: &str) -> usize {
    raw.send(format!(
        "GET http://{host}/?{LIST} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    ));
    raw.answer().ids().len()
}

#[test]
fn a_whole_address_is_answered_and_warned_of_when_it_is_another_hosts() {
    let mut process = Process::serve(&[]);
    let mut raw = process.raw();
    let own = process.address().to_string();
    for host in [&own, "localhost:8808", "[::1]", "swas-emulator"] {
        assert_eq!(listing_at(&mut raw, host), 10);
    }
    raw.send(format!(
        "GET http://{own}/_emulator/health HTTP/1.1\r\nHost: {own}\r\n\r\n"
    ));
    assert_eq!(raw.answer().status, 200);
    assert_eq!(listing_at(&mut raw, "swas.cn-hangzhou.aliyuncs.com"), 10);
    raw.send("GET http://pypi.example/simple/ HTTP/1.1\r\nHost: pypi.example\r\n\r\n");
    let answer = raw.answer();
    answer.assert_refused(404, "InvalidAction.NotFound");
    assert!(answer.reason().contains("no proxy"), "{answer:?}");
    // The first of another host, so those before were none.
    process.log_line(&["WARN", "HTTP_PROXY", "n_so_far=1"]);
}
