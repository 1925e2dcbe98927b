//! The shapes of queries that are measured, and what each may cost.

use swas_emulator::internals::{Image, Tag};

use crate::images::Images;

/// Page sizes that make queries of few images different at the same cost: 10 to 100.
const N_PAGE_SIZES: u64 = 91;

/// The parameters of page 1 of the first region.
pub(crate) const PAGE_1: &str = "&PageNumber=1&PageSize=10&RegionId=cn-hangzhou";

const PAGE_1_OF_100: &str = "&PageNumber=1&PageSize=100&RegionId=cn-hangzhou";

/// Whether a client asks one query again and again, or never the same twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Repeated,
    Distinct,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Repeated => "repeated",
            Self::Distinct => "distinct",
        }
    }
}

/// One kind of query.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The parameters of the query number `nth`.
    pub(crate) query: fn(&Images, u64) -> String,
    /// Whether there are too few different queries to miss the cache.
    pub(crate) has_few: bool,
    /// How it is asked of changed images, if at all.
    pub(crate) of_changed: Option<Kind>,
    /// Target of a repeated query: the most CPU, as a multiple of the bare handler's.
    repeated_max: Option<f64>,
    /// Targets of a distinct query, with 10,000 and with 1,000,000 images.
    distinct_max: [f64; 2],
}

/// What most shapes have.
const USUAL: Shape = Shape {
    name: "",
    query: |_, _| String::new(),
    has_few: false,
    of_changed: None,
    repeated_max: Some(2.0),
    distinct_max: [4.0, 5.0],
};

/// The shapes, in the order of the tables.
pub(crate) const SHAPES: [Shape; 12] = [
    Shape {
        name: "page 1",
        query: |_, _| PAGE_1.to_owned(),
        has_few: true,
        of_changed: Some(Kind::Repeated),
        ..USUAL
    },
    Shape {
        name: "page 1 of 100",
        query: |_, _| PAGE_1_OF_100.to_owned(),
        has_few: true,
        repeated_max: None,
        distinct_max: [8.0, 12.0],
        ..USUAL
    },
    // Asked with the cache on: `--cache-bytes 0` would also disable what finds a deep page.
    Shape {
        name: "deep page",
        query: deep_page,
        distinct_max: [5.0, 12.0],
        ..USUAL
    },
    Shape {
        name: "100 ids",
        query: |images, nth| {
            let named = images.some("cn-hangzhou", nth, 100);
            PAGE_1_OF_100.to_owned() + &list("ImageIds", &named, |image| &image.image_id)
        },
        repeated_max: None,
        distinct_max: [8.0, 12.0],
        ..USUAL
    },
    Shape {
        name: "100 names",
        query: |images, nth| {
            let named = images.some("cn-hangzhou", nth, 100);
            PAGE_1_OF_100.to_owned() + &list("ImageNames", &named, |image| &image.name)
        },
        repeated_max: None,
        distinct_max: [8.0, 12.0],
        ..USUAL
    },
    Shape {
        name: "one common tag",
        query: |images, nth| {
            PAGE_1.to_owned() + &tags(&images.some("cn-hangzhou", nth, 1)[0].tags[..1])
        },
        has_few: true,
        ..USUAL
    },
    Shape {
        name: "one rare tag",
        query: |images, nth| of_image(images, nth, |image| tags(&image.tags[5..])),
        of_changed: Some(Kind::Distinct),
        ..USUAL
    },
    Shape {
        name: "five tags",
        query: five_tags,
        of_changed: Some(Kind::Distinct),
        distinct_max: [8.0, 60.0],
        ..USUAL
    },
    Shape {
        name: "Share + resource group",
        query: |images, nth| {
            PAGE_1.to_owned() + &share_and_group(images.some("cn-hangzhou", nth, 1)[0])
        },
        has_few: true,
        ..USUAL
    },
    Shape {
        name: "snapshot",
        query: |images, nth| of_server(images, nth, system_snapshot),
        ..USUAL
    },
    Shape {
        name: "instance",
        query: |images, nth| of_server(images, nth, instance),
        ..USUAL
    },
    Shape {
        name: "all filters",
        query: all_filters,
        distinct_max: [15.0, 40.0],
        ..USUAL
    },
];

impl Shape {
    /// The most CPU that a request may take, as a multiple of the bare handler's.
    pub(crate) fn ratio_max(&self, kind: Kind, n_images: u64) -> Option<f64> {
        let [small, large] = match kind {
            Kind::Repeated => [self.repeated_max?; 2],
            Kind::Distinct => self.distinct_max,
        };
        match n_images {
            10_000 => Some(small),
            1_000_000 => Some(large),
            _ => None,
        }
    }
}

/// A page around the middle of the region, one of a quarter of its pages.
fn deep_page(images: &Images, nth: u64) -> String {
    let middle = (images.n_in_region() / 10 / 2).max(1);
    let spread = middle / 4;
    // 617 is a prime: all pages come before one comes again, in no even order.
    let page = middle - spread + nth * 617 % (2 * spread + 1);
    format!("&PageNumber={page}&PageSize=10&RegionId=cn-hangzhou")
}

/// The five tags of an image.
pub(crate) fn five_tags(images: &Images, nth: u64) -> String {
    of_image(images, nth, |image| tags(&image.tags[..5]))
}

/// Every filter at once, each as one real image has it, and 19 other ids and names.
fn all_filters(images: &Images, nth: u64) -> String {
    // About a third has a data snapshot.
    let has_data = |nth: &u64| images.image(*nth).data_snapshot_id.is_some();
    let image = images.image((nth..nth + 1_000).find(has_data).unwrap_or(nth));
    let named = |nth: u64| {
        let mut named = images.some(image.region_id.as_str(), nth, 20);
        named.retain(|other| other.image_id != image.image_id);
        named.truncate(19);
        named.push(image);
        named
    };
    [
        page_1_of(image, 0),
        optional("DataSnapshotId", image.data_snapshot_id.as_ref()),
        list("ImageIds", &named(2 * nth), |image| &image.image_id),
        list("ImageNames", &named(2 * nth + 1), |image| &image.name),
        instance(image),
        system_snapshot(image),
        share_and_group(image),
        tags(&image.tags[..5]),
    ]
    .concat()
}

/// A query for what one image has; after the last image, with another page size.
fn of_image(images: &Images, nth: u64, filter: fn(&Image) -> String) -> String {
    let image = images.image(nth);
    page_1_of(image, nth / images.n_images()) + &filter(image)
}

/// A query for what an image of one server has; after the last server, with another page size.
fn of_server(images: &Images, nth: u64, filter: fn(&Image) -> String) -> String {
    let image = images.image_of_server(nth);
    page_1_of(image, nth / images.n_servers()) + &filter(image)
}

/// Page 1 of an image's region.
fn page_1_of(image: &Image, lap: u64) -> String {
    let size = 10 + lap % N_PAGE_SIZES;
    format!("&PageNumber=1&PageSize={size}&RegionId={}", image.region_id)
}

fn system_snapshot(image: &Image) -> String {
    optional("SystemSnapshotId", image.system_snapshot_id.as_ref())
}

fn instance(image: &Image) -> String {
    optional("InstanceId", image.instance_id.as_ref())
}

fn share_and_group(image: &Image) -> String {
    let group = optional("ResourceGroupId", image.resource_group_id.as_ref());
    let share = if image.in_share_user { "True" } else { "False" };
    format!("{group}&Share={share}")
}

fn tags(tags: &[Tag]) -> String {
    let parameters = tags.iter().zip(1..).map(|(tag, n)| {
        let Tag { key, value } = tag;
        format!("&Tag.{n}.Key={key}&Tag.{n}.Value={value}")
    });
    parameters.collect()
}

fn optional(name: &str, value: Option<&String>) -> String {
    value.map_or(String::new(), |value| format!("&{name}={value}"))
}

/// A JSON list of texts, percent-encoded; the texts need no escaping.
fn list(name: &str, images: &[&Image], text: fn(&Image) -> &str) -> String {
    let texts: Vec<&str> = images.iter().map(|image| text(image)).collect();
    format!("&{name}=%5B%22{}%22%5D", texts.join("%22%2C%22"))
}
