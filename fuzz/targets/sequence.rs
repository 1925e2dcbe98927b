//! A sequence of requests to one sandbox, beside a plain model of it.

#![no_main]

use std::sync::LazyLock;

use http::Request;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use swas_emulator::{Emulator, Fixture};
use swas_emulator_fuzz::model::{Model, Step, checkpoint, encoded, id, name, seed};
use swas_emulator_fuzz::{Answer, Subject};

const JOURNAL_ENTRIES: usize = 20;
const JOURNAL_BYTES: usize = 12_000;
const STEPS_MAX: usize = 40;

static SUBJECT: LazyLock<Subject> = LazyLock::new(|| {
    let builder = Emulator::builder()
        .fixture(Fixture::from_json("seed.json", json!(seed()).to_string()))
        .clock("2026-01-01T00:00:00Z")
        .rng_seed(7)
        .journal_entries(JOURNAL_ENTRIES)
        .journal_bytes(JOURNAL_BYTES)
        .isolate();
    Subject::of(builder)
});

fuzz_target!(|steps: Vec<Step>| {
    let mut model = Model::seeded();
    for step in steps.iter().take(STEPS_MAX) {
        run(step, &mut model);
        assert_same(step, &model);
    }
    for (kept, images) in &model.kept {
        let answer = control("GET", &format!("checkpoints/{kept}"), "");
        assert_eq!(n_images(&answer.json()), images.len(), "{kept}");
    }
    SUBJECT.control("DELETE", "/_emulator/sandboxes/a", "");
});

/// Asks the control API about the sandbox.
fn control(method: &str, path: &str, body: &str) -> Answer {
    let and = if path.contains('?') { '&' } else { '?' };
    SUBJECT.control(method, &format!("/_emulator/{path}{and}sandbox=a"), body)
}

fn n_images(fixture: &Value) -> usize {
    fixture["CustomImages"].as_array().unwrap().len()
}

fn run(step: &Step, model: &mut Model) {
    match step {
        Step::Put(images) => {
            let images: Vec<Value> = images.iter().take(8).map(|image| image.json()).collect();
            let answer = control("PUT", "images", &json!(images).to_string());
            match model.put(&images) {
                Some(n_added) => assert_eq!(answer.json()["added"], n_added),
                None => assert_eq!(answer.status, 400),
            }
        }
        Step::PutOne(image) => {
            let image = image.json();
            let path = format!("images/{}", encoded(image["ImageId"].as_str().unwrap()));
            let answer = control("PUT", &path, &image.to_string());
            let n_added = model.put(&[image]).unwrap();
            assert_eq!(answer.status, if n_added == 1 { 201 } else { 200 });
        }
        Step::PutBad(image) => {
            let bad = json!([image.json(), {"ImageId": "m-9", "RegionId": "cn-hangzhou", "Name": "x", "Status": "9"}]);
            assert_eq!(control("PUT", "images", &bad.to_string()).status, 400);
        }
        Step::Rename(image, to) => {
            let patch = json!({"Name": name(*to)}).to_string();
            let answer = control("PATCH", &format!("images/{}", encoded(id(*image))), &patch);
            match model.images.get_mut(id(*image)) {
                Some(image) => {
                    assert_eq!(answer.status, 200);
                    image["Name"] = name(*to).into();
                }
                None => assert_eq!(answer.status, 404),
            }
        }
        Step::Delete(image) => {
            let answer = control("DELETE", &format!("images/{}", encoded(id(*image))), "");
            let status = if model.images.remove(id(*image)).is_some() {
                200
            } else {
                404
            };
            assert_eq!(answer.status, status);
        }
        Step::DeleteAll => {
            let answer = control("DELETE", "images", "");
            assert_eq!(answer.json()["deleted"], model.images.len());
            model.images.clear();
        }
        Step::Keep(_) | Step::Forget(_) | Step::Reset(_) => states(step, model),
        Step::Generate(count) => {
            let count = count % 20 + 1;
            control(
                "POST",
                "generate",
                &json!({"count": count, "rngSeed": 1}).to_string(),
            );
            let images = control("GET", "images?pageSize=1000", "").json();
            let images: Vec<Value> = images["images"].as_array().unwrap().clone();
            model.put(&images).unwrap();
        }
        Step::List(_) | Step::Query(_) => list(step, model),
        Step::Fault(kind, times) => {
            let effects = [
                json!({"error": "Throttling.User"}),
                json!({"reset": true}),
                json!({"empty": true}),
                json!({"malformed": true}),
                json!({"html502": true}),
                json!({"wrongType": true}),
                json!({"paging": "insert-before"}),
            ];
            let effect = &effects[usize::from(*kind) % effects.len()];
            let rule = json!({"effect": effect, "times": times % 3 + 1}).to_string();
            assert_eq!(control("POST", "faults", &rule).status, 201);
            model.has_faults = true;
        }
        Step::NoFaults => {
            control("DELETE", "faults", "");
            model.has_faults = false;
        }
        Step::Advance(s) => {
            let body = json!({"advance": format!("{s}s")}).to_string();
            assert_eq!(control("PUT", "clock", &body).status, 200);
        }
    }
}

/// Checkpoints, and the way back to them.
fn states(step: &Step, model: &mut Model) {
    match step {
        Step::Keep(which) => {
            let kept = checkpoint(*which);
            let answer = control("POST", &format!("checkpoints/{kept}"), "");
            if ["seed", "empty"].contains(&kept) {
                assert_eq!(answer.status, 409);
            } else {
                assert_eq!(answer.status, 201);
                model.kept.insert(kept, model.images.clone());
            }
        }
        Step::Forget(which) => {
            let kept = checkpoint(*which);
            let answer = control("DELETE", &format!("checkpoints/{kept}"), "");
            if ["seed", "empty"].contains(&kept) {
                assert_eq!(answer.status, 409);
            } else {
                let status = if model.kept.remove(kept).is_some() {
                    200
                } else {
                    404
                };
                assert_eq!(answer.status, status);
            }
        }
        Step::Reset(which) => {
            let kept = checkpoint(*which);
            let answer = control("POST", &format!("reset?to={kept}"), "");
            match model.kept.get(kept) {
                Some(images) => model.images.clone_from(images),
                None => assert_eq!(answer.status, 404),
            }
        }
        _ => unreachable!("no state: {step:?}"),
    }
}

/// Asks the vendor's API.
fn list(step: &Step, model: &Model) {
    let query = match step {
        Step::List(listing) => listing.query(),
        Step::Query(text) => encoded(text).replace("%3D", "=").replace("%26", "&"),
        _ => unreachable!("no listing: {step:?}"),
    };
    let request = Request::builder()
        .uri(format!("/?{query}&AccessKeyId=a"))
        .header("host", "swas.test");
    let Some(answer) = SUBJECT.ask(request.body(Vec::new()).unwrap()) else {
        assert!(model.has_faults, "the connection was cut without a fault");
        return;
    };
    if model.has_faults {
        return;
    }
    answer.assert_vendor();
    let Step::List(listing) = step else { return };
    let (n_found, n_on_page) = model.found(listing);
    assert_eq!(answer.status, 200, "{answer:?}");
    if listing.is_xml() {
        assert!(
            answer
                .body
                .contains(&format!("<TotalCount>{n_found}</TotalCount>")),
            "{answer:?}"
        );
        assert_eq!(answer.body.matches("<ImageId>").count(), n_on_page);
    } else {
        let json = answer.json();
        assert_eq!(json["TotalCount"], n_found.to_string(), "{listing:?}");
        assert_eq!(n_images(&json), n_on_page);
    }
}

/// The counts of the sandbox and the size of its journal.
fn assert_same(step: &Step, model: &Model) {
    let health = control("GET", "images?pageSize=1", "").json();
    assert_eq!(health["totalCount"], model.images.len(), "after {step:?}");
    let requests = SUBJECT.sandbox("a").requests().unwrap();
    assert!(requests.len() <= JOURNAL_ENTRIES);
    let n_bytes: usize = requests.iter().map(|request| request.n_bytes()).sum();
    assert!(n_bytes <= JOURNAL_BYTES, "{n_bytes}");
}
