//! A real panic in a request's handler, without a seam in the emulator's own code.
//!
//! The emulator logs through `tracing`, so a subscriber that panics when the listing is announced
//! panics inside the handler. A subscriber is global, so this is a process of its own.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a failed test should panic, and its name says what it shows"
)]

use std::fmt::{Debug, Write as _};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use swas_emulator::{Emulator, Fixture};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, subscriber};

/// Panics that are still to come.
static N_PANICS: AtomicU32 = AtomicU32::new(0);

/// Every other event, as text.
static LOG: Mutex<String> = Mutex::new(String::new());

/// Panics in the middle of a request, and keeps what is logged of it.
struct Panics;

impl Subscriber for Panics {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let left = |n: u32| n.checked_sub(1);
        if text.0.contains("message=listing")
            && N_PANICS
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, left)
                .is_ok()
        {
            panic!("injected by the test");
        }
        LOG.lock().unwrap().push_str(&text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let name = field.name();
        // Writing to a `String` cannot fail.
        write!(self.0, "{name}={value:?} ").unwrap();
    }
}

const LIST: &str = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";

/// Sends a query on a connection of its own; gives the answer's head and body.
fn get(address: SocketAddr, query: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /?{query} HTTP/1.1\r\nHost: swas.test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let mut values = head.lines().filter_map(|line| line.split_once(": "));
    values.find(|(found, _)| *found == name).unwrap().1
}

/// Source: `ListCustomImages` reference, error codes, and the gateway's error body; read
/// 2026-11-24.
fn expected(format: &str, id: &str) -> String {
    let recommend = |and: &str| {
        format!(
            "https://api.aliyun.com/troubleshoot?q=InternalError{and}product=SWAS-OPEN{and}requestId={id}"
        )
    };
    let message = "An error occurred while processing your request.";
    if format == "XML" {
        return format!(
            "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>{id}</RequestId>\
             <HostId>swas.test</HostId><Code>InternalError</Code><Message>{message}</Message>\
             <Recommend>{}</Recommend></Error>",
            recommend("&amp;")
        );
    }
    format!(
        "{{\"RequestId\":\"{id}\",\"HostId\":\"swas.test\",\"Code\":\"InternalError\",\
         \"Message\":\"{message}\",\"Recommend\":\"{}\"}}",
        recommend("&")
    )
}

#[tokio::test]
async fn a_panic_of_the_handler_is_an_internal_error_and_the_next_request_works() {
    subscriber::set_global_default(Panics).unwrap();
    let text = r#"[{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}]"#;
    let fixture = Fixture::from_json("one.json", text);
    let emulator = Emulator::builder().fixture(fixture).start().await.unwrap();
    let address = emulator.address();
    assert!(get(address, LIST).0.starts_with("HTTP/1.1 200 "));

    for (format, content_type) in [
        ("JSON", "application/json;charset=utf-8"),
        ("XML", "text/xml;charset=utf-8"),
    ] {
        LOG.lock().unwrap().clear();
        N_PANICS.store(1, Ordering::Release);
        let (head, body) = get(address, &format!("{LIST}&Format={format}"));
        assert_eq!(N_PANICS.load(Ordering::Acquire), 0, "nothing panicked");
        assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
        assert_eq!(header(&head, "content-type"), content_type);
        assert_eq!(
            header(&head, "x-emulator-version"),
            env!("CARGO_PKG_VERSION")
        );
        let id = header(&head, "x-acs-request-id");
        assert_eq!(body, expected(format, id));
        assert!(!head.contains("injected"), "{head}");
        let log = LOG.lock().unwrap().clone();
        assert!(log.contains("panicked") && log.contains(id), "{log}");

        let (head, body) = get(address, LIST);
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(body.contains("\"ImageId\":\"m-1\""), "{body}");
    }
}
