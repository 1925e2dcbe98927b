//! A panic in a request's handler, brought about from outside: by a subscriber to its trace events.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a failed test should panic, and its name says what it shows"
)]

use std::sync::atomic::{AtomicU32, Ordering};

use swas_emulator::Emulator;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Panics at the event `listing` as often as told.
struct Panics(&'static AtomicU32);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Panics {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        let left = |n: u32| n.checked_sub(1);
        let struck = message.0 == "listing"
            && self
                .0
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
                .is_ok();
        assert!(!struck, "a subscriber that fails");
    }
}

#[tokio::test]
async fn a_panic_is_answered_with_internal_error_and_the_next_request_works() {
    static LEFT: AtomicU32 = AtomicU32::new(2);
    tracing::subscriber::set_global_default(Panics(&LEFT)).unwrap();
    let emulator = Emulator::builder().start().await.unwrap();
    let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
    for (format, code) in [
        (
            "JSON",
            r#""Code":"InternalError","Message":"An error occurred while processing your request.""#,
        ),
        (
            "XML",
            "<Code>InternalError</Code><Message>An error occurred while processing your request.</Message>",
        ),
    ] {
        let url = format!("{}/?{query}&Format={format}", emulator.endpoint());
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status().as_u16(), 500);
        let id = answer.headers()["x-acs-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let body = answer.text().await.unwrap();
        assert!(body.contains(code) && body.contains(&id), "{body}");
        assert!(!body.contains("subscriber"), "{body}");
    }
    let answer = reqwest::get(format!("{}/?{query}", emulator.endpoint()))
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
}
