//! The shapes of queries that are measured, and what each may cost.

use std::fmt;

use swas_emulator::internals::{Image, Tag};

use crate::images::{Images, N_RESOURCE_GROUPS};

/// Different queries that must come before one comes again, for the answers not to be cached ones.
const N_DIFFERENT_MIN: u64 = 50_000;

/// Page sizes that make queries of few images different at the same cost: 10 to 100.
const N_PAGE_SIZES: u64 = 91;

/// More different queries than any run makes.
const COUNTLESS: u64 = u64::MAX;

/// Most images that are served from memory; more are served from a file.
pub(crate) const IN_MEMORY_MAX: u64 = 100_000;

/// Fewest images of which changed ones and timelines are measured, as distinct queries need many.
const N_STATES_MIN: u64 = 1_000;

/// One kind of query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Page1,
    Page1Of100,
    DeepPage,
    Ids,
    Names,
    CommonTag,
    RareTag,
    FiveTags,
    ShareAndGroup,
    Snapshot,
    Instance,
    AllFilters,
}

/// Whether a client asks one query again and again, or never the same twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Repeated,
    Distinct,
}

/// The state of the emulator that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Seeded, with default flags.
    Seeded,
    /// Seeded, with `--cache-bytes 0`: it keeps no answers.
    Uncached,
    /// After one image was changed, so that the sandbox has a copy of the seed.
    Changed,
    /// With one image whose timeline has a step to come.
    Timeline,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Page1 => "page 1",
            Self::Page1Of100 => "page 1 of 100",
            Self::DeepPage => "deep page",
            Self::Ids => "100 ids",
            Self::Names => "100 names",
            Self::CommonTag => "one common tag",
            Self::RareTag => "one rare tag",
            Self::FiveTags => "five tags",
            Self::ShareAndGroup => "Share + resource group",
            Self::Snapshot => "snapshot",
            Self::Instance => "instance",
            Self::AllFilters => "all filters",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Repeated => "repeated",
            Self::Distinct => "distinct",
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Seeded => "",
            Self::Uncached => "no cache",
            Self::Changed => "changed",
            Self::Timeline => "timeline",
        })
    }
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::Seeded, Self::Uncached, Self::Changed, Self::Timeline];
}

impl Shape {
    pub(crate) const ALL: [Self; 12] = [
        Self::Page1,
        Self::Page1Of100,
        Self::DeepPage,
        Self::Ids,
        Self::Names,
        Self::CommonTag,
        Self::RareTag,
        Self::FiveTags,
        Self::ShareAndGroup,
        Self::Snapshot,
        Self::Instance,
        Self::AllFilters,
    ];

    /// The parameters of the query number `nth` of this shape.
    pub(crate) fn query(self, images: &Images, nth: u64) -> String {
        match self {
            Self::Page1 => first_page(10),
            Self::Page1Of100 => first_page(100),
            Self::DeepPage => DeepPages::of(images).query(nth),
            Self::Ids => {
                let named = hundred(images, nth);
                first_page(100) + &list("ImageIds", &named, |image| &image.image_id)
            }
            Self::Names => {
                let named = hundred(images, nth);
                first_page(100) + &list("ImageNames", &named, |image| &image.name)
            }
            Self::CommonTag => first_page(10) + &tags(&images.image_of_region(nth).tags[..1]),
            Self::ShareAndGroup => first_page(10) + &share_and_group(images.image_of_region(nth)),
            Self::RareTag => {
                let image = images.image(nth);
                aimed(image, nth / images.n_images()) + &tags(&image.tags[5..])
            }
            Self::FiveTags => {
                let image = images.image(nth);
                aimed(image, nth / images.n_images()) + &tags(&image.tags[..5])
            }
            Self::Snapshot => {
                let image = images.image_of_server(nth);
                let id = optional("SystemSnapshotId", image.system_snapshot_id.as_ref());
                aimed(image, nth / images.n_servers()) + &id
            }
            Self::Instance => {
                let image = images.image_of_server(nth);
                let id = optional("InstanceId", image.instance_id.as_ref());
                aimed(image, nth / images.n_servers()) + &id
            }
            Self::AllFilters => all_filters(images, nth),
        }
    }

    /// How many different queries there are.
    pub(crate) fn n_different(self, images: &Images) -> u64 {
        let named = |n: u64, few: u64| {
            if images.n_in_region() > n {
                COUNTLESS
            } else {
                few
            }
        };
        match self {
            Self::Page1 | Self::Page1Of100 => 1,
            Self::DeepPage => DeepPages::of(images).n,
            Self::Ids | Self::Names => named(100, 1),
            Self::CommonTag => 4,
            Self::ShareAndGroup => 2 * N_RESOURCE_GROUPS,
            Self::RareTag | Self::FiveTags => images.n_images() * N_PAGE_SIZES,
            Self::Snapshot | Self::Instance => images.n_servers() * N_PAGE_SIZES,
            Self::AllFilters => named(20, images.n_images() / 4),
        }
    }

    /// The states in which the query is measured, with so many images.
    ///
    /// Where there are too few different queries for an answer never to be a kept one, the distinct
    /// ones are asked of an emulator that keeps none. Deep pages need what that switches off.
    pub(crate) fn is_asked(self, kind: Kind, state: State, images: &Images) -> bool {
        if images.n_images() == 0 {
            let is_first = self == Self::Page1 && kind == Kind::Repeated;
            return is_first && state == State::Seeded;
        }
        let is_few = self.n_different(images) < N_DIFFERENT_MIN && self != Self::DeepPage;
        let is_left_out = images.n_images() < N_STATES_MIN || images.n_images() > IN_MEMORY_MAX;
        match (state, kind) {
            (State::Seeded, _) => kind == Kind::Repeated || !is_few,
            (State::Uncached, _) => kind == Kind::Distinct && is_few,
            (_, Kind::Repeated) => self == Self::Page1 && !is_left_out,
            (_, Kind::Distinct) => matches!(self, Self::RareTag | Self::FiveTags) && !is_left_out,
        }
    }

    /// The `TotalCount` of every query of this shape, if they all have the same.
    pub(crate) fn total_count(self, images: &Images) -> Option<u64> {
        let n_in_region = images.n_in_region();
        if matches!(self, Self::Page1 | Self::Page1Of100 | Self::DeepPage) {
            return Some(n_in_region);
        }
        let is_named = matches!(self, Self::Ids | Self::Names);
        (is_named && n_in_region >= 100).then_some(100)
    }

    /// The most CPU that a request may take, as a multiple of the bare handler's.
    pub(crate) fn ratio_max(self, kind: Kind, state: State, n_images: u64) -> Option<f64> {
        if matches!(state, State::Changed | State::Timeline) {
            return None;
        }
        let is_short = !matches!(self, Self::Page1Of100 | Self::Ids | Self::Names);
        let (small, large) = match (kind, self) {
            (Kind::Repeated, _) => is_short.then_some((2.0, 2.0))?,
            (Kind::Distinct, Self::DeepPage) => (5.0, 12.0),
            (Kind::Distinct, Self::FiveTags) => (8.0, 60.0),
            (Kind::Distinct, Self::Page1Of100 | Self::Ids | Self::Names) => (8.0, 12.0),
            (Kind::Distinct, Self::AllFilters) => (15.0, 40.0),
            (Kind::Distinct, _) => (4.0, 5.0),
        };
        match n_images {
            10_000 => Some(small),
            1_000_000 => Some(large),
            _ => None,
        }
    }
}

/// A quarter of a region's pages, around the middle one.
struct DeepPages {
    size: u64,
    first: u64,
    n: u64,
}

impl DeepPages {
    fn of(images: &Images) -> Self {
        // A region of ten images has one page of ten; five pages of two have a middle.
        let size = if images.n_in_region() < 100 { 2 } else { 10 };
        let middle = (images.n_in_region() / size / 2).max(1);
        let spread = middle / 4;
        Self {
            size,
            first: middle - spread,
            n: 2 * spread + 1,
        }
    }

    fn query(&self, nth: u64) -> String {
        // 617 is a prime: all pages come before one comes again, in no even order.
        let page = self.first + nth * 617 % self.n;
        format!(
            "&PageNumber={page}&PageSize={}&RegionId=cn-hangzhou",
            self.size
        )
    }
}

fn first_page(size: u64) -> String {
    format!("&PageNumber=1&PageSize={size}&RegionId=cn-hangzhou")
}

/// The first page of an image's region; another page size once every image was asked for.
fn aimed(image: &Image, lap: u64) -> String {
    let size = 10 + lap % N_PAGE_SIZES;
    let region = image.region_id.as_str();
    format!("&PageNumber=1&PageSize={size}&RegionId={region}")
}

fn hundred(images: &Images, nth: u64) -> Vec<&Image> {
    images.some(&images.image_of_region(0).region_id, nth, 100)
}

/// A JSON list of texts, percent-encoded; the texts need no escaping.
fn list(name: &str, images: &[&Image], text: fn(&Image) -> &str) -> String {
    let texts: Vec<&str> = images.iter().map(|image| text(image)).collect();
    format!("&{name}=%5B%22{}%22%5D", texts.join("%22%2C%22"))
}

fn optional(name: &str, value: Option<&String>) -> String {
    value.map_or(String::new(), |value| format!("&{name}={value}"))
}

fn tags(tags: &[Tag]) -> String {
    let parameters = tags.iter().zip(1..).map(|(tag, n)| {
        let Tag { key, value } = tag;
        format!("&Tag.{n}.Key={key}&Tag.{n}.Value={value}")
    });
    parameters.collect()
}

fn share_and_group(image: &Image) -> String {
    let group = optional("ResourceGroupId", image.resource_group_id.as_ref());
    let share = if image.in_share_user { "True" } else { "False" };
    format!("{group}&Share={share}")
}

/// Every filter at once, each as one real image has it.
fn all_filters(images: &Images, nth: u64) -> String {
    const N_NAMED: usize = 20;
    // About a third has a data snapshot; the steps are small enough that all of them are asked for.
    let has_data = |nth: &u64| images.image(*nth).data_snapshot_id.is_some();
    let image = images.image((nth..nth + 1_000).find(has_data).unwrap_or(nth));
    let named = |nth: u64| {
        let mut named = images.some(&image.region_id, nth, N_NAMED);
        named.retain(|other| other.image_id != image.image_id);
        named.truncate(N_NAMED - 1);
        named.push(image);
        named
    };
    [
        aimed(image, 0),
        optional("DataSnapshotId", image.data_snapshot_id.as_ref()),
        list("ImageIds", &named(2 * nth), |image| &image.image_id),
        list("ImageNames", &named(2 * nth + 1), |image| &image.name),
        optional("InstanceId", image.instance_id.as_ref()),
        optional("SystemSnapshotId", image.system_snapshot_id.as_ref()),
        share_and_group(image),
        tags(&image.tags[..5]),
    ]
    .concat()
}
