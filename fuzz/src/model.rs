//! What a sandbox should hold and answer, in plain maps.

use std::collections::BTreeMap;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde_json::{Value, json};

const IDS: [&str; 6] = ["m-1", "m-2", "m-3", "m-4", "M-1", "镜"];
const NAMES: [&str; 3] = ["web", "db", "测试 <&>"];
const REGIONS: [&str; 2] = ["cn-hangzhou", "cn-shanghai"];
const CHECKPOINTS: [&str; 4] = ["a", "B", "seed", "empty"];

/// A few of each, so that requests meet often.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct AnImage {
    id: u8,
    name: u8,
    region: u8,
    status: u8,
    tag: Option<bool>,
}

impl AnImage {
    /// The image as a fixture has it.
    pub fn json(self) -> Value {
        let tag = self
            .tag
            .map(|prod| json!({"Key": "env", "Value": if prod { "prod" } else { "dev" }}));
        json!({
            "ImageId": pick(&IDS, self.id),
            "Name": pick(&NAMES, self.name),
            "RegionId": pick(&REGIONS, self.region),
            "Status": (self.status % 5).to_string(),
            "Tags": Vec::from_iter(tag),
        })
    }
}

/// Which images are asked for, and which page of them.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Listing {
    region: u8,
    ids: Option<[u8; 2]>,
    name: Option<u8>,
    tag: Option<Option<bool>>,
    page_number: u8,
    page_size: u8,
    xml: bool,
}

/// One request.
#[derive(Debug, Clone, Arbitrary)]
pub enum Step {
    Put(Vec<AnImage>),
    PutOne(AnImage),
    PutBad(AnImage),
    Rename(u8, u8),
    Delete(u8),
    DeleteAll,
    Keep(u8),
    Forget(u8),
    Reset(u8),
    Generate(u8),
    List(Listing),
    /// Makes the next listings fail.
    Fault(u8, u8),
    NoFaults,
    Advance(u16),
    /// Whatever this is as a query.
    Query(String),
}

/// One of a few texts.
pub fn pick<'a>(texts: &[&'a str], number: u8) -> &'a str {
    texts[usize::from(number) % texts.len()]
}

/// The id, the name or the checkpoint that a number stands for.
pub fn id(number: u8) -> &'static str {
    pick(&IDS, number)
}

pub fn name(number: u8) -> &'static str {
    pick(&NAMES, number)
}

pub fn checkpoint(number: u8) -> &'static str {
    pick(&CHECKPOINTS, number)
}

/// What a sandbox starts with: enough that most filters find some and not all.
pub fn seed() -> Vec<Value> {
    let image = |number: u8| {
        let image = AnImage {
            id: 0,
            name: number,
            region: number / 3,
            status: number,
            tag: [None, Some(true), Some(false)][usize::from(number / 2 % 3)],
        };
        let mut image = image.json();
        image["ImageId"] = format!("s-{number:02}").into();
        image
    };
    (0..30).map(image).collect()
}

type Images = BTreeMap<String, Value>;

/// What a sandbox holds.
#[derive(Debug, Clone)]
pub struct Model {
    pub images: Images,
    pub kept: BTreeMap<&'static str, Images>,
    /// Whether an answer may be broken on purpose.
    pub has_faults: bool,
}

impl Model {
    /// A sandbox as it is seeded.
    pub fn seeded() -> Self {
        let seed = seed().into_iter();
        let seed: Images = seed.map(|image| (text(&image, "ImageId"), image)).collect();
        let kept = [("seed", seed.clone()), ("empty", Images::new())];
        Self {
            images: seed,
            kept: kept.into(),
            has_faults: false,
        }
    }

    /// Puts images whose ids are distinct; returns how many were new, or nothing when they are not.
    pub fn put(&mut self, images: &[Value]) -> Option<usize> {
        let by_id: Images = images
            .iter()
            .map(|image| (text(image, "ImageId"), image.clone()))
            .collect();
        if by_id.len() < images.len() {
            return None;
        }
        let before = self.images.len();
        self.images.extend(by_id);
        Some(self.images.len() - before)
    }

    /// How many images a listing finds in all, and on its page.
    pub fn found(&self, listing: &Listing) -> (usize, usize) {
        let n_found = self
            .images
            .values()
            .filter(|image| listing.matches(image))
            .count();
        let before = usize::from(listing.number() - 1) * usize::from(listing.size());
        (
            n_found,
            n_found
                .saturating_sub(before)
                .min(usize::from(listing.size())),
        )
    }
}

fn text(image: &Value, field: &str) -> String {
    image[field].as_str().unwrap().to_owned()
}

impl Listing {
    fn number(&self) -> u8 {
        self.page_number % 4 + 1
    }

    fn size(&self) -> u8 {
        self.page_size % 100 + 1
    }

    /// Whether the answer is XML.
    pub fn is_xml(&self) -> bool {
        self.xml
    }

    fn matches(&self, image: &Value) -> bool {
        let is = |field: &str, wanted: &str| image[field] == wanted;
        is("RegionId", pick(&REGIONS, self.region))
            && self
                .ids
                .is_none_or(|ids| ids.iter().any(|number| is("ImageId", id(*number))))
            && self.name.is_none_or(|number| is("Name", name(number)))
            && self.tag.is_none_or(|value| {
                let tags = image["Tags"].as_array().unwrap();
                tags.iter().any(|tag| {
                    tag["Key"] == "env"
                        && value
                            .is_none_or(|prod| tag["Value"] == if prod { "prod" } else { "dev" })
                })
            })
    }

    /// The parameters that ask for it, as pairs.
    pub fn query(&self) -> String {
        let mut query = format!(
            "Action=ListCustomImages&Version=2020-06-01&RegionId={}&PageNumber={}&PageSize={}",
            pick(&REGIONS, self.region),
            self.number(),
            self.size(),
        );
        if let Some(ids) = self.ids {
            query += &format!("&ImageIds={}", encoded(&ids.map(id).join(",")));
        }
        if let Some(number) = self.name {
            query += &format!("&ImageNames={}", encoded(name(number)));
        }
        if let Some(value) = self.tag {
            query += "&Tag.1.Key=env";
            if let Some(prod) = value {
                query += if prod {
                    "&Tag.1.Value=prod"
                } else {
                    "&Tag.1.Value=dev"
                };
            }
        }
        if self.xml {
            query += "&Format=XML";
        }
        query
    }
}

/// A text with every byte but letters and digits encoded.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let parts = text.bytes().map(|byte| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    parts.collect()
}
