//! Images and fixtures, as JSON.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use swas_emulator::{Emulator, EmulatorBuilder, Fixture};

/// Three images of cn-hangzhou, `m-1` the newest, and `m-4` of cn-shanghai.
pub(crate) fn seed() -> Fixture {
    let created_in_january = |id, day: u8, more| {
        let mut image = image(id, more);
        image["CreationTime"] = json!(format!("2026-01-0{day}T00:00:00Z"));
        image
    };
    let images = [
        created_in_january("m-1", 3, json!({})),
        created_in_january("m-2", 2, json!({"Status": "0"})),
        created_in_january("m-3", 1, json!({"Tags": [{"Key": "env", "Value": "测试"}]})),
        created_in_january("m-4", 1, json!({"RegionId": "cn-shanghai"})),
    ];
    Fixture::from_json("seed.json", fixture(&images))
}

/// The settings of an emulator with a sandbox for each AccessKeyId, seeded with [`seed`].
pub(crate) fn isolated() -> EmulatorBuilder {
    Emulator::builder().fixture(seed()).isolate()
}

/// An image of cn-hangzhou, with more fields or other values for the usual ones.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal at every call reads best without a reference"
)]
pub(crate) fn image(id: &str, more: Value) -> Value {
    let mut image = json!({"ImageId": id, "RegionId": "cn-hangzhou", "Name": id});
    for (name, value) in more.as_object().unwrap() {
        image[name] = value.clone();
    }
    image
}

/// The text of a fixture with these images.
pub(crate) fn fixture(images: &[Value]) -> String {
    json!({"CustomImages": images}).to_string()
}

/// The text of a fixture with this many images of cn-hangzhou, `m-000` the newest.
pub(crate) fn images(n_images: usize) -> String {
    let images: Vec<Value> = (0..n_images)
        .map(|idx| {
            let minute = 59 - idx % 60;
            let hour = 23 - idx / 60;
            let time = format!("2026-01-01T{hour:02}:{minute:02}:00Z");
            image(&format!("m-{idx:03}"), json!({"CreationTime": time}))
        })
        .collect();
    fixture(&images)
}

/// The ids of the images of a fixture or of a successful answer, in order.
pub(crate) fn ids(fixture: &Value) -> Vec<String> {
    let images = fixture["CustomImages"].as_array().unwrap().iter();
    let ids = images.map(|image| image["ImageId"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Percent-encodes a value for a path, a query or a form.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}
