//! The shapes of queries that are measured, and what each may cost.

use std::fmt;

use crate::data::{BUILD, DataSet, ENV, Image, N_REGIONS, N_RESOURCE_GROUPS, TAG_VALUES};
use crate::permutation::Permutation;
use crate::question::Question;

/// Different queries that must come before one comes again, for the answers not to be cached ones.
pub(crate) const N_DIFFERENT_MIN: u64 = 50_000;

/// Page sizes that make queries of few images different at the same cost: 10 to 100.
const N_PAGE_SIZES: u64 = 91;

/// More different queries than any run makes.
const COUNTLESS: u64 = u64::MAX;

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

/// Whether the emulator may keep answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerCache {
    Default,
    Off,
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

    /// The query number `nth` of this shape.
    pub(crate) fn question(self, data: &DataSet, nth: u64) -> Question {
        let mut question = Question::of_region(0);
        match self {
            Self::Page1 => {}
            Self::Page1Of100 => question.page_size = 100,
            Self::DeepPage => {
                let pages = DeepPages::of(data);
                question.page_size = pages.size;
                question.page_number = pages.first + Permutation::new(pages.n, 4).at(nth);
            }
            Self::Ids => {
                question.ids = hundred(data, nth);
                question.page_size = 100;
            }
            Self::Names => {
                question.names = hundred(data, nth);
                question.page_size = 100;
            }
            Self::CommonTag => {
                let image = data.drawn_of_region(0, nth);
                question.tags = vec![(ENV, image.tags[ENV])];
            }
            Self::ShareAndGroup => {
                let image = data.drawn_of_region(0, nth);
                question.resource_group = Some(image.resource_group);
                question.is_shared = Some(image.is_shared);
            }
            Self::Instance => {
                let server = Permutation::new(data.n_servers(), 5).at(nth);
                question.region = server % N_REGIONS;
                question.server = Some(server);
                question.page_size = page_size(nth / data.n_servers());
            }
            Self::Snapshot => {
                let image = aim(&mut question, data, nth);
                question.system_snapshot_of = Some(image.idx);
            }
            Self::RareTag => {
                let image = aim(&mut question, data, nth);
                question.tags = vec![(BUILD, image.tags[BUILD])];
            }
            Self::FiveTags => {
                let image = aim(&mut question, data, nth);
                question.tags = five_tags(&image);
            }
            Self::AllFilters => question = all_filters(data, nth),
        }
        question
    }

    /// How many different queries there are.
    pub(crate) fn n_different(self, data: &DataSet) -> u64 {
        let of = |n: u64| if data.n_in_region() > n { COUNTLESS } else { 1 };
        match self {
            Self::Page1 | Self::Page1Of100 => 1,
            Self::DeepPage => DeepPages::of(data).n,
            Self::Ids | Self::Names => of(100),
            Self::CommonTag => TAG_VALUES[ENV],
            Self::ShareAndGroup => 2 * N_RESOURCE_GROUPS,
            Self::RareTag | Self::FiveTags | Self::Snapshot => data.n_images * N_PAGE_SIZES,
            Self::Instance => data.n_servers() * N_PAGE_SIZES,
            Self::AllFilters => of(20).max(data.n_images / 2),
        }
    }

    /// The `TotalCount` of every query of this shape, if they all have the same.
    pub(crate) fn total_count(self, data: &DataSet) -> Option<u64> {
        match self {
            Self::Page1 | Self::Page1Of100 | Self::DeepPage => Some(data.n_in_region()),
            Self::Ids | Self::Names => Some(data.n_in_region().min(100)),
            Self::Snapshot | Self::AllFilters => Some(1),
            Self::CommonTag
            | Self::RareTag
            | Self::FiveTags
            | Self::ShareAndGroup
            | Self::Instance => None,
        }
    }

    /// Whether the measured answers may come from the emulator's cache of answers.
    ///
    /// Deep pages need what `--cache-bytes 0` would switch off beside the answers.
    pub(crate) fn answer_cache(self, kind: Kind, data: &DataSet) -> AnswerCache {
        let few = self.n_different(data) < N_DIFFERENT_MIN && self != Self::DeepPage;
        match kind {
            Kind::Distinct if few => AnswerCache::Off,
            Kind::Distinct | Kind::Repeated => AnswerCache::Default,
        }
    }

    /// The most CPU that a request may take, as a multiple of the bare handler's.
    pub(crate) fn ratio_max(self, kind: Kind, n_images: u64) -> Option<f64> {
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
    fn of(data: &DataSet) -> Self {
        // A region of ten images has one page of ten; five pages of two have a middle.
        let size = if data.n_in_region() < 100 { 2 } else { 10 };
        let middle = data.n_in_region() / size / 2;
        let spread = middle / 4;
        Self {
            size,
            first: middle - spread,
            n: 2 * spread + 1,
        }
    }
}

/// Draws an image and asks its region; a new page size once every image was drawn.
fn aim(question: &mut Question, data: &DataSet, nth: u64) -> Image {
    let image = data.drawn(nth);
    question.region = image.region;
    question.page_size = page_size(nth / data.n_images);
    image
}

/// All tags of an image but the rare one.
fn five_tags(image: &Image) -> Vec<(usize, u64)> {
    (0..BUILD).map(|tag| (tag, image.tags[tag])).collect()
}

fn page_size(lap: u64) -> u64 {
    10 + lap % N_PAGE_SIZES
}

/// A hundred images of the region, or of all regions where one has fewer.
fn hundred(data: &DataSet, nth: u64) -> Vec<u64> {
    if data.n_in_region() < 100 {
        (0..100).collect()
    } else {
        data.some_of_region(0, nth, 100).collect()
    }
}

/// Every filter at once, each as one real image has it.
fn all_filters(data: &DataSet, nth: u64) -> Question {
    const N_NAMED: usize = 20;
    let mut image = data.drawn(nth);
    while !image.has_data_snapshot {
        image = data.image((image.idx + 1) % data.n_images);
    }
    let named = |draw: u64| {
        let others = data.some_of_region(image.region, draw, N_NAMED as u64);
        let mut named: Vec<u64> = others.filter(|other| *other != image.idx).collect();
        named.truncate(N_NAMED - 1);
        named.push(image.idx);
        named
    };
    Question {
        ids: named(2 * nth),
        names: named(2 * nth + 1),
        system_snapshot_of: Some(image.idx),
        data_snapshot_of: Some(image.idx),
        server: Some(image.server),
        resource_group: Some(image.resource_group),
        tags: five_tags(&image),
        is_shared: Some(image.is_shared),
        ..Question::of_region(image.region)
    }
}
