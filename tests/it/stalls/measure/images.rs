//! The worst images for an index: all of one region, with one name, one server and one snapshot.

use std::io::{self, Write};

/// The server of every image.
pub(crate) const INSTANCE: &str = "2d06ee0520b44de1ae88d4be3c1f0a01";

/// The system snapshot of every image.
pub(crate) const SNAPSHOT: &str = "s-bp1aaaaaaaaaaaaaaaaa";

/// The ids of images that are put after the seed begin with this.
pub(crate) const PUT: &str = "m-put";

/// The id of an image of the seed.
pub(crate) fn id(number: u64) -> String {
    format!("m-{number:09}")
}

/// The value of the one tag that no other image has.
pub(crate) fn build(number: u64) -> String {
    format!("build-{number}")
}

/// Writes the seed: a fixture of so many images.
pub(crate) fn write_seed(n_images: u64, to: &mut impl Write) -> io::Result<()> {
    write(n_images, "m-", to)
}

/// Images to put; each `prefix` gives other ids.
pub(crate) fn more(n_images: u64, prefix: &str) -> Vec<u8> {
    let mut text = Vec::new();
    write(n_images, prefix, &mut text).unwrap();
    text
}

fn write(n_images: u64, prefix: &str, to: &mut impl Write) -> io::Result<()> {
    write!(to, "[")?;
    for number in 0..n_images {
        let comma = if number == 0 { "" } else { "," };
        let (hour, minute, second) = (number / 3_600 % 24, number / 60 % 60, number % 60);
        let build = build(number);
        write!(
            to,
            "{comma}\n{{\"ImageId\":\"{prefix}{number:09}\",\"RegionId\":\"cn-hangzhou\",\
             \"Name\":\"web\",\"CreationTime\":\"2026-01-01T{hour:02}:{minute:02}:{second:02}Z\",\
             \"InstanceId\":\"{INSTANCE}\",\"SystemSnapshotId\":\"{SNAPSHOT}\",\
             \"Tags\":[{{\"Key\":\"env\",\"Value\":\"prod\"}},{{\"Key\":\"tier\",\"Value\":\"web\"}},\
             {{\"Key\":\"team\",\"Value\":\"team-{}\"}},{{\"Key\":\"build\",\"Value\":\"{build}\"}}]}}",
            number % 20,
        )?;
    }
    writeln!(to, "\n]")
}
