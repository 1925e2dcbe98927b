//! What the store keeps beside the images, counts above all, is what a full count would give.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use rusqlite::Connection;
use swas_emulator::StoreError;
use swas_emulator::internals::{
    FixtureImage, Image, ImageFilter, ListingCache, OldCheckpoints, Page, Regions, Seeding,
    Sharing, Store, Tag, TagFilter, Timeline, Timestamp,
};

use crate::store::properties::{IDS, NAMES, REGIONS, TAG_KEYS, TAG_VALUES, image, page};

/// The images of a model, by id.
type Images = BTreeMap<String, Image>;

#[derive(Debug, Clone)]
enum Write {
    Put(Vec<Image>),
    /// Gives an image another name, if there is such an image; its facets stay.
    Rename(String, &'static str),
    Delete(String),
    Clear,
    Seed(Vec<Image>, OldCheckpoints),
    TakeCheckpoint(&'static str),
    RestoreCheckpoint(&'static str),
    DeleteCheckpoint(&'static str),
    /// Fails in the middle, so nothing may change.
    FailingSeed(Vec<Image>),
}

/// Few ids, so that images are replaced often.
fn images(n_max: usize) -> impl Strategy<Value = Vec<Image>> {
    let one = (image(), 0..12_u8).prop_map(|(image, id)| Image {
        image_id: format!("m-{id}"),
        ..image
    });
    // Each id once: a seed with two equal ones is refused.
    let each_once = |images: Vec<Image>| {
        let by_id: Images = by_id(images);
        by_id.into_values().collect()
    };
    prop::collection::vec(one, 0..n_max).prop_map(each_once)
}

fn by_id(images: impl IntoIterator<Item = Image>) -> Images {
    let images = images.into_iter();
    images
        .map(|image| (image.image_id.clone(), image))
        .collect()
}

fn write() -> impl Strategy<Value = Write> {
    const CHECKPOINTS: [&str; 3] = ["seed", "one", "two"];
    let taken = || select(&CHECKPOINTS[1..]);
    prop_oneof![
        6 => images(6).prop_map(Write::Put),
        6 => (0..12_u8, select(&NAMES[..6]))
            .prop_map(|(id, name)| Write::Rename(format!("m-{id}"), name)),
        4 => (0..12_u8).prop_map(|id| Write::Delete(format!("m-{id}"))),
        1 => Just(Write::Clear),
        1 => (images(10), select(vec![OldCheckpoints::Keep, OldCheckpoints::Delete]))
            .prop_map(|(images, checkpoints)| Write::Seed(images, checkpoints)),
        1 => images(10).prop_map(Write::FailingSeed),
        2 => taken().prop_map(Write::TakeCheckpoint),
        4 => select(&CHECKPOINTS).prop_map(Write::RestoreCheckpoint),
        1 => taken().prop_map(Write::DeleteCheckpoint),
    ]
}

/// A store and what it should hold.
struct Modelled {
    store: Store,
    images: Images,
    checkpoints: BTreeMap<&'static str, Images>,
}

impl Modelled {
    fn new(store: Store) -> Self {
        let mut world = Self {
            store,
            images: Images::new(),
            checkpoints: BTreeMap::new(),
        };
        world.write(Write::Seed(Vec::new(), OldCheckpoints::Delete));
        world
    }

    fn write(&mut self, write: Write) {
        let at = Timestamp::from_unix_s(0).unwrap();
        match write {
            Write::Rename(image_id, name) => {
                let image = self.images.get(&image_id).map(|image| Image {
                    name: name.to_owned(),
                    ..image.clone()
                });
                self.write(Write::Put(image.into_iter().collect()));
            }
            Write::Put(images) => {
                let whole: Vec<_> = images.iter().map(whole).collect();
                self.store
                    .put(whole.iter().map(|image| image.stored(0)))
                    .unwrap();
                self.images.extend(by_id(images));
            }
            Write::Delete(id) => {
                let deleted = self.store.delete(&id).unwrap();
                assert_eq!(deleted, self.images.remove(&id).is_some());
            }
            Write::Clear => {
                let n_deleted = self.store.clear().unwrap();
                assert_eq!(n_deleted, self.images.len() as u64);
                self.images.clear();
            }
            Write::Seed(images, checkpoints) => {
                let fill = |filling: &mut Seeding<'_>| {
                    let mut images = images.iter();
                    images.try_for_each(|image| filling.add(&whole(image).stored(0)))
                };
                self.store.seed(at, checkpoints, fill).unwrap();
                if checkpoints == OldCheckpoints::Delete {
                    self.checkpoints.clear();
                }
                self.images = by_id(images);
                self.checkpoints.insert("seed", self.images.clone());
            }
            Write::FailingSeed(images) => {
                let fill = |filling: &mut Seeding<'_>| {
                    for image in &images {
                        filling.add(&whole(image).stored(0))?;
                    }
                    Err(StoreError::Statement(rusqlite::Error::InvalidQuery))
                };
                let seeded = self.store.seed(at, OldCheckpoints::Delete, fill);
                seeded.unwrap_err();
            }
            Write::TakeCheckpoint(name) => {
                self.store.take_checkpoint(name, at).unwrap();
                self.checkpoints.insert(name, self.images.clone());
            }
            Write::RestoreCheckpoint(name) => {
                let restored = self.store.restore_checkpoint(name, 0).unwrap();
                let kept = self.checkpoints.get(name);
                assert_eq!(restored, kept.is_some());
                if let Some(kept) = kept {
                    self.images.clone_from(kept);
                }
            }
            Write::DeleteCheckpoint(name) => {
                let deleted = self.store.delete_checkpoint(name).unwrap();
                assert_eq!(deleted, self.checkpoints.remove(name).is_some());
            }
        }
    }

    /// Compares every count that is kept, and some pages, with what the images say.
    fn check(&self) {
        for filter in filters() {
            let mut matching: Vec<&Image> = self
                .images
                .values()
                .filter(|image| filter.matches(image))
                .collect();
            matching.sort_by(|a, b| {
                let newest_first = b.creation_time.cmp(&a.creation_time);
                newest_first.then_with(|| a.image_id.cmp(&b.image_id))
            });
            // The second time, from the cache.
            for _ in 0..2 {
                let count = self.store.count(&filter).unwrap();
                assert_eq!(count, matching.len() as u64, "{filter:?}");
                for (number, size) in [(1, 100), (1, 2), (2, 2)] {
                    self.check_page(&filter, page(number, size), &matching);
                }
            }
        }
    }

    /// Compares the ids and the documents of a page with those of the images that match.
    fn check_page(&self, filter: &ImageFilter, page: Page, matching: &[&Image]) {
        let listing = self
            .store
            .list(filter, page.offset(), page.size.n_images())
            .unwrap();
        assert_eq!(listing.total_count, matching.len() as u64, "{filter:?}");
        let n_before = usize::try_from(page.offset()).unwrap();
        let n_images = usize::try_from(page.size.n_images()).unwrap();
        let on_page = matching.iter().skip(n_before).take(n_images);
        let (ids, documents): (Vec<_>, Vec<_>) = on_page
            .map(|image| (image.image_id.clone(), whole(image).stored(0).document))
            .unzip();
        assert_eq!(*listing.image_ids, ids, "{page:?} of {filter:?}");
        assert_eq!(
            *listing.documents,
            documents.join(","),
            "{page:?} of {filter:?}"
        );
    }
}

fn whole(image: &Image) -> FixtureImage {
    FixtureImage {
        image: image.clone(),
        timeline: Timeline::default(),
    }
}

/// Every filter that has a kept count, and some that combine two.
fn filters() -> Vec<ImageFilter> {
    let mut filters = Vec::new();
    for region_id in REGIONS {
        let region = ImageFilter::region(Regions::default().parse(region_id).unwrap());
        let group = |id: &str| ImageFilter {
            resource_group_id: Some(id.to_owned()),
            ..region.clone()
        };
        let groups: Vec<_> = IDS.iter().map(|id| group(id)).collect();
        let tag = |key: &str, value: Option<&str>| TagFilter {
            key: key.to_owned(),
            value: value.map(str::to_owned),
        };
        for key in TAG_KEYS {
            let values = TAG_VALUES.iter().map(|value| Some(*value));
            for value in values.chain([None]).filter(|value| *value != Some("")) {
                filters.push(ImageFilter {
                    tags: vec![tag(key, value)],
                    ..region.clone()
                });
                filters.push(ImageFilter {
                    tags: vec![tag("env", Some("prod")), tag(key, value)],
                    ..group("rg-1")
                });
            }
        }
        for share in [Sharing::Shared, Sharing::NotShared] {
            let shared = |filter: &ImageFilter| ImageFilter {
                share: Some(share),
                ..filter.clone()
            };
            filters.extend(groups.iter().map(shared));
            filters.push(shared(&region));
        }
        filters.extend(groups);
        filters.extend(look_ups(&region));
        filters.push(region);
    }
    filters
}

/// Filters that look images up, in part by a column that many have.
fn look_ups(region: &ImageFilter) -> [ImageFilter; 4] {
    let some = |id: &str| Some(id.to_owned());
    let names = |names: &[&str]| Some(names.iter().copied().map(str::to_owned).collect());
    [
        ImageFilter {
            image_names: names(&["web"]),
            ..region.clone()
        },
        ImageFilter {
            image_names: names(&["web", "Web", "a%_b"]),
            share: Some(Sharing::Shared),
            ..region.clone()
        },
        ImageFilter {
            instance_id: some("s-1"),
            ..region.clone()
        },
        ImageFilter {
            system_snapshot_id: some("s-1"),
            data_snapshot_id: some("12"),
            image_names: names(&["web", "Web"]),
            ..region.clone()
        },
    ]
}

/// Counts everything anew, in the file itself.
fn check_file(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let wrong = [
        "SELECT count(*) FROM facets AS f WHERE n_images <= 0 OR n_images <>
             (SELECT count(*) FROM image_facets AS i WHERE i.facet_key = f.facet_key)",
        "SELECT count(*) FROM image_facets AS i WHERE NOT EXISTS
             (SELECT 1 FROM facets AS f WHERE f.facet_key = i.facet_key)",
        "SELECT count(*) FROM image_facets AS f WHERE NOT EXISTS
             (SELECT 1 FROM images AS i WHERE i.image_key = f.image_key
                 AND i.image_id = f.image_id AND i.newest_first = f.newest_first)",
        "SELECT count(*) FROM images AS i WHERE
             (SELECT count(*) FROM image_facets AS f WHERE f.image_key = i.image_key)
             <> 2 + 2 * (resource_group_id IS NOT NULL) + json_array_length(tags)",
    ];
    for sql in wrong {
        let n_wrong: u64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(n_wrong, 0, "{sql}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn kept_counts_are_full_counts_after_any_writes(
        writes in prop::collection::vec(write(), 1..14),
        cache_bytes in select(vec![0, 20_000, 6 << 20]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images.db");
        let cache = Arc::new(ListingCache::new(cache_bytes));
        let mut world = Modelled::new(Store::open(&path, &cache).unwrap());
        for write in writes {
            world.write(write);
            world.check();
            prop_assert!(cache.n_bytes() <= cache_bytes);
        }
        drop(world);
        check_file(&path);
    }
}

/// Past some depth, a page is found by keys that are kept; pages must fit together there too.
#[test]
fn deep_pages_partition_a_listing_and_follow_every_write() {
    let region_id = Regions::default().parse("cn-hangzhou").unwrap();
    let images =
        swas_emulator::internals::generate_images(1_000, 7, std::slice::from_ref(&region_id));
    let images: Vec<Image> = images.collect();
    let store = Store::in_memory(&Arc::default()).unwrap();
    let mut world = Modelled::new(store);
    let filter = ImageFilter::region(region_id);
    let gone: Vec<String> = images[..9]
        .iter()
        .map(|image| image.image_id.clone())
        .collect();
    let mut writes = vec![Write::Put(images)];
    writes.extend(gone.into_iter().map(Write::Delete));
    for write in writes {
        world.write(write);
        let mut expected: Vec<&Image> = world.images.values().collect();
        expected.sort_by(|a, b| {
            let newest_first = b.creation_time.cmp(&a.creation_time);
            newest_first.then_with(|| a.image_id.cmp(&b.image_id))
        });
        let mut walked = Vec::new();
        for number in 1..=31 {
            let listing = world
                .store
                .list(&filter, page(number, 33).offset(), 33)
                .unwrap();
            assert_eq!(listing.total_count, expected.len() as u64);
            walked.extend(listing.image_ids.iter().map(ToString::to_string));
        }
        let expected: Vec<&str> = expected
            .iter()
            .map(|image| image.image_id.as_str())
            .collect();
        assert_eq!(walked, expected);
    }
}

/// An image has a bit for each of its facets, and 63 bits are for all facets there are.
#[test]
fn two_tags_that_share_a_bit_are_different() {
    let region_id = Regions::default().parse("cn-hangzhou").unwrap();
    let tag = |key: &str, value: String| Tag {
        key: key.to_owned(),
        value,
    };
    let images =
        swas_emulator::internals::generate_images(200, 7, std::slice::from_ref(&region_id));
    let images = images.enumerate().map(|(idx, image)| Image {
        tags: vec![tag("all", "yes".to_owned()), tag("n", idx.to_string())],
        ..image
    });
    let images: Vec<Image> = images.collect();
    let mut world = Modelled::new(Store::in_memory(&Arc::default()).unwrap());
    world.write(Write::Put(images.clone()));
    // The facets of numbers are made one after the other, so most of these two share a bit.
    for idx in 0..images.len() - 63 {
        let count = |other: usize| {
            let n = |value: usize| TagFilter {
                key: "n".to_owned(),
                value: Some(value.to_string()),
            };
            let filter = ImageFilter {
                tags: vec![n(idx), n(other)],
                ..ImageFilter::region(region_id.clone())
            };
            world.store.count(&filter).unwrap()
        };
        assert_eq!((count(idx), count(idx + 63)), (1, 0), "{idx}");
    }
}

#[test]
fn checkpoints_go_with_the_seed_or_outlive_it_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("images.db"), &Arc::default()).unwrap();
    let mut world = Modelled::new(store);
    for (old, outlives) in [
        (OldCheckpoints::Keep, true),
        (OldCheckpoints::Delete, false),
    ] {
        world.write(Write::TakeCheckpoint("one"));
        world.write(Write::Seed(Vec::new(), old));
        assert_eq!(world.store.restore_checkpoint("one", 0).unwrap(), outlives);
    }
}
