//! What the store and the pure parts of a request cost, without HTTP.
//!
//! `cargo bench --bench store`. 10,000 images in memory; every listing is looked up anew, as if no
//! query ever came a second time.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a failed benchmark should panic"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use swas_emulator::internals::{
    Answer, Clock, ClockMode, Field, FixtureImage, Image, ListCustomImagesRequest, ListingCache,
    Params, Regions, Resource, Store, Timeline, generate_images, seed_store,
};

const N_IMAGES: u64 = 10_000;

fn seed_images() -> Vec<FixtureImage> {
    let image = |image| FixtureImage {
        image,
        timeline: Timeline::default(),
    };
    generate_images(N_IMAGES, 42, &[]).map(image).collect()
}

fn store(images: &[FixtureImage], cache_bytes: u64) -> Store {
    let now = Clock::new(ClockMode::default()).now();
    let images = images.iter().cloned().map(Resource::Image).map(Ok);
    seed_store(images, now, &Arc::new(ListingCache::new(cache_bytes))).unwrap()
}

/// Each shape's name and its query string.
fn queries(images: &[FixtureImage]) -> Vec<(&'static str, String)> {
    let region = || {
        let images = images.iter().map(|image| &image.image);
        images.filter(|image| image.region_id.as_str() == "cn-hangzhou")
    };
    let query = |more: &str| format!("Action=ListCustomImages&RegionId=cn-hangzhou{more}");
    let list =
        |text: fn(&Image) -> &str| region().take(100).map(text).collect::<Vec<_>>().join(",");
    let tagged = region().find(|image| image.tags.len() >= 3).unwrap();
    let tags = |n_tags: usize| -> String {
        let mut query = String::new();
        for (idx, tag) in tagged.tags.iter().take(n_tags).enumerate() {
            let n = idx + 1;
            write!(
                query,
                "&Tag.{n}.Key={}&Tag.{n}.Value={}",
                tag.key, tag.value
            )
            .unwrap();
        }
        query
    };
    let deep = region().count() / 2 / 10;
    vec![
        ("page 1", query("")),
        ("page 1 of 100", query("&PageSize=100")),
        ("deep page", query(&format!("&PageNumber={deep}"))),
        (
            "100 ids",
            query(&format!(
                "&PageSize=100&ImageIds={}",
                list(|image| &image.image_id)
            )),
        ),
        (
            "100 names",
            query(&format!(
                "&PageSize=100&ImageNames={}",
                list(|image| &image.name)
            )),
        ),
        ("one tag", query(&tags(1))),
        ("three tags", query(&tags(3))),
        ("Share", query("&Share=true")),
        ("one id", query(&format!("&ImageIds={}", tagged.image_id))),
    ]
}

fn request(query: &str) -> ListCustomImagesRequest {
    let params = Params::parse(query.as_bytes(), b"").unwrap();
    ListCustomImagesRequest::parse(&params, &Regions::default()).unwrap()
}

fn listings(criterion: &mut Criterion) {
    let images = seed_images();
    for (name, cache_bytes) in [("list anew", 0), ("list again", 6 << 20)] {
        let store = store(&images, cache_bytes);
        let mut group = criterion.benchmark_group(name);
        for (shape, query) in queries(&images) {
            let request = request(&query);
            group.bench_function(shape, |bencher| {
                bencher.iter(|| {
                    store
                        .list(black_box(&request.filter), request.page)
                        .unwrap()
                });
            });
        }
        group.finish();
    }
}

fn pure_parts(criterion: &mut Criterion) {
    let images = seed_images();
    let store = store(&images, 0);
    let mut group = criterion.benchmark_group("pure");
    for (shape, query) in queries(&images) {
        group.bench_function(format!("parse {shape}"), |bencher| {
            bencher.iter(|| request(black_box(&query)));
        });
    }
    let request = request("RegionId=cn-hangzhou");
    let listing = store.list(&request.filter, request.page).unwrap();
    let response = Answer::new(vec![
        ("RequestId", Field::RequestId),
        ("CustomImages", Field::Documents(listing.documents.clone())),
        ("TotalCount", Field::Count(listing.total_count)),
    ]);
    group.bench_function("write page 1", |bencher| {
        bencher.iter(|| response.json(black_box("A-B-C-D-E")));
    });
    group.finish();
}

fn writes(criterion: &mut Criterion) {
    let images = seed_images();
    let seeded = store(&images, 0);
    criterion.bench_function("put one of 10,000 again", |bencher| {
        bencher.iter(|| seeded.put([images[7].stored(0)]).unwrap());
    });
    criterion.bench_function("seed 10,000", |bencher| {
        bencher.iter(|| store(black_box(&images), 0));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = listings, pure_parts, writes
}
criterion_main!(benches);
