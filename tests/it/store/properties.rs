//! Laws that hold for every input: the SQL agrees with the reference model, and pages partition.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use swas_emulator::internals::{
    FixtureImage, Image, ImageFilter, OldCheckpoints, OsType, Page, PageNumber, PageSize, RegionId,
    Regions, Seeding, Sharing, Status, Store, Tag, TagFilter, Timeline, Timestamp,
};

/// Few values, so that filters match often; some differ in case, blanks or a NUL alone.
pub(crate) const NAMES: [&str; 7] = ["web", "Web", "web ", "测试", "a%_b", "", "web\0x"];
pub(crate) const IDS: [&str; 5] = ["s-1", "s-2", "S-1", "rg-1", "12"];
pub(crate) const TAG_KEYS: [&str; 4] = ["env", "Env", "team", "级"];
pub(crate) const TAG_VALUES: [&str; 4] = ["", "prod", "Prod", "测试"];
pub(crate) const REGIONS: [&str; 2] = ["cn-hangzhou", "cn-shanghai"];

fn region_id() -> impl Strategy<Value = RegionId> {
    select(&REGIONS).prop_map(|id| Regions::default().parse(id).unwrap())
}

fn maybe(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::weighted(0.6, select(values).prop_map(str::to_owned))
}

prop_compose! {
    fn tags()(keys in subsequence(TAG_KEYS.to_vec(), 0..=4), values in prop::array::uniform4(select(&TAG_VALUES)))
        -> Vec<Tag> {
        keys.into_iter().zip(values)
            .map(|(key, value)| Tag { key: key.to_owned(), value: value.to_owned() })
            .collect()
    }
}

prop_compose! {
    pub(crate) fn image()(
        region_id in region_id(),
        // No image has a NUL, which fixtures refuse.
        name in select(&NAMES[..6]),
        // Three moments for all images, so that ties are common.
        unix_s in 1_600_000_000..1_600_000_003_i64,
        in_share_user: bool,
        in_share: bool,
        snapshots in (maybe(&IDS), maybe(&IDS)),
        instance_id in maybe(&IDS),
        resource_group_id in maybe(&IDS),
        tags in tags(),
    ) -> Image {
        Image {
            creation_time: Timestamp::from_unix_s(unix_s).unwrap(),
            data_snapshot_name: None,
            system_snapshot_id: snapshots.0,
            in_share,
            in_share_user,
            instance_id,
            data_snapshot_id: snapshots.1,
            region_id,
            system_snapshot_name: None,
            description: None,
            name: name.to_owned(),
            image_id: String::new(),
            status: Status::Available,
            tags,
            instance_name: None,
            resource_group_id,
            create_instances: Vec::new(),
            user_id: None,
            os_type: Some(OsType::Linux),
            required_system_disk_size_gib: None,
            required_data_disk_size_gib: None,
            source_image_name: None,
            source_image_version: None,
        }
    }
}

/// Images with distinct ids whose byte order is neither their position nor their numeric order.
fn images() -> impl Strategy<Value = Vec<Image>> {
    prop::collection::vec(image(), 0..60).prop_map(|mut images| {
        for (idx, image) in images.iter_mut().enumerate() {
            let letter = if idx % 2 == 0 { 'm' } else { 'M' };
            image.image_id = format!("{letter}-{}", (idx * 37) % 101);
        }
        images
    })
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = Option<BTreeSet<String>>> {
    let sets = subsequence(values.to_vec(), 1..=values.len());
    proptest::option::weighted(
        0.2,
        sets.prop_map(|set| set.into_iter().map(str::to_owned).collect()),
    )
}

prop_compose! {
    fn tag_filter()(key in select(&TAG_KEYS), value in maybe(&TAG_VALUES[1..])) -> TagFilter {
        TagFilter { key: key.to_owned(), value }
    }
}

/// A filter that is set one time in five.
fn seldom(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::weighted(0.2, select(values).prop_map(str::to_owned))
}

prop_compose! {
    fn filter()(
        region_id in region_id(),
        ids in proptest::option::weighted(0.2, prop::collection::vec(any::<Index>(), 1..30)),
        image_names in one_of(&NAMES),
        snapshots in (seldom(&IDS), seldom(&IDS)),
        instance_id in seldom(&IDS),
        resource_group_id in seldom(&IDS),
        tags in prop::collection::vec(tag_filter(), 0..=2),
        share in proptest::option::weighted(0.2, select(vec![Sharing::Shared, Sharing::NotShared])),
    ) -> (ImageFilter, Option<Vec<Index>>) {
        let filter = ImageFilter {
            region_id,
            image_ids: None,
            image_names,
            system_snapshot_id: snapshots.0,
            data_snapshot_id: snapshots.1,
            instance_id,
            resource_group_id,
            tags,
            share,
        };
        (filter, ids)
    }
}

pub(crate) fn page(number: u32, size: u32) -> Page {
    Page {
        number: PageNumber::parse(&number.to_string()).unwrap(),
        size: PageSize::parse(&size.to_string()).unwrap(),
    }
}

/// Walks all pages and the one past the end; every total must be the same.
fn walk(store: &Store, filter: &ImageFilter, size: u32, n_expected: usize) -> Vec<String> {
    let mut walked = Vec::new();
    for number in 1.. {
        let listing = store
            .list(filter, page(number, size).offset(), size)
            .unwrap();
        assert_eq!(listing.total_count, u64::try_from(n_expected).unwrap());
        if listing.image_ids.is_empty() {
            break;
        }
        walked.extend(listing.image_ids.iter().map(ToString::to_string));
    }
    walked
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_sql_agrees_with_the_reference_model_and_pages_partition_the_listing(
        images in images(),
        (mut filter, ids) in filter(),
    ) {
        // Ids that exist, one that does not, and one that would exist if a NUL ended it.
        filter.image_ids = ids.filter(|_| !images.is_empty()).map(|ids| {
            let known = ids.iter().map(|idx| idx.get(&images).image_id.clone());
            known.chain(["m-none".to_owned(), format!("{}\0x", images[0].image_id)]).collect()
        });
        let store = Store::in_memory(&Arc::default()).unwrap();
        let seed: Vec<FixtureImage> = images
            .iter()
            .map(|image| FixtureImage { image: image.clone(), timeline: Timeline::default() })
            .collect();
        let fill = |filling: &mut Seeding<'_>| seed.iter().try_for_each(|image| filling.add(&image.stored(0)));
        store.seed(Timestamp::from_unix_s(0).unwrap(), OldCheckpoints::Delete, fill).unwrap();

        let mut matching: Vec<&Image> = images.iter().filter(|image| filter.matches(image)).collect();
        matching.sort_by(|a, b| {
            b.creation_time.cmp(&a.creation_time).then_with(|| a.image_id.cmp(&b.image_id))
        });
        let expected: Vec<&str> = matching.iter().map(|image| image.image_id.as_str()).collect();
        for size in [1, 7, 100] {
            let walked = walk(&store, &filter, size, expected.len());
            prop_assert_eq!(&walked, &expected);
        }
    }
}
