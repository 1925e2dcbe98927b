//! Any sequence of changes over the control API gives what a plain model in memory gives.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use swas_emulator::internals::Timestamp;
use swas_emulator::{Emulator, EmulatorBuilder, Fixture};

use crate::support::{World, encode, fixture, image};

/// Few ids and names, so that changes meet often.
const IDS: [&str; 6] = ["m-1", "m-2", "m-3", "m-4", "M-1", "镜"];
const CHECKPOINTS: [&str; 3] = ["a", "b", "C"];
const SANDBOXES: [&str; 2] = ["default", "ci-7"];

type Images = BTreeMap<String, Value>;

#[derive(Debug, Clone)]
enum Change {
    Put(Vec<Value>),
    /// A good image before a bad one: neither may stay.
    PutBad(Value),
    PutOne(Value),
    Patch(&'static str, Value),
    PatchBad(&'static str),
    Delete(&'static str),
    DeleteAll,
    Reset(&'static str),
    TakeCheckpoint(&'static str),
    DeleteCheckpoint(&'static str),
    /// Of the emulator with a file; one in memory would just be empty.
    Restart,
}

prop_compose! {
    fn any_image()(
        id in select(&IDS),
        name in select(vec!["web", "db"]),
        status in select(vec!["0", "1", "3"]),
        region in select(vec!["cn-hangzhou", "cn-shanghai"]),
        second in 0..3_u8,
        tag in proptest::option::of(select(vec!["prod", "dev"])),
    ) -> Value {
        let tags: Vec<Value> = tag.iter().map(|value| json!({"Key": "env", "Value": value})).collect();
        let time = format!("2026-01-01T00:00:0{second}Z");
        image(id, json!({"Name": name, "Status": status, "RegionId": region,
            "CreationTime": time, "Tags": tags}))
    }
}

fn any_patch() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec!["0", "2", "4"]).prop_map(|status| json!({"Status": status})),
        Just(json!({"Description": "new", "Name": "patched"})),
        Just(json!({"Description": null, "Tags": null})),
        Just(json!({"Tags": [{"Key": "env", "Value": "patched"}], "RegionId": "cn-beijing"})),
        Just(json!({})),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    let to = [&CHECKPOINTS[..], &["seed", "empty"]].concat();
    prop_oneof![
        4 => prop::collection::vec(any_image(), 0..5).prop_map(Change::Put),
        1 => any_image().prop_map(Change::PutBad),
        2 => any_image().prop_map(Change::PutOne),
        3 => (select(&IDS), any_patch()).prop_map(|(id, patch)| Change::Patch(id, patch)),
        1 => select(&IDS).prop_map(Change::PatchBad),
        2 => select(&IDS).prop_map(Change::Delete),
        1 => Just(Change::DeleteAll),
        3 => select(to).prop_map(Change::Reset),
        3 => select(&CHECKPOINTS).prop_map(Change::TakeCheckpoint),
        1 => select(&CHECKPOINTS).prop_map(Change::DeleteCheckpoint),
        1 => Just(Change::Restart),
    ]
}

/// What a sandbox should hold.
#[derive(Debug, Clone, Default)]
struct Model {
    images: Images,
    seed: Images,
    checkpoints: BTreeMap<&'static str, Images>,
}

/// An image with its defaults, as an export has it.
fn whole(image: &Value) -> Value {
    let mut whole = json!({"InShare": false, "InShareUser": false, "Status": "1", "Tags": [],
        "CreateInstances": []});
    for (name, value) in image.as_object().unwrap() {
        if !value.is_null() {
            whole[name] = value.clone();
        }
    }
    whole
}

fn id(image: &Value) -> String {
    image["ImageId"].as_str().unwrap().to_owned()
}

impl Model {
    fn new(seed: &[Value]) -> Self {
        let images: Images = seed.iter().map(|image| (id(image), whole(image))).collect();
        Self {
            seed: images.clone(),
            images,
            ..Self::default()
        }
    }

    /// Makes the change; gives the status and, where it counts, the body that the API must answer.
    fn change(&mut self, change: &Change) -> (u16, Option<Value>) {
        match change {
            Change::Put(images) => self.put(images),
            Change::PutBad(_) => (400, None),
            Change::PutOne(image) => {
                let before = self.images.insert(id(image), whole(image));
                (if before.is_none() { 201 } else { 200 }, Some(whole(image)))
            }
            Change::Patch(id, patch) => {
                let Some(image) = self.images.get_mut(*id) else {
                    return (404, None);
                };
                for (name, value) in patch.as_object().unwrap() {
                    image[name] = value.clone();
                }
                image
                    .as_object_mut()
                    .unwrap()
                    .retain(|_, value| !value.is_null());
                *image = whole(image);
                (200, Some(image.clone()))
            }
            Change::PatchBad(id) => (
                if self.images.contains_key(*id) {
                    400
                } else {
                    404
                },
                None,
            ),
            Change::Delete(id) => match self.images.remove(*id) {
                Some(_) => (200, Some(json!({"deleted": 1}))),
                None => (404, None),
            },
            Change::DeleteAll => {
                let n_deleted = std::mem::take(&mut self.images).len();
                (200, Some(json!({"deleted": n_deleted})))
            }
            Change::Reset(to) => {
                let images = match *to {
                    "seed" => Some(self.seed.clone()),
                    "empty" => Some(Images::new()),
                    name => self.checkpoints.get(name).cloned(),
                };
                let Some(images) = images else {
                    return (404, None);
                };
                self.images = images;
                (200, Some(json!({"reset": to})))
            }
            Change::TakeCheckpoint(name) => {
                self.checkpoints.insert(name, self.images.clone());
                (201, Some(json!({"name": name})))
            }
            Change::DeleteCheckpoint(name) => match self.checkpoints.remove(name) {
                Some(_) => (200, Some(json!({"deleted": 1}))),
                None => (404, None),
            },
            Change::Restart => (200, None),
        }
    }

    fn put(&mut self, images: &[Value]) -> (u16, Option<Value>) {
        let mut ids: Vec<String> = images.iter().map(id).collect();
        ids.sort();
        ids.dedup();
        if ids.len() < images.len() {
            return (400, None);
        }
        let (mut added, mut replaced) = (0, 0);
        for image in images {
            match self.images.insert(id(image), whole(image)) {
                None => added += 1,
                Some(_) => replaced += 1,
            }
        }
        (200, Some(json!({"added": added, "replaced": replaced})))
    }

    /// The ids that the vendor's API lists for cn-hangzhou: newest first, then by id.
    fn listed(&self) -> Vec<String> {
        let mut images: Vec<&Value> = self.images.values().collect();
        images.retain(|image| image["RegionId"] == "cn-hangzhou");
        // The map is in the order of the ids, and the sort keeps it among equals.
        images.sort_by(|a, b| b["CreationTime"].as_str().cmp(&a["CreationTime"].as_str()));
        images.into_iter().map(id).collect()
    }

    fn export(&self) -> Value {
        json!({"CustomImages": self.images.values().collect::<Vec<_>>()})
    }
}

/// The request that makes a change.
fn request(sandbox: &str, change: &Change) -> Option<(&'static str, String, String)> {
    let (method, path, body) = match change {
        Change::Put(images) => ("PUT", "images".to_owned(), fixture(images)),
        Change::PutBad(good) => {
            let bad = image("m-5", json!({"Status": "9"}));
            ("PUT", "images".to_owned(), fixture(&[good.clone(), bad]))
        }
        Change::PutOne(image) => {
            let path = format!("images/{}", encode(&id(image)));
            ("PUT", path, image.to_string())
        }
        Change::Patch(id, patch) => ("PATCH", format!("images/{}", encode(id)), patch.to_string()),
        Change::PatchBad(id) => {
            let patch = r#"{"Name": "x", "Status": "9"}"#;
            ("PATCH", format!("images/{}", encode(id)), patch.to_owned())
        }
        Change::Delete(id) => ("DELETE", format!("images/{}", encode(id)), String::new()),
        Change::DeleteAll => ("DELETE", "images".to_owned(), String::new()),
        Change::Reset(to) => {
            let path = format!("/_emulator/reset?sandbox={sandbox}&to={to}");
            return Some(("POST", path, String::new()));
        }
        Change::TakeCheckpoint(name) => ("POST", format!("checkpoints/{name}"), String::new()),
        Change::DeleteCheckpoint(name) => ("DELETE", format!("checkpoints/{name}"), String::new()),
        Change::Restart => return None,
    };
    Some((method, format!("/_emulator/{path}?sandbox={sandbox}"), body))
}

async fn assert_same(world: &World, name: &str, model: &Model, after: &Change) {
    let export: Value = serde_json::from_str(&world.export(name).await).unwrap();
    assert_eq!(export, model.export(), "{name} after {after:?}");
    assert_eq!(
        world.listed(name).await,
        model.listed(),
        "{name} after {after:?}"
    );
    let path = format!("/_emulator/checkpoints?sandbox={name}");
    let told = world.ok("GET", &path, "").await;
    let told = told["checkpoints"].as_array().unwrap().iter();
    let told: Vec<&str> = told.map(|one| one["name"].as_str().unwrap()).collect();
    let kept: Vec<&str> = model.checkpoints.keys().copied().collect();
    assert_eq!(told, kept, "{name} after {after:?}");
}

/// Makes the changes in both sandboxes, and looks at both after each.
async fn run(seed: Vec<Value>, changes: Vec<(usize, Change)>, file: Option<&Path>) {
    let builder = || -> EmulatorBuilder {
        let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        let fixture = Fixture::from_json("seed.json", fixture(&seed));
        let builder = Emulator::builder().fixture(fixture).clock(start).isolate();
        match file {
            Some(file) => builder.database(file),
            None => builder,
        }
    };
    let mut world = World::start(builder()).await;
    let mut models = SANDBOXES.map(|_| Model::new(&seed));
    for (which, change) in changes {
        let model = &mut models[which];
        let Some((method, path, body)) = request(SANDBOXES[which], &change) else {
            if file.is_some() {
                drop(world);
                world = World::start(builder()).await;
                // An isolated sandbox is in memory.
                models[1] = Model::new(&seed);
            }
            for (name, model) in SANDBOXES.iter().zip(&models) {
                assert_same(&world, name, model, &change).await;
            }
            continue;
        };
        let (status, expected) = model.change(&change);
        let reply = world.control(method, &path, &body).await;
        assert_eq!(reply.status, status, "{change:?}: {reply:?}");
        if let Some(expected) = expected {
            assert_eq!(reply.json(), expected, "{change:?}");
        }
        for (name, model) in SANDBOXES.iter().zip(&models) {
            assert_same(&world, name, model, &change).await;
        }
    }
    // What is kept is what was there, whatever happened since.
    for (name, model) in SANDBOXES.iter().zip(&models) {
        for (checkpoint, images) in &model.checkpoints {
            let path = format!("/_emulator/checkpoints/{checkpoint}?sandbox={name}");
            let expected = json!({"CustomImages": images.values().collect::<Vec<_>>()});
            assert_eq!(
                world.ok("GET", &path, "").await,
                expected,
                "{name} {checkpoint}"
            );
        }
    }
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future);
}

/// A seed whose ids are distinct.
fn any_seed() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(any_image(), 0..6).prop_map(|images| {
        let by_id: BTreeMap<String, Value> = images
            .into_iter()
            .map(|image| (id(&image), image))
            .collect();
        by_id.into_values().collect()
    })
}

fn any_changes() -> impl Strategy<Value = Vec<(usize, Change)>> {
    prop::collection::vec((0..SANDBOXES.len(), any_change()), 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sandboxes_in_memory_do_what_the_model_does(seed in any_seed(), changes in any_changes()) {
        block_on(run(seed, changes, None));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_sandbox_in_a_file_does_what_the_model_does(seed in any_seed(), changes in any_changes()) {
        let folder = tempfile::tempdir().unwrap();
        block_on(run(seed, changes, Some(&folder.path().join("images.db"))));
    }
}
