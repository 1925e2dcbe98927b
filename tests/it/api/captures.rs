//! The requests that six real clients sent, replayed byte for byte.
//!
//! Source: the vendor's clients as named in each file of `captures/`, recorded on 2026-11-24.

use rstest::rstest;
use serde_json::json;

use swas_emulator::internals::ACTIONS;

use crate::support::{Answer, World, fixture, image};

/// A captured request.
struct Capture {
    title: String,
    bytes: Vec<u8>,
}

/// Takes every request out of a capture file.
///
/// Each stands below a bar: a title in brackets, the head's lines, an empty line and the body.
fn captures(file: &str) -> Vec<Capture> {
    let bar = "=".repeat(100) + "\n";
    file.split(bar.as_str()).skip(1).map(capture).collect()
}

fn capture(text: &str) -> Capture {
    let (title, request) = text.split_once('\n').unwrap();
    let (head, rest) = request.split_once("\n\n").unwrap();
    let (body, _) = rest.split_once("\n\n").unwrap();
    let body = if body == "(empty body)" { "" } else { body };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    assert_eq!(body.len(), length, "{title}: the body was cut");
    let head = head.replace('\n', "\r\n");
    Capture {
        title: title.to_owned(),
        bytes: format!("{head}\r\n\r\n{body}").into_bytes(),
    }
}

/// The image that the captures with all parameters ask for, and one that others ask for.
async fn served() -> World {
    let asked_for = image(
        "fe9c66133a9d4688872869726b521234",
        json!({
            "Name": "测试~*2",
            "InShareUser": true,
            "SystemSnapshotId": "s-bp14m09pq81230g6",
            "DataSnapshotId": "s-acscasca1234",
            "InstanceId": "ace0706b2ac4454d984295a942131234",
            "ResourceGroupId": "rg-aek2bti7cf7yj2i",
            "Tags": [{"Key": "TestKey", "Value": "TestValue"}, {"Key": "k2", "Value": "v 2/é"}],
        }),
    );
    let other = image(
        "a",
        json!({"InstanceId": "x y", "Tags": [{"Key": "only", "Value": "1"}]}),
    );
    World::of(&fixture(&[asked_for, other])).await
}

fn replay(world: &World, capture: &Capture) -> Answer {
    let mut raw = world.raw();
    raw.send(&capture.bytes);
    let answer = raw.answer();
    // The clients believed to talk to the recorder.
    answer.assert_invariants("127.0.0.1:18099");
    answer
}

#[rstest]
#[case::old_python(
    include_str!("captures/old-python-sdk-1.0.14.txt"), &[1, 1, 2, 2, 2, 1, 2, 1, 2, 2, 2])]
#[case::older_tea_python(include_str!("captures/tea-python-2.0.0-old-openapi.txt"), &[1, 1])]
#[case::tea_python(
    include_str!("captures/tea-python-4.0.0.txt"), &[1, 1, 2, 2, 2, 2, 1, 2, 1, 2])]
#[case::tea_node(include_str!("captures/tea-node-4.0.0.txt"), &[1, 1, 1, 2, 2])]
#[case::pop_core(include_str!("captures/pop-core-1.8.0.txt"), &[1, 1, 1, 2, 2, 1, 2, 2, 2])]
#[tokio::test]
async fn every_captured_listing_is_answered_with_the_images_it_asks_for(
    #[case] file: &str,
    #[case] totals: &[u64],
) {
    let world = served().await;
    let captures = captures(file);
    assert_eq!(captures.len(), totals.len());
    for (capture, total) in captures.iter().zip(totals) {
        let title = &capture.title;
        let answer = replay(&world, capture);
        assert_eq!(answer.status, 200, "{title}: {answer:?}");
        assert_eq!(answer.field("TotalCount"), total.to_string(), "{title}");

        let text = String::from_utf8_lossy(&capture.bytes);
        assert_eq!(answer.is_xml(), text.contains("Format=XML"), "{title}");
        let warning = if text.contains("ImageIds.1=") {
            "unknown parameter `ImageIds.1`, did you mean `ImageIds`?; \
             unknown parameter `ImageIds.2`, did you mean `ImageIds`?"
        } else {
            ""
        };
        assert_eq!(answer.warning(), warning, "{title}");
    }
}

#[tokio::test]
async fn every_captured_sibling_is_answered_or_refused_as_not_emulated() {
    let world = served().await;
    let captures = captures(include_str!("captures/siblings-tea-python.txt"));
    assert_eq!(captures.len(), 13);
    for capture in captures {
        let action = capture.title.trim_matches(['[', ']']);
        let answer = replay(&world, &capture);
        assert_eq!(answer.warning(), "", "{action}");
        if ACTIONS.iter().any(|emulated| emulated.name == action) {
            assert_eq!(answer.status, 200, "{action}: {answer:?}");
            continue;
        }
        assert_eq!(answer.status, 400, "{action}: {answer:?}");
        assert_eq!(answer.code(), "NotImplemented", "{action}");
        let message = answer.field("Message");
        assert!(message.contains(action), "{message}");
        assert!(message.contains("ListCustomImages"), "{message}");
    }
}

/// The files hold 37 listings and 13 siblings; a parser that loses some would hide what fails.
#[test]
fn a_capture_is_taken_out_of_its_file_whole() {
    let captures = captures(include_str!("captures/pop-core-1.8.0.txt"));
    let bytes = String::from_utf8(captures[5].bytes.clone()).unwrap();
    assert!(bytes.starts_with("POST / HTTP/1.1\r\nx-extra: 1\r\n"));
    assert!(bytes.contains("\r\nContent-Length: 308\r\n\r\nAccessKeyId=testid&"));
    assert!(bytes.ends_with("OO8835%2B4LXc%3D"));
}
