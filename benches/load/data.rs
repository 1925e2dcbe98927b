//! The data set: what each image is, told by its number alone.

use crate::permutation::{Permutation, mix};

/// The regions, a tenth of the images in each, and what the ids of their resources begin with.
pub(crate) const REGIONS: [(&str, &str); 10] = [
    ("cn-hangzhou", "bp1"),
    ("cn-beijing", "2ze"),
    ("cn-shanghai", "uf6"),
    ("cn-shenzhen", "wz9"),
    ("ap-southeast-1", "t4n"),
    ("cn-hongkong", "j6c"),
    ("us-west-1", "rj9"),
    ("eu-central-1", "gw8"),
    ("ap-northeast-1", "6we"),
    ("us-east-1", "0xi"),
];

pub(crate) const N_REGIONS: u64 = 10;

/// Images that were made from one server.
const IMAGES_PER_SERVER: u64 = 3;

/// Images of the whole set that have one value of the tag `build`.
const IMAGES_PER_BUILD: u64 = 3;

pub(crate) const N_RESOURCE_GROUPS: u64 = 20;

/// The keys of each image's tags; the last one is the rare tag.
pub(crate) const TAG_KEYS: [&str; 6] = ["env", "tier", "team", "cost-center", "owner", "build"];

/// How many values each tag but the rare one has.
pub(crate) const TAG_VALUES: [u64; 5] = [4, 5, 20, 50, 200];

/// The place of `env` in [`TAG_KEYS`].
pub(crate) const ENV: usize = 0;

/// The place of `build` in [`TAG_KEYS`].
pub(crate) const BUILD: usize = 5;

/// So many images, the same ones in every run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataSet {
    pub(crate) n_images: u64,
    by_age: Permutation,
    draws: Permutation,
}

/// What the filters can ask of one image; the rest of it is text made from `idx`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Image {
    /// Its number, and its place in the fixture.
    pub(crate) idx: u64,
    /// Its place in [`REGIONS`].
    pub(crate) region: u64,
    /// The number of its server among all servers.
    pub(crate) server: u64,
    /// The number of each tag's value.
    pub(crate) tags: [u64; 6],
    pub(crate) resource_group: u64,
    pub(crate) is_shared: bool,
    pub(crate) has_data_snapshot: bool,
    /// Its place in the listing of all images: 0 is the newest. No two are equally old.
    pub(crate) age: u64,
}

impl DataSet {
    pub(crate) fn new(n_images: u64) -> Self {
        Self {
            n_images,
            by_age: Permutation::new(n_images, 1),
            draws: Permutation::new(n_images, 2),
        }
    }

    /// How many images each region has.
    pub(crate) fn n_in_region(&self) -> u64 {
        self.n_images / N_REGIONS
    }

    /// How many servers the images come from.
    pub(crate) fn n_servers(&self) -> u64 {
        self.n_in_region().div_ceil(IMAGES_PER_SERVER) * N_REGIONS
    }

    pub(crate) fn image(&self, idx: u64) -> Image {
        let (region, place) = (idx % N_REGIONS, idx / N_REGIONS);
        let draw = |what: u64, n: u64| mix(mix(idx) ^ what) % n;
        let mut tags = [0; 6];
        for (what, n_values) in TAG_VALUES.into_iter().enumerate() {
            tags[what] = draw(what as u64, n_values);
        }
        // The images of one build are a third of the set apart, which is another region each.
        tags[BUILD] = idx % (self.n_images / IMAGES_PER_BUILD);
        Image {
            idx,
            region,
            server: place / IMAGES_PER_SERVER * N_REGIONS + region,
            tags,
            resource_group: draw(10, N_RESOURCE_GROUPS),
            is_shared: draw(11, 4) == 0,
            has_data_snapshot: draw(12, 2) == 0,
            age: self.by_age.at(idx),
        }
    }

    /// The `draw`-th image in a random order: all of them before one comes again.
    pub(crate) fn drawn(&self, draw: u64) -> Image {
        self.image(self.draws.at(draw))
    }

    /// The `draw`-th image of one region in a random order.
    pub(crate) fn drawn_of_region(&self, region: u64, draw: u64) -> Image {
        let places = Permutation::new(self.n_in_region(), 6);
        self.image(places.at(draw) * N_REGIONS + region)
    }

    /// Up to `n` different images of one region, others for each `draw`.
    pub(crate) fn some_of_region(
        &self,
        region: u64,
        draw: u64,
        n: u64,
    ) -> impl Iterator<Item = u64> + use<> {
        let places = Permutation::new(self.n_in_region(), mix(draw) ^ 3);
        (0..n.min(self.n_in_region())).map(move |nth| places.at(nth) * N_REGIONS + region)
    }
}
