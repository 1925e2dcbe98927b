//! The images: the product's own, with the regions, tags and groups that the queries ask for.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write;

use anyhow::{Result, anyhow};
use swas_emulator::internals::{
    FixtureImage, Image, ListCustomImagesRequest, Params, RegionId, Regions, Tag, Timeline,
    generate_images,
};

/// A tenth of the servers is in each of these regions.
const REGIONS: [&str; 10] = [
    "cn-hangzhou",
    "cn-beijing",
    "cn-shanghai",
    "cn-shenzhen",
    "ap-southeast-1",
    "cn-hongkong",
    "us-west-1",
    "eu-central-1",
    "ap-northeast-1",
    "us-east-1",
];

/// Each tag's key and the number of its values.
const TAGS: [(&str, u64); 5] = [
    ("env", 4),
    ("tier", 5),
    ("team", 20),
    ("cost-center", 50),
    ("owner", 200),
];

/// Images of the whole set that have one value of the rare tag.
const IMAGES_PER_BUILD: u64 = 3;

pub(crate) const N_RESOURCE_GROUPS: u64 = 20;

/// So many images, the same ones in every run.
#[derive(Debug)]
pub(crate) struct Images {
    all: Vec<Image>,
    /// The images of each of [`REGIONS`] in the order of a listing, by their place in `all`.
    listings: Vec<Vec<usize>>,
    /// One image of each server.
    of_servers: Vec<usize>,
}

/// What the emulator must answer to a query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) total_count: u64,
    /// The ids on the page, in order.
    pub(crate) image_ids: Vec<String>,
}

impl Images {
    /// Generates the images; a million take some seconds and about 2 GB.
    pub(crate) fn new(n_images: u64) -> Result<Self> {
        let regions = regions()?;
        let all: Vec<Image> = images(n_images, &regions).map(slim).collect();
        let listing = |region: &RegionId| {
            let in_region = |place: &usize| all[*place].region_id == *region;
            let mut places: Vec<usize> = (0..all.len()).filter(in_region).collect();
            places.sort_by(|a, b| {
                let (a, b) = (&all[*a], &all[*b]);
                let newest_first = b.creation_time.cmp(&a.creation_time);
                newest_first.then_with(|| a.image_id.cmp(&b.image_id))
            });
            places
        };
        let mut seen = HashSet::new();
        let is_first = |place: &usize| seen.insert(&all[*place].instance_id);
        Ok(Self {
            listings: regions.iter().map(listing).collect(),
            of_servers: (0..all.len()).filter(is_first).collect(),
            all,
        })
    }

    pub(crate) fn n_images(&self) -> u64 {
        self.all.len() as u64
    }

    pub(crate) fn n_servers(&self) -> u64 {
        self.of_servers.len() as u64
    }

    /// The number of images in the first region.
    pub(crate) fn n_in_region(&self) -> u64 {
        self.listings[0].len() as u64
    }

    /// The `nth` image in a scattered order: every image comes before one comes again.
    pub(crate) fn image(&self, nth: u64) -> &Image {
        &self.all[scattered(nth, self.all.len())]
    }

    /// An image of the `nth` server in a scattered order.
    pub(crate) fn image_of_server(&self, nth: u64) -> &Image {
        &self.all[self.of_servers[scattered(nth, self.of_servers.len())]]
    }

    /// The `nth` image of the first region in a scattered order.
    pub(crate) fn image_of_region(&self, nth: u64) -> &Image {
        &self.all[self.listings[0][scattered(nth, self.listings[0].len())]]
    }

    /// Some images of one region, others for each `nth`; of all regions if this one has fewer.
    pub(crate) fn some(&self, region: &RegionId, nth: u64, n: usize) -> Vec<&Image> {
        let place = REGIONS.iter().position(|id| *id == region.as_str());
        let listing = &self.listings[place.unwrap_or(0)];
        if listing.len() < n {
            return self.all.iter().take(n).collect();
        }
        let mut places = Vec::with_capacity(n);
        let mut draw = mix(nth);
        while places.len() < n {
            draw = mix(draw);
            let place = listing[index(draw, listing.len())];
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places.iter().map(|place| &self.all[*place]).collect()
    }

    /// What the reference model of the emulator's filters finds.
    pub(crate) fn expected(&self, query: &str) -> Result<Expected> {
        let request = Params::parse(query.as_bytes(), b"").map_err(|error| anyhow!("{error:?}"))?;
        let request = ListCustomImagesRequest::parse(&request, &Regions::default())
            .map_err(|error| anyhow!("{error:?}"))?;
        let listings = self
            .listings
            .iter()
            .flatten()
            .map(|place| &self.all[*place]);
        let ids: Vec<&String> = listings
            .filter(|image| request.filter.matches(image))
            .map(|image| &image.image_id)
            .collect();
        let first = usize::try_from(request.page.offset())?;
        let size = usize::try_from(request.page.size.n_images())?;
        let page = ids.iter().skip(first).take(size);
        Ok(Expected {
            total_count: ids.len() as u64,
            image_ids: page.map(|id| (*id).clone()).collect(),
        })
    }
}

/// Writes so many images as a fixture, one a line, without holding them in memory.
pub(crate) fn write_fixture(n_images: u64, to: &mut impl Write) -> Result<()> {
    write!(to, "{{\"CustomImages\":[")?;
    for (idx, image) in images(n_images, &regions()?).enumerate() {
        let comma = if idx == 0 { "" } else { "," };
        let timeline = Timeline::default();
        let image = FixtureImage { image, timeline };
        write!(to, "{comma}\n{}", image.stored(0).document)?;
    }
    Ok(to.write_all(b"\n]}\n")?)
}

/// A number that changes when the images of a size do.
pub(crate) fn fingerprint(n_images: u64) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for image in images(n_images, &regions()?).take(100) {
        format!("{image:?}").hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn regions() -> Result<Vec<RegionId>> {
    let known = Regions::default();
    let parsed = REGIONS.iter().map(|id| known.parse(id));
    parsed
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow!("{error:?}"))
}

/// The product's images for one seed, each with the profile of this benchmark.
fn images(n_images: u64, regions: &[RegionId]) -> impl Iterator<Item = Image> {
    let n_builds = (n_images / IMAGES_PER_BUILD).max(1);
    let images = generate_images(n_images, 42, regions);
    (0..n_images).zip(images).map(move |(idx, image)| {
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
            resource_group_id: Some(format!("rg-acfm3{:010}", draw(10, N_RESOURCE_GROUPS))),
            in_share_user: draw(11, 4) == 0,
            tags,
            ..image
        }
    })
}

fn tag(key: &str, number: u64) -> Tag {
    Tag {
        key: key.to_owned(),
        value: format!("{key}-{number}"),
    }
}

/// The image without the texts that no query asks for.
fn slim(image: Image) -> Image {
    Image {
        data_snapshot_name: None,
        system_snapshot_name: None,
        description: None,
        instance_name: None,
        source_image_name: None,
        source_image_version: None,
        create_instances: Vec::new(),
        ..image
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
