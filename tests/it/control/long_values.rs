//! Values of a megabyte, and a thousand of anything: each answer comes soon, and is short.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, FORM, LIST, Raw, World, encode, post};

/// Enough for a debug build on a busy machine; without the limits, each of these takes minutes.
const SOON: Duration = Duration::from_secs(10);

fn million(text: &str) -> String {
    text.repeat(1_000_000 / text.len())
}

/// A thousand names of a kilobyte that differ in their ends alone.
fn thousand_names(n_names: usize, end: &str) -> String {
    let start = "n".repeat(900);
    let names: Vec<String> = (0..n_names)
        .map(|n| format!("{start}{n:03}{end}"))
        .collect();
    names.join("&")
}

#[rstest]
#[case::action("x", format!("Action={}&Version=2020-06-01", million("x")))]
#[case::region("x", format!("Action=ListCustomImages&Version=2020-06-01&RegionId={}", million("x")))]
#[case::unknown_name("x", format!("{LIST}&{}=1", million("x")))]
#[case::unknown_names("n", format!("{LIST}&{}", thousand_names(900, "=1")))]
#[case::repeated_names("n", format!("{LIST}&{0}&{0}", thousand_names(490, "=1")))]
#[case::redacted_values("s", format!("{LIST}{}", format!("&Signature={}", "s".repeat(900)).repeat(990)))]
#[case::similar_names("P", format!("{LIST}&{}", (0..990).map(|n| format!("PageSizeNo{n}=1")).collect::<Vec<_>>().join("&")))]
#[case::magic_key("x", format!("{LIST}&AccessKeyId=a%2B{}", million("x")))]
#[case::magic_name("x", format!("{LIST}&AccessKeyId={}%2BThrottling:2", million("x")))]
#[case::key("x", format!("{LIST}&AccessKeyId={}", million("x")))]
#[case::format("x", format!("{LIST}&Format={}", million("x")))]
#[case::tag("x", format!("{LIST}&Tag.1.Key={}", million("x")))]
#[case::ids(",", format!("{LIST}&ImageIds={}", million(",")))]
#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_is_answered_soon_and_holds_up_nobody(#[case] sent: &str, #[case] form: String) {
    let world = World::isolated().await;
    assert!(form.contains(sent) && form.len() > 8_000);
    let address = world.address();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let probes = std::thread::spawn(move || {
        let (mut raw, mut longest) = (Raw::connect(address), Duration::ZERO);
        while stopped.try_recv().is_err() {
            let start = Instant::now();
            raw.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assert_eq!(raw.answer().status, 200);
            longest = longest.max(start.elapsed());
        }
        longest
    });
    let mut raw = world.raw();
    let start = Instant::now();
    raw.send(post("", FORM, &form));
    let answer = raw.answer();
    let took = start.elapsed();
    stop.send(()).unwrap();
    let longest = probes.join().unwrap();
    assert!(took < SOON, "{took:?}");
    assert!(longest < SOON, "another one waited for {longest:?}");
    for (name, value) in &answer.headers {
        assert!(value.len() <= 1 << 10, "{name}: {value}");
    }
    assert!(answer.body.len() < 64 << 10, "{}", answer.body.len());
}

#[tokio::test]
async fn the_first_32_unknown_names_get_a_suggestion() {
    let world = World::shared().await;
    let names: Vec<String> = (0..40).map(|n| format!("PageSiz{n:02}=1")).collect();
    world.list(&names.join("&")).await;
    let requests = world.ok("GET", "/_emulator/requests", "").await;
    let warnings = requests["requests"][0]["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 40);
    for (idx, warning) in warnings.iter().enumerate() {
        let text = warning.as_str().unwrap();
        assert_eq!(
            text.contains("did you mean `PageSize`"),
            idx < 32,
            "{idx}: {text}"
        );
    }
}

#[tokio::test]
async fn a_reason_in_the_journal_has_at_most_1_kib() {
    let world = World::shared().await;
    world
        .post(LIST, &format!("PageSize={}", million("x")))
        .await;
    let requests = world.ok("GET", "/_emulator/requests", "").await;
    let reason = requests["requests"][0]["reason"].as_str().unwrap();
    assert!((1_024..1_100).contains(&reason.len()), "{}", reason.len());
}

#[tokio::test]
async fn a_message_repeats_at_most_8_kib() {
    let world = World::shared().await;
    let long = million("x");
    let fault = json!({"effect": {"error": long.clone()}});
    let clock = json!({"freeze": long.clone()});
    let verify = json!([{"match": {"parameters": {"PageSize": long.clone()}}}]);
    for (method, path, body, status) in [
        ("POST", "/_emulator/faults", &fault, 400),
        ("PUT", "/_emulator/clock", &clock, 400),
        ("POST", "/_emulator/verify", &verify, 409),
    ] {
        let answer = world.control(method, path, &body.to_string()).await;
        assert_eq!(answer.status, status);
        assert!(
            answer.body.len() < 10 << 10,
            "{path}: {}",
            answer.body.len()
        );
        assert!(answer.error("message").ends_with("bytes in all)"), "{path}");
    }
}

#[tokio::test]
async fn a_thousand_expectations_are_compared_and_no_more() {
    let world = World::shared().await;
    let never = |n: usize| json!(vec![json!({"never": true}); n]).to_string();
    let met = world.ok("POST", "/_emulator/verify", &never(1_000)).await;
    assert_eq!(met, json!({"met": 1_000}));
    let body = never(1_001);
    let refused = ("POST", "/_emulator/verify", body.as_str());
    let answer = world.refused(refused, 400, "BadRequest").await;
    assert!(
        answer
            .error("message")
            .contains("at most 1000 expectations, got 1001")
    );
}

/// Foreign text that would leave its line, or turn the direction of what follows.
const ODD: &str = "a\nFORGED\u{1b}[2J\u{202e}\u{2028}\u{2066}b";

#[tokio::test]
async fn text_answers_show_foreign_text_on_one_line() {
    let world = World::shared().await;
    let odd = encode(ODD);
    world.list(&format!("{odd}={odd}&InstanceId={odd}")).await;
    let all = world.ok("GET", "/_emulator/requests", "").await;
    let id = all["requests"][0]["requestId"].as_str().unwrap().to_owned();
    let refused = format!("Action={odd}&Version=2020-06-01");
    let verify = json!([{"match": {
        "action": ODD, "accessKeyId": ODD, "code": ODD, "parameters": {ODD: ODD},
    }}]);
    let text = |method: &'static str, path: String, body: Value| {
        let request = world.request(method, &path).header("accept", "text/plain");
        let request = if body.is_null() {
            request
        } else {
            request.body(body.to_string())
        };
        async move { Answer::to(request).await.body }
    };
    for text in [
        text(
            "GET",
            format!("/_emulator/requests/{id}/explain"),
            Value::Null,
        )
        .await,
        text(
            "GET",
            format!("/_emulator/explain?{LIST}&{odd}={odd}&InstanceId={odd}"),
            Value::Null,
        )
        .await,
        text("GET", format!("/_emulator/explain?{refused}"), Value::Null).await,
        text("POST", "/_emulator/verify".to_owned(), verify).await,
        text("DELETE", format!("/_emulator/faults/{odd}"), Value::Null).await,
        text("PUT", "/_emulator/clock".to_owned(), json!({"freeze": ODD})).await,
        text("PUT", "/_emulator/clock".to_owned(), json!({ODD: 1})).await,
    ] {
        assert!(text.contains("FORGED"), "{text}");
        for line in text.lines() {
            assert!(!line.starts_with("FORGED"), "{text}");
            let is_odd =
                |char: char| char.is_control() || "\u{202e}\u{2028}\u{2066}".contains(char);
            assert!(!line.contains(is_odd), "{text:?}");
        }
    }
}
