//! An image as text: its ids, its names, and its JSON as a fixture has it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::data::{BUILD, ENV, Image, REGIONS, TAG_KEYS};
use crate::permutation::mix;

/// 2026-11-01T00:00:00Z, when the newest image was made; each older one was a minute before.
const NEWEST_UNIX_S: i64 = 1_793_491_200;

const ENVIRONMENTS: [&str; 4] = ["prod", "staging", "test", "dev"];
const TIERS: [&str; 5] = ["web", "api", "worker", "db", "cache"];

fn pick<'a>(list: &[&'a str], number: u64) -> &'a str {
    let n = list.len() as u64;
    usize::try_from(number % n).map_or("", |idx| list[idx])
}

/// The id of a region by its place.
pub(crate) fn region_id(region: u64) -> &'static str {
    usize::try_from(region).map_or("", |idx| REGIONS[idx].0)
}

/// A resource's id as the vendor makes them: kind, region, and 17 letters and digits.
fn resource_id(kind: &str, image: u64, salt: u64) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let region = usize::try_from(image % REGIONS.len() as u64).unwrap_or(0);
    let mut id = format!("{kind}-{}", REGIONS[region].1);
    // Thirteen digits hold all 64 bits of a number that no other image has.
    let mut digits = |mut number: u64, n_digits: usize| {
        for _ in 0..n_digits {
            id.push(char::from(
                ALPHABET[usize::try_from(number % 36).unwrap_or(0)],
            ));
            number /= 36;
        }
    };
    digits(mix(image ^ salt << 40), 13);
    digits(mix(image.wrapping_mul(31) ^ salt), 4);
    id
}

pub(crate) fn image_id(idx: u64) -> String {
    resource_id("m", idx, 1)
}

pub(crate) fn image_name(idx: u64) -> String {
    format!("golden-{:06x}-{idx:07}", mix(!idx) & 0xff_ffff)
}

pub(crate) fn system_snapshot_id(idx: u64) -> String {
    resource_id("s", idx, 2)
}

pub(crate) fn data_snapshot_id(idx: u64) -> String {
    resource_id("s", idx, 3)
}

pub(crate) fn instance_id(server: u64) -> String {
    format!(
        "{:016x}{:016x}",
        mix(server ^ 5 << 40),
        mix(server ^ 6 << 40)
    )
}

pub(crate) fn resource_group_id(resource_group: u64) -> String {
    format!("rg-acfm3{:010x}", mix(resource_group) & 0xff_ffff_ffff)
}

/// The value of a tag by its key's place and its number.
pub(crate) fn tag_value(tag: usize, number: u64) -> String {
    match tag {
        ENV => pick(&ENVIRONMENTS, number).to_owned(),
        1 => pick(&TIERS, number).to_owned(),
        2 => format!("team-{number:02}"),
        3 => format!("cc-{}", 4_000 + number),
        4 => format!("owner-{number:03}"),
        BUILD => format!("{:08x}", mix(number) >> 32 << 24 | number),
        _ => String::new(),
    }
}

fn creation_time(age: u64) -> Timestamp {
    let minutes = SignedDuration::from_mins(i64::try_from(age).unwrap_or(0));
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(NEWEST_UNIX_S) - minutes
}

/// Writes the image as one line of a fixture.
pub(crate) fn write_json(image: &Image, json: &mut String) {
    let idx = image.idx;
    let server = format!("{}-{:06}", pick(&TIERS, image.server), image.server);
    let made = creation_time(image.age);
    let day = made.to_string()[..10].replace('-', "");
    // Writing to a `String` cannot fail.
    write!(json, r#"{{"CreationTime":"{made}""#).ok();
    if image.has_data_snapshot {
        write!(json, r#","DataSnapshotName":"{server}-data-{day}""#).ok();
    }
    write!(
        json,
        r#","SystemSnapshotId":"{}","InShare":false,"InShareUser":{},"InstanceId":"{}""#,
        system_snapshot_id(idx),
        image.is_shared,
        instance_id(image.server),
    )
    .ok();
    if image.has_data_snapshot {
        write!(json, r#","DataSnapshotId":"{}""#, data_snapshot_id(idx)).ok();
    }
    write!(
        json,
        concat!(
            r#","RegionId":"{}","SystemSnapshotName":"{server}-system-{day}","#,
            r#""Description":"Made from {server}","Name":"{}","ImageId":"{}","Status":"1","Tags":["#
        ),
        region_id(image.region),
        image_name(idx),
        image_id(idx),
        server = server,
        day = day,
    )
    .ok();
    for (tag, key) in TAG_KEYS.into_iter().enumerate() {
        let comma = if tag == 0 { "" } else { "," };
        let value = tag_value(tag, image.tags[tag]);
        write!(json, r#"{comma}{{"Key":"{key}","Value":"{value}"}}"#).ok();
    }
    write!(
        json,
        concat!(
            r#"],"InstanceName":"{}","ResourceGroupId":"{}","CreateInstances":[],"#,
            r#""UserId":1287495036218470,"OsType":"Linux","RequiredSystemDiskSize":40,"#,
            r#""SourceImageName":"Ubuntu","SourceImageVersion":"24.04"}}"#
        ),
        server,
        resource_group_id(image.resource_group),
    )
    .ok();
}
