//! Client tokens of an action that changes something, shown with an action made here.

use serde_json::{Value, json};
use swas_emulator::internals::{
    ACTIONS, Access, Action, Actions, Answer as Made, Answered, Call, Failure, Field, Parameter,
    Presence, Ram,
};
use swas_emulator::{Emulator, Fixture};

use crate::support::{Answer, World};

/// An action that adds an image under a new id.
static CREATE: Action = Action {
    name: "CreateCustomImage",
    access: Access::Changes,
    parameters: &[
        parameter("RegionId"),
        parameter("ImageName"),
        parameter("ClientToken"),
    ],
    ram: Ram {
        action: "swas-open:CreateCustomImage",
        resources: &[],
    },
    answer: create,
    explain: None,
};

static MADE_HERE: [&Action; 2] = [ACTIONS[0], &CREATE];

const fn parameter(name: &'static str) -> Parameter {
    Parameter {
        name,
        presence: Presence::Optional,
        meaning: "",
        source: "",
    }
}

fn create(call: &Call<'_>) -> Result<Answered, Failure> {
    let Some(name) = call.params.value("ImageName") else {
        return Err(Failure::Internal("no name".into()));
    };
    let image_id = format!("m-{}", call.sandbox.random().uuid());
    let image = json!([{"ImageId": image_id, "RegionId": "cn-hangzhou", "Name": name}]);
    let image = Fixture::from_json("made", image.to_string());
    call.sandbox
        .put(&image)
        .map_err(|error| Failure::Internal(error.into()))?;
    Ok(Answered {
        answer: Made::new(vec![
            ("ImageId", Field::Text(image_id)),
            ("RequestId", Field::RequestId),
        ]),
        ..Answered::default()
    })
}

async fn world() -> World {
    let empty = Fixture::from_json("empty.json", "[]");
    let builder = Emulator::builder().fixture(empty).isolate();
    World::start(builder.actions(Actions(&MADE_HERE))).await
}

const CREATE_CALL: &str = "Action=CreateCustomImage&Version=2020-06-01&RegionId=cn-hangzhou";

async fn created(world: &World, parameters: &str) -> Answer {
    world.get(&format!("{CREATE_CALL}&{parameters}")).await
}

async fn n_images(world: &World, access_key_id: &str) -> usize {
    world.listed(access_key_id).await.len()
}

#[tokio::test]
async fn the_same_call_gets_the_first_answer_with_a_fresh_request_id_and_no_second_effect() {
    let world = world().await;
    let first = created(&world, "ImageName=web&ClientToken=t&SignatureNonce=1").await;
    // Another order, format, nonce and time are the same call.
    for again in [
        "ImageName=web&ClientToken=t&SignatureNonce=2&Timestamp=2026-11-24T00:00:00Z",
        "ClientToken=t&ImageName=web&Signature=s&SecurityToken=st",
        "ImageName=web&ClientToken=t&Format=JSON",
    ] {
        let second = created(&world, again).await;
        assert_eq!(second.field("ImageId"), first.field("ImageId"), "{again}");
        assert_ne!(second.field("RequestId"), first.field("RequestId"));
    }
    let xml = created(&world, "ImageName=web&ClientToken=t&Format=XML").await;
    assert!(xml.body.contains("<CreateCustomImageResponse><ImageId>"));
    assert_eq!(xml.field("ImageId"), first.field("ImageId"));
    assert_eq!(n_images(&world, "default").await, 1);
    // Without a token, each call has its effect.
    created(&world, "ImageName=web").await;
    created(&world, "ImageName=web").await;
    assert_eq!(n_images(&world, "default").await, 3);
}

#[tokio::test]
async fn other_parameters_under_the_same_token_are_a_mismatch_and_change_nothing() {
    let world = world().await;
    created(&world, "ImageName=web&ClientToken=t").await;
    let other = created(&world, "ImageName=api&ClientToken=t").await;
    other.assert_refused(400, "IdempotentParameterMismatch");
    assert_eq!(
        other.field("Message"),
        "Request uses a client token in a previous request but is not identical to that request."
    );
    assert!(other.reason().contains("`ClientToken` `t` was used before"));
    assert_eq!(n_images(&world, "default").await, 1);
    // A read has memories of its own.
    let read = world.list("ClientToken=t").await;
    assert_eq!((read.status, read.warning()), (200, ""));
}

#[tokio::test]
async fn a_token_belongs_to_its_sandbox() {
    let world = world().await;
    let first = created(&world, "ImageName=web&ClientToken=t&AccessKeyId=ci-1").await;
    let other = created(&world, "ImageName=api&ClientToken=t&AccessKeyId=ci-2").await;
    assert_ne!(first.field("ImageId"), other.field("ImageId"));
    assert_eq!(n_images(&world, "ci-1").await, 1);
    assert_eq!(n_images(&world, "ci-2").await, 1);
}

#[tokio::test]
async fn a_token_is_forgotten_after_a_day_of_the_sandboxs_clock() {
    let world = world().await;
    let freeze = json!({"freeze": "2026-01-01T00:00:00Z"}).to_string();
    world.ok("PUT", "/_emulator/clock", &freeze).await;
    let first = created(&world, "ImageName=web&ClientToken=t").await;
    let id_after = |span: &'static str| {
        let world = &world;
        async move {
            let advance = json!({"advance": span}).to_string();
            world.ok("PUT", "/_emulator/clock", &advance).await;
            let answer = created(world, "ImageName=web&ClientToken=t").await;
            answer.field("ImageId")
        }
    };
    assert_eq!(id_after("23h 59m").await, first.field("ImageId"));
    assert_ne!(id_after("1m").await, first.field("ImageId"));
    assert_eq!(n_images(&world, "default").await, 2);
}

#[tokio::test]
async fn a_reset_forgets_the_answers() {
    let world = world().await;
    for to in ["seed", "empty", "kept"] {
        world.ok("POST", "/_emulator/checkpoints/kept", "").await;
        let first = created(&world, "ImageName=web&ClientToken=t").await;
        let path = format!("/_emulator/reset?to={to}");
        world.ok("POST", &path, "").await;
        let again = created(&world, "ImageName=web&ClientToken=t").await;
        assert_ne!(first.field("ImageId"), again.field("ImageId"), "{to}");
        let listed = world.list("").await.ids();
        assert_eq!(listed, [again.field("ImageId")], "{to}");
        world.ok("POST", "/_emulator/reset?to=empty", "").await;
    }
}

#[tokio::test]
async fn a_call_without_an_effect_is_not_remembered() {
    let world = world().await;
    created(&world, "ClientToken=t")
        .await
        .assert_refused(500, "InternalError");
    let throttled = json!({"effect": {"error": "Throttling.User"}, "times": 1}).to_string();
    world.ok("POST", "/_emulator/faults", &throttled).await;
    created(&world, "ImageName=web&ClientToken=t")
        .await
        .assert_refused(400, "Throttling.User");
    assert_eq!(n_images(&world, "default").await, 0);
    let answer = created(&world, "ImageName=api&ClientToken=t").await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_gets_the_first_one() {
    let world = world().await;
    for effect in ["reset", "empty", "truncate", "malformed", "html502"] {
        let lose = json!({
            "match": {"action": "CreateCustomImage", "parameters": {"ClientToken": effect}},
            "effect": {effect: true},
            "times": 1,
        });
        world
            .ok("POST", "/_emulator/faults", &lose.to_string())
            .await;
        let path = format!("/?{CREATE_CALL}&ImageName={effect}&ClientToken={effect}");
        world.request("GET", &path).send().await.ok();
        let retry = created(&world, &format!("ImageName={effect}&ClientToken={effect}")).await;
        assert_eq!(retry.status, 200, "{retry:?}");
        let list = world.list(&format!("ImageNames={effect}")).await;
        assert_eq!(list.ids(), [retry.field("ImageId")], "{effect}");
    }
}

#[tokio::test]
async fn an_action_made_here_is_journaled_verified_faulted_and_warned_about_like_any_other() {
    let world = world().await;
    let answer = created(&world, "ImageName=web&imageName=x&Tag.1.Key=k").await;
    assert_eq!(
        answer.warning(),
        "unknown parameter `imageName`, did you mean `ImageName`?; unknown parameter `Tag.1.Key`"
    );
    let expected = json!([{
        "match": {"action": "CreateCustomImage", "parameters": {"ImageName": "web"}},
        "times": 1,
    }]);
    world
        .ok("POST", "/_emulator/verify", &expected.to_string())
        .await;
    let rule = |parameter: &str| {
        json!({
            "match": {"action": "CreateCustomImage", "parameters": {parameter: "x"}},
            "effect": {"error": format!("Invalid{parameter}")},
        })
        .to_string()
    };
    world
        .ok("POST", "/_emulator/faults", &rule("ImageName"))
        .await;
    // A parameter of the other action, which this one does not have.
    let wrong = rule("PageSize");
    world
        .refused(("POST", "/_emulator/faults", &wrong), 400, "InvalidFault")
        .await;
    let id = answer.field("RequestId");
    let path = format!("/_emulator/requests/{id}/explain");
    let none = world
        .refused(("GET", &path, ""), 404, "NoExplanation")
        .await;
    assert_eq!(
        none.error("message"),
        "`CreateCustomImage` has no explanation"
    );
    let unknown = world.get("Action=ListDisks&Version=2020-06-01").await;
    assert_eq!(
        unknown.field("Message"),
        "ListDisks is not emulated; this emulator answers ListCustomImages, CreateCustomImage."
    );
    let parameters = world.ok("GET", "/_emulator/parameters", "").await;
    let callers: &Vec<Value> = parameters["callers"].as_array().unwrap();
    assert!(
        callers
            .iter()
            .any(|one| one["action"] == "CreateCustomImage")
    );
}
