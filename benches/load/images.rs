//! The images: the emulator's own, with the regions, tags and groups that the queries ask for.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::Value;
use swas_emulator::internals::{
    FixtureImage, Image, ListCustomImagesRequest, Params, RegionId, Regions, Tag, Timeline,
    generate_images,
};

/// Each tag's key and the number of its values.
const TAGS: [(&str, u64); 5] = [
    ("env", 4),
    ("tier", 5),
    ("team", 20),
    ("cost-center", 50),
    ("owner", 200),
];

/// Images, the same ones in every run.
#[derive(Debug)]
pub(crate) struct Images {
    all: Vec<Image>,
    /// The images of each region in the order of a listing, by their place in `all`.
    listings: BTreeMap<String, Vec<usize>>,
    /// The first image of each server, by its place in `all`.
    of_servers: Vec<usize>,
}

/// A page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) total_count: u64,
    /// The ids on the page, in order.
    image_ids: Vec<String>,
}

impl Images {
    /// Generates the images; a million take some seconds and about 2 GB.
    pub(crate) fn new(n_images: u64) -> Result<Self> {
        let all: Vec<Image> = images(n_images)?.collect();
        let mut listings: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, image) in all.iter().enumerate() {
            let listing = listings.entry(image.region_id.to_string());
            listing.or_default().push(place);
        }
        for listing in listings.values_mut() {
            // Newest first, then by id.
            listing.sort_by(|a, b| {
                let (a, b) = (&all[*a], &all[*b]);
                let order = b.creation_time.cmp(&a.creation_time);
                order.then_with(|| a.image_id.cmp(&b.image_id))
            });
        }
        let mut seen = HashSet::new();
        let is_first = |place: &usize| seen.insert(&all[*place].instance_id);
        Ok(Self {
            of_servers: (0..all.len()).filter(is_first).collect(),
            listings,
            all,
        })
    }

    pub(crate) fn n_images(&self) -> u64 {
        self.all.len() as u64
    }

    pub(crate) fn n_servers(&self) -> u64 {
        self.of_servers.len() as u64
    }

    /// The number of images in the region of most queries.
    pub(crate) fn n_in_region(&self) -> u64 {
        self.listing("cn-hangzhou").len() as u64
    }

    fn listing(&self, region: &str) -> &[usize] {
        self.listings.get(region).map_or(&[], Vec::as_slice)
    }

    /// The `nth` image in a scattered order: every image comes before one comes again.
    pub(crate) fn image(&self, nth: u64) -> &Image {
        &self.all[scattered(nth, self.all.len())]
    }

    /// An image of the `nth` server in a scattered order.
    pub(crate) fn image_of_server(&self, nth: u64) -> &Image {
        &self.all[self.of_servers[scattered(nth, self.of_servers.len())]]
    }

    /// Some images, others for each `nth`; all of one region, or at least one of a small region.
    pub(crate) fn some(&self, region: &str, nth: u64, n: usize) -> Vec<&Image> {
        let listing = self.listing(region);
        let mut draw = mix(nth);
        let mut places = vec![listing[index(draw, listing.len())]];
        while places.len() < n {
            draw = mix(draw);
            let place = if listing.len() < 2 * n {
                index(draw, self.all.len())
            } else {
                listing[index(draw, listing.len())]
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places.iter().map(|place| &self.all[*place]).collect()
    }

    /// The right answer to a query, by the reference model of the emulator's filters.
    pub(crate) fn expected(&self, query: &str) -> Result<Listed> {
        let params = Params::parse(query.as_bytes(), b"").map_err(|error| anyhow!("{error:?}"))?;
        let request = ListCustomImagesRequest::parse(&params, &Regions::default())
            .map_err(|error| anyhow!("{error:?}"))?;
        let listed = self.listings.values().flatten();
        let ids: Vec<&String> = listed
            .map(|place| &self.all[*place])
            .filter(|image| request.filter.matches(image))
            .map(|image| &image.image_id)
            .collect();
        let total_count = ids.len() as u64;
        ensure!(
            total_count > 0 || self.all.is_empty(),
            "the query has no image"
        );
        let first = usize::try_from(request.page.offset())?;
        let size = usize::try_from(request.page.size.n_images())?;
        let page = ids.into_iter().skip(first).take(size);
        Ok(Listed {
            total_count,
            image_ids: page.cloned().collect(),
        })
    }
}

impl Listed {
    /// Reads the body of an answer.
    pub(crate) fn parse(body: &[u8]) -> Result<Self> {
        let body: Value = serde_json::from_slice(body)?;
        let total_count = body["TotalCount"].as_str().context("TotalCount")?;
        let images = body["CustomImages"].as_array().context("CustomImages")?;
        let id = |image: &Value| image["ImageId"].as_str().map(str::to_owned);
        let image_ids: Option<Vec<String>> = images.iter().map(id).collect();
        Ok(Self {
            total_count: total_count.parse()?,
            image_ids: image_ids.context("ImageId")?,
        })
    }
}

/// Writes so many images as a fixture, one a line, without holding them in memory.
pub(crate) fn write_fixture(n_images: u64, to: &mut impl Write) -> Result<()> {
    write!(to, "{{\"CustomImages\":[")?;
    for (idx, image) in images(n_images)?.enumerate() {
        let comma = if idx == 0 { "" } else { "," };
        let timeline = Timeline::default();
        let image = FixtureImage { image, timeline };
        write!(to, "{comma}\n{}", image.stored(0).document)?;
    }
    Ok(to.write_all(b"\n]}\n")?)
}

/// The emulator's images for one seed, each with the profile of this benchmark.
fn images(n_images: u64) -> Result<impl Iterator<Item = Image>> {
    let known = Regions::default();
    let ids = known.iter().filter(|id| id.starts_with("cn-"));
    let parsed = ids
        .take(10)
        .map(|id| known.parse(id).map_err(anyhow::Error::msg));
    let regions: Vec<RegionId> = parsed.collect::<Result<_, _>>()?;
    // Each `build` is on three images.
    let n_builds = (n_images / 3).max(1);
    let images = generate_images(n_images, 42, &regions);
    Ok((0..n_images).zip(images).map(move |(idx, image)| {
        let draw = |what: usize, n: u64| mix(mix(idx) ^ what as u64) % n;
        let mut server = DefaultHasher::new();
        image.instance_id.hash(&mut server);
        let mut tags: Vec<Tag> = (0..TAGS.len())
            .map(|what| tag(TAGS[what].0, draw(what, TAGS[what].1)))
            .collect();
        tags.push(tag("build", idx % n_builds));
        Image {
            region_id: regions[index(server.finish(), regions.len())].clone(),
            name: format!("golden-{:06x}-{idx:07}", mix(!idx) & 0xff_ffff),
            resource_group_id: Some(format!("rg-acfm3{:010}", draw(10, 20))),
            in_share_user: draw(11, 4) == 0,
            tags,
            ..image
        }
    }))
}

fn tag(key: &str, number: u64) -> Tag {
    Tag {
        key: key.to_owned(),
        value: format!("{key}-{number}"),
    }
}

/// Walks over `0..n` in big steps of one size; a prime above any `n` leaves out no number.
fn scattered(nth: u64, n: usize) -> usize {
    index((nth % n.max(1) as u64) * 2_654_435_761, n)
}

fn index(number: u64, n: usize) -> usize {
    usize::try_from(number % n.max(1) as u64).unwrap_or(0)
}

/// Scatters a number over all 64 bits; no two numbers give the same (the end of `SplitMix64`).
pub(crate) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
