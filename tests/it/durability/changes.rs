//! Changes of every kind, each with a number of its own, and what a file must hold after them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::chance;
use crate::support::{Answer, Process, binary, fixture, image, request};

/// Images of one put: enough that a kill often falls into the middle of it.
const N_IMAGES: usize = 100;

/// Images by their ids.
type Images = BTreeMap<String, Value>;

/// Generated images, as the command writes them and as the route must make them.
static GENERATED: LazyLock<Images> = LazyLock::new(|| {
    let mut command = binary();
    command.args(["generate-fixture", "--count", "30", "--rng-seed", "7"]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    let fixture: Value = serde_json::from_slice(&output.stdout).unwrap();
    by_id(&fixture)
});

/// A change, as a request.
#[derive(Debug, Clone)]
pub(super) struct Change {
    number: u64,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: String,
}

impl Change {
    /// Its body as a value.
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The request as bytes.
    pub(super) fn request(&self) -> String {
        let line = format!("{} {}", self.method, self.path);
        request(&line, "Host: localhost\r\n", &self.body)
    }

    /// The change of a number, which stands in all that it writes.
    pub(super) fn of(number: u64) -> Self {
        let (method, path) = match chance(number, 16) {
            0..=3 => ("PUT", "/_emulator/images"),
            4 | 5 => ("PUT", "/_emulator/images/m-005"),
            6 => ("PATCH", "/_emulator/images/m-007"),
            7 => ("DELETE", "/_emulator/images/m-009"),
            8 => ("DELETE", "/_emulator/images"),
            9 => ("POST", "/_emulator/generate"),
            10 => ("POST", "/_emulator/checkpoints/s"),
            11 => ("POST", "/_emulator/checkpoints/t"),
            12 => ("DELETE", "/_emulator/checkpoints/t"),
            13 => ("POST", "/_emulator/reset"),
            14 => ("POST", "/_emulator/reset?to=s"),
            _ => ("POST", "/_emulator/reset?to=empty"),
        };
        let body = match (method, path) {
            ("PUT", "/_emulator/images") => numbered(number),
            ("PUT", _) => one(5, number).to_string(),
            ("PATCH", _) => json!({"Name": number.to_string()}).to_string(),
            (_, "/_emulator/generate") => json!({"count": 30, "rngSeed": 7}).to_string(),
            _ => String::new(),
        };
        Self {
            number,
            method,
            path,
            body,
        }
    }
}

/// What a file holds: the images, the seed, and the checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    pub(super) images: Images,
    seed: Images,
    checkpoints: BTreeMap<String, Images>,
}

impl State {
    /// A file just seeded with this fixture.
    pub(super) fn seeded(fixture: &str) -> Self {
        let images = by_id(&serde_json::from_str(fixture).unwrap());
        Self {
            seed: images.clone(),
            images,
            checkpoints: BTreeMap::new(),
        }
    }

    /// The state after a change.
    pub(super) fn after(&self, change: &Change) -> Self {
        let mut after = self.clone();
        let Change { method, path, .. } = *change;
        let path = path.strip_prefix("/_emulator/").unwrap();
        match (method, path.split_once('/')) {
            ("PUT", None) => after.images.extend(by_id(&change.json())),
            ("PUT", Some((_, id))) => {
                after.images.insert(id.to_owned(), whole(&change.json()));
            }
            ("PATCH", Some((_, id))) => {
                if let Some(image) = after.images.get_mut(id) {
                    image["Name"] = json!(change.number.to_string());
                }
            }
            ("DELETE", None) => after.images.clear(),
            ("DELETE", Some(("images", id))) => drop(after.images.remove(id)),
            ("DELETE", Some((_, name))) => drop(after.checkpoints.remove(name)),
            ("POST", Some((_, name))) => {
                after
                    .checkpoints
                    .insert(name.to_owned(), self.images.clone());
            }
            _ => match path {
                "generate" => after.images.extend(GENERATED.clone()),
                "reset" => after.images.clone_from(&self.seed),
                "reset?to=empty" => after.images.clear(),
                _ => {
                    let kept = self.checkpoints.get("s");
                    after.images = kept.unwrap_or(&self.images).clone();
                }
            },
        }
        after
    }

    /// What the emulator holds, by its control API.
    pub(super) fn of(process: &Process) -> Self {
        let images = by_id(&serde_json::from_str(&process.export()).unwrap());
        let listed = process.ok("GET", "/_emulator/checkpoints", "");
        let names = listed["checkpoints"].as_array().unwrap().iter();
        let kept = |name: &str| {
            let path = format!("/_emulator/checkpoints/{name}");
            by_id(&process.ok("GET", &path, ""))
        };
        let names = names.map(|checkpoint| checkpoint["name"].as_str().unwrap());
        Self {
            images,
            seed: kept("seed"),
            checkpoints: names.map(|name| (name.to_owned(), kept(name))).collect(),
        }
    }
}

/// Asserts that a change was made, or had nothing to change.
pub(super) fn assert_made(change: &Change, answer: &Answer) {
    let is_made = matches!(answer.status, 200 | 201 | 404);
    assert!(is_made, "{change:?}: {answer:?}");
}

/// A fixture of 100 images with this number in columns, documents and tags.
pub(super) fn numbered(number: u64) -> String {
    let images: Vec<Value> = (0..N_IMAGES).map(|idx| one(idx, number)).collect();
    fixture(&images)
}

/// An image with a number.
fn one(idx: usize, number: u64) -> Value {
    let name = number.to_string();
    let more = json!({"Name": name, "InstanceId": name, "CreationTime": "2026-01-01T00:00:00Z",
        "Tags": [{"Key": "put", "Value": name}]});
    image(&format!("m-{idx:03}"), more)
}

/// An image with its defaults, as an export has it.
pub(super) fn whole(image: &Value) -> Value {
    let mut whole = json!({"InShare": false, "InShareUser": false, "Status": "1", "Tags": [],
        "CreateInstances": []});
    for (name, value) in image.as_object().unwrap() {
        whole[name] = value.clone();
    }
    whole
}

/// The images of a fixture.
fn by_id(fixture: &Value) -> Images {
    let images = fixture["CustomImages"].as_array().unwrap().iter();
    let with_id = |image: &Value| (image["ImageId"].as_str().unwrap().to_owned(), whole(image));
    images.map(with_id).collect()
}
