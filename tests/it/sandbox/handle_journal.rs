//! Faults, the journal and explanations from Rust, compared with the control API.

use serde_json::json;
use swas_emulator::{Fault, HandleError, Outcome};

use crate::support::{ACTION, World};

#[tokio::test]
async fn a_fault_from_rust_is_the_rule_of_the_control_api_and_strikes() {
    let world = World::isolated().await;
    let sandbox = world.sandbox("ci-7");
    let throttled = Fault::error("Throttling.User")
        .id("throttled")
        .action("ListCustomImages")
        .access_key_id("ci-7")
        .parameter("RegionId", "cn-hangzhou")
        .parameter("PageNumber", "")
        .retry_after_ms(1_500)
        .delayed("1ms")
        .after(1)
        .every(2)
        .times(1);
    assert_eq!(sandbox.fault(throttled).unwrap(), "throttled");
    let own = Fault::own_error(429, "X", "slow down").probability(0.0, 7);
    assert_eq!(sandbox.fault(own).unwrap(), "fault-1");
    let listed = world.ok("GET", "/_emulator/faults?sandbox=ci-7", "").await;
    assert_eq!(
        listed["faults"],
        json!([
            {
                "id": "throttled",
                "effect": {"error": "Throttling.User", "x-acs-retry-after": 1500, "delay": "1ms"},
                "match": {
                    "action": "ListCustomImages",
                    "accessKeyId": "ci-7",
                    "parameters": {"RegionId": "cn-hangzhou", "PageNumber": ""},
                },
                "after": 1, "every": 2, "times": 1, "hits": 0, "left": 1,
            },
            {
                "id": "fault-1",
                "effect": {"error": {"status": 429, "code": "X", "message": "slow down"}},
                "probability": 0.0, "rngSeed": 7, "hits": 0, "left": null,
            },
        ])
    );
    for status in [200, 400, 200] {
        assert_eq!(world.list("AccessKeyId=ci-7").await.status, status);
    }
    let struck = &sandbox.faults().unwrap()[0];
    assert_eq!((struck.n_hits, struck.left), (1, Some(0)));
    sandbox.clear_faults().unwrap();
    assert!(sandbox.faults().unwrap().is_empty());
}

#[tokio::test]
async fn each_effect_from_rust_is_one_that_the_control_api_knows() {
    let world = World::isolated().await;
    let sandbox = world.sandbox("ci-7");
    for (fault, effect) in [
        (Fault::delay("2s"), json!({"delay": "2s"})),
        (Fault::reset(), json!({"reset": true})),
        (Fault::empty(), json!({"empty": true})),
        (Fault::truncate(), json!({"truncate": true})),
        (Fault::dribble("1s"), json!({"dribble": "1s"})),
        (
            Fault::paging("delete-seen", 2),
            json!({"paging": {"change": "delete-seen", "afterPage": 2}}),
        ),
        (
            Fault::from_json(json!({"effect": {"html502": true}})),
            json!({"html502": true}),
        ),
    ] {
        sandbox.fault(fault).unwrap();
        let faults = sandbox.faults().unwrap();
        assert_eq!(faults.last().unwrap().json["effect"], effect);
    }
}

#[tokio::test]
async fn a_fault_that_cannot_be_is_refused_with_the_text_of_the_control_api() {
    let world = World::isolated().await;
    let sandbox = world.sandbox("ci-7");
    for fault in [
        json!({"effect": {"error": "Throttled"}}),
        json!({"effect": {"error": "Throttling"}, "times": 0}),
        json!({"effect": {"reset": true}, "match": {"parameters": {"PageSiz": "1"}}}),
    ] {
        let refused = world
            .control("POST", "/_emulator/faults", &fault.to_string())
            .await;
        let error = sandbox.fault(Fault::from_json(fault)).unwrap_err();
        assert!(matches!(error, HandleError::Refused(_)));
        assert_eq!(error.to_string(), refused.error("message"));
    }
    let list = Fault::from_json(json!([])).times(1);
    assert_eq!(
        sandbox.fault(list).unwrap_err().to_string(),
        "a rule must be an object, got []"
    );
    sandbox.fault(Fault::reset().id("once")).unwrap();
    let taken = sandbox.fault(Fault::reset().id("once")).unwrap_err();
    assert_eq!(taken.to_string(), "two rules have the id `once`");
}

#[tokio::test]
async fn recorded_requests_and_retries_are_read_from_rust() {
    let world = World::isolated().await;
    let sandbox = world.sandbox("ci-7");
    sandbox
        .fault(Fault::error("InternalError").times(1))
        .unwrap();
    for _ in 0..2 {
        world.list("AccessKeyId=ci-7&PageNumber=1").await;
    }
    world.list("AccessKeyId=other").await;
    let requests = sandbox.requests().unwrap();
    let read: Vec<_> = requests
        .iter()
        .map(|request| (request.status, request.outcome, request.code.as_deref()))
        .collect();
    assert_eq!(
        read,
        [
            (500, Outcome::Failure, Some("InternalError")),
            (200, Outcome::Success, None),
        ]
    );
    assert_eq!(requests[1].parameter("PageNumber"), Some("1"));
    assert_eq!(*requests[1].image_ids, ["m-1", "m-2", "m-3"]);

    let retries = sandbox.retries().unwrap();
    assert_eq!(retries.len(), 1);
    assert_eq!(
        (retries[0].attempts.len(), retries[0].winner()),
        (2, Some(2))
    );
    assert_eq!(retries[0].gaps_ms().len(), 1);

    sandbox.clear_requests().unwrap();
    assert!(sandbox.requests().unwrap().is_empty());
    assert_eq!(world.sandbox("other").requests().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unmet_expectation_has_the_text_of_the_control_api() {
    const PATH: &str = "/_emulator/verify?sandbox=ci-7";
    let world = World::isolated().await;
    let sandbox = world.sandbox("ci-7");
    world.list("AccessKeyId=ci-7").await;
    let once = json!({"match": {"action": "ListCustomImages"}, "times": 1});
    sandbox
        .verify(&json!([once]))
        .unwrap()
        .verify(&json!({"inOrder": true, "expectations": [once]}))
        .unwrap();
    let unmet = json!([once, {"match": {"parameters": {"PageSize": "3"}}}]);
    let reply = world.control("POST", PATH, &unmet.to_string()).await;
    let error = sandbox.verify(&unmet).unwrap_err();
    assert!(matches!(error, HandleError::NotVerified(_)), "{error:?}");
    assert_eq!(error.to_string(), reply.error("message"));
    assert_eq!(
        error.to_string(),
        "expectation 2 was not met
  expected: at least once, PageSize=3
  came:     0 of 1 recorded requests
  nearest:  ListCustomImages RegionId=cn-hangzhou answered 200
    PageSize: expected \"3\", came nothing"
    );
    for bad in [json!([]), json!([{"times": 1, "never": true}])] {
        let reply = world.control("POST", PATH, &bad.to_string()).await;
        let error = sandbox.verify(&bad).unwrap_err();
        assert!(matches!(error, HandleError::Refused(_)), "{error:?}");
        assert_eq!(error.to_string(), reply.error("message"));
    }
    let error = sandbox.verify(&json!({"expect": []})).unwrap_err();
    assert!(matches!(error, HandleError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn an_explanation_is_the_text_of_the_control_api() {
    let world = World::isolated().await;
    let sandbox = world.sandbox("ci-7");
    sandbox.delete("m-1").unwrap();
    for query in [
        format!("{ACTION}&RegionId=cn-hangzhou&ImageIds=[%22m-1%22]"),
        format!("{ACTION}&RegionId=nowhere"),
        "RegionId=cn-hangzhou".to_owned(),
    ] {
        let path = format!("/_emulator/explain?sandbox=ci-7&{query}");
        let request = world.request("GET", &path).header("accept", "text/plain");
        let text = request.send().await.unwrap().text().await.unwrap();
        assert_eq!(sandbox.explain(&query).unwrap(), text);
    }
    let error = sandbox.explain("RegionId=%ZZ").unwrap_err();
    assert!(matches!(error, HandleError::Refused(_)), "{error:?}");
}
