//! Which sandbox a request belongs to, and that no sandbox ever sees another.

use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{LIST, World, encode, fixture, image, isolated, post};

/// Sandboxes that are changed and read at once.
const N_SANDBOXES: usize = 50;

/// Rounds of change and look in each of them.
const N_ROUNDS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_sandboxes_changed_and_read_at_once_never_see_each_other() {
    let world = World::start(isolated().worker_threads(4)).await;
    let world = std::sync::Arc::new(world);
    let mut tasks = JoinSet::new();
    for number in 0..N_SANDBOXES {
        let world = std::sync::Arc::clone(&world);
        tasks.spawn(async move {
            let key = format!("ci-{number}");
            let mut expected: Vec<String> = ["m-1", "m-2", "m-3"].map(str::to_owned).to_vec();
            for round in 0..N_ROUNDS {
                // The newest of all, so that it stands first; its id says whose it is.
                let id = format!("m-of-{number}-{round}");
                let time = format!("2026-02-0{}T00:00:00Z", round + 1);
                let new = image(&id, json!({"CreationTime": time, "Name": key}));
                let query = format!("?sandbox={key}");
                let path = format!("/_emulator/images{query}");
                world.ok("PUT", &path, &fixture(&[new])).await;
                expected.insert(0, id.clone());
                assert_eq!(world.listed(&key).await, expected);
                let path = format!("/_emulator/images/m-1{query}");
                let change = json!({"Name": format!("{key} {round}")}).to_string();
                assert_eq!(
                    world.ok("PATCH", &path, &change).await["Name"],
                    format!("{key} {round}")
                );
                let listing = world.listing(&key).await;
                for image in listing["CustomImages"].as_array().unwrap() {
                    let id = image["ImageId"].as_str().unwrap();
                    let own = id.starts_with(&format!("m-of-{number}-"));
                    assert!(own || !id.starts_with("m-of-"), "{key} sees {id}");
                    if id == "m-1" {
                        assert_eq!(image["Name"], format!("{key} {round}"));
                    }
                }
                if round == N_ROUNDS / 2 {
                    world
                        .ok("POST", &format!("/_emulator/checkpoints/half{query}"), "")
                        .await;
                    world
                        .ok("POST", &format!("/_emulator/reset{query}"), "")
                        .await;
                    assert_eq!(world.listed(&key).await, ["m-1", "m-2", "m-3"]);
                    world
                        .ok("POST", &format!("/_emulator/reset{query}&to=half"), "")
                        .await;
                }
                assert_eq!(world.listed(&key).await, expected);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(world.listed("default").await, ["m-1", "m-2", "m-3"]);
    let all = world.ok("GET", "/_emulator/sandboxes", "").await;
    assert_eq!(all["sandboxes"].as_array().unwrap().len(), N_SANDBOXES + 1);
}

#[tokio::test]
async fn a_request_that_names_no_key_uses_the_default_sandbox() {
    let world = World::isolated().await;
    world.ok("DELETE", "/_emulator/images/m-1", "").await;
    for parameters in ["", "AccessKeyId="] {
        assert_eq!(world.list(parameters).await.ids(), ["m-2", "m-3"]);
    }
    assert_eq!(world.listed("default").await, ["m-2", "m-3"]);
    assert_eq!(world.listed("ci-7").await, ["m-1", "m-2", "m-3"]);
}

#[rstest]
#[case("AccessKeyId=ci-7", &[])]
#[case(
    "",
    &[("authorization", "ACS3-HMAC-SHA256 Credential=ci-7,SignedHeaders=host,Signature=0")]
)]
#[case("", &[("authorization", "ACS3-HMAC-SHA256 SignedHeaders=host, Credential=ci-7, Signature=0")])]
#[case("", &[("x-acs-accesskey-id", "ci-7")])]
#[case("AccessKeyId=ci-7", &[("x-acs-accesskey-id", "other")])]
#[tokio::test]
async fn the_key_is_found_wherever_a_client_puts_it(
    #[case] parameters: &str,
    #[case] headers: &[(&str, &str)],
) {
    let world = World::isolated().await;
    world
        .ok("DELETE", "/_emulator/images/m-1?sandbox=ci-7", "")
        .await;
    let answer = world.list_with(parameters, headers).await;
    assert_eq!(answer.ids(), ["m-2", "m-3"]);
}

#[rstest]
#[case("a", true)]
#[case(&"a".repeat(128), true)]
#[case("A-z_0.9", true)]
#[case("..", true)]
#[case(&"a".repeat(129), false)]
#[case("a b", false)]
#[case("a/b", false)]
#[case("a\nb", false)]
#[case("a+b", false)]
#[case("ключ", false)]
#[tokio::test]
async fn an_access_key_id_has_1_to_128_plain_characters(#[case] key: &str, #[case] fits: bool) {
    let world = World::isolated().await;
    let parameter = format!("AccessKeyId={}", encode(key));
    let path = format!("/_emulator/images?sandbox={}", encode(key));
    if fits {
        assert_eq!(world.list(&parameter).await.status, 200);
        world.ok("GET", &path, "").await;
        return;
    }
    for format in ["JSON", "XML"] {
        let answer = world.list(&format!("Format={format}&{parameter}")).await;
        assert_eq!(answer.is_xml(), format == "XML");
        // Source: the gateway's public error codes, the general form of `Invalid<Param>`.
        answer.assert_refused(400, "InvalidAccessKeyId");
        assert_eq!(
            answer.field("Message"),
            "Specified parameter AccessKeyId is not valid."
        );
    }
    world.refused(("GET", &path, ""), 400, "InvalidName").await;
}

#[tokio::test]
async fn without_isolation_every_key_shares_one_sandbox_whatever_its_characters() {
    let world = World::shared().await;
    world.ok("DELETE", "/_emulator/images/m-1", "").await;
    for key in ["ci-7", "default", "a%2Fb", &"a".repeat(129)] {
        assert_eq!(world.listed(key).await, ["m-2", "m-3"]);
    }
}

#[tokio::test]
async fn without_isolation_the_control_api_has_no_other_sandbox() {
    let world = World::shared().await;
    world
        .ok("GET", "/_emulator/images?sandbox=default", "")
        .await;
    for (method, path, body) in [
        ("GET", "/_emulator/images", ""),
        ("PUT", "/_emulator/images", "[]"),
        ("DELETE", "/_emulator/images", ""),
        ("POST", "/_emulator/reset", ""),
        ("GET", "/_emulator/clock", ""),
        ("GET", "/_emulator/health", ""),
    ] {
        let path = format!("{path}?sandbox=ci-7");
        let reply = world
            .refused((method, &path, body), 409, "NotIsolated")
            .await;
        assert!(reply.error("hint").contains("--isolate"), "{reply:?}");
    }
    let create = ("POST", "/_emulator/sandboxes", "");
    world.refused(create, 409, "NotIsolated").await;
    assert_eq!(world.listed("any").await.len(), 3);
}

#[tokio::test]
async fn a_sandbox_takes_no_memory_until_its_first_change() {
    let world = World::isolated().await;
    assert_eq!(world.summary("ci-7").await, None);
    world.listed("ci-7").await;
    world.export("ci-7").await;
    world.ok("POST", "/_emulator/reset?sandbox=ci-7", "").await;
    assert_eq!(world.bytes("ci-7").await, 0);
    world
        .ok(
            "PATCH",
            "/_emulator/images/m-1?sandbox=ci-7",
            r#"{"Status": "3"}"#,
        )
        .await;
    assert!(world.bytes("ci-7").await > 0);
    world.ok("POST", "/_emulator/reset?sandbox=ci-7", "").await;
    assert_eq!(world.bytes("ci-7").await, 0);
}

#[rstest]
#[case("PUT", "/_emulator/images", "[{}]", 400)]
#[case("PUT", "/_emulator/images/m-1", "{}", 400)]
#[case("PATCH", "/_emulator/images/m-1", r#"{"Status": "9"}"#, 400)]
#[case("PATCH", "/_emulator/images/m-9", r#"{"Status": "1"}"#, 404)]
#[case("DELETE", "/_emulator/images/m-9", "", 404)]
#[case("POST", "/_emulator/reset?to=none", "", 404)]
#[tokio::test]
async fn a_refused_change_takes_no_memory(
    #[case] method: &str,
    #[case] path: &str,
    #[case] body: &str,
    #[case] status: u16,
) {
    let world = World::isolated().await;
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{separator}sandbox=ci-7");
    assert_eq!(world.control(method, &path, body).await.status, status);
    assert_eq!(world.bytes("ci-7").await, 0);
}

#[tokio::test]
async fn client_tokens_are_remembered_by_their_own_sandbox_alone() {
    let world = World::isolated().await;
    let token = "ClientToken=t-1";
    let warns = async |key: &str, more: &str| {
        let parameters = format!("AccessKeyId={key}&{token}{more}");
        world.list(&parameters).await.warning() != ""
    };
    assert!(!warns("a", "").await);
    assert!(!warns("b", "&PageSize=5").await);
    assert!(warns("a", "&PageSize=5").await);
}

#[tokio::test]
async fn a_signed_request_that_cannot_be_read_belongs_to_the_sandbox_of_its_key() {
    let world = World::isolated().await;
    let authorization = |key: &str| {
        format!(
            "Authorization: ACS3-HMAC-SHA256 Credential={key},SignedHeaders=host,Signature=0\r\n"
        )
    };
    let json = "Content-Type: application/json\r\n";
    let send = |headers: String| {
        let answer = world.sent(post(LIST, &headers, "{}"));
        assert_eq!(answer.status, 415, "{answer:?}");
        answer.field("RequestId")
    };
    let signed = send(format!("{}{json}", authorization("ci-7")));
    let by_header = send(format!("x-acs-accesskey-id: ci-7\r\n{json}"));
    let unsigned = send(json.to_owned());
    let odd = send(format!("{}{json}", authorization("a/b")));
    let ids = |name: &'static str| {
        let world = &world;
        async move {
            let path = format!("/_emulator/requests?sandbox={name}");
            let all = world.ok("GET", &path, "").await;
            let all = all["requests"].as_array().unwrap().clone();
            let ids = all
                .iter()
                .map(|request| request["requestId"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>()
        }
    };
    assert_eq!(ids("ci-7").await, [signed, by_header]);
    assert_eq!(ids("default").await, [unsigned, odd]);
}
