//! What the store and a sandbox cost, without HTTP: `cargo bench --bench store`.
//!
//! Listings and writes have 10,000 images in memory, sandboxes 1,000. Wanted, as the median: a reset
//! within 1 ms, a sandbox made and changed for the first time within 2 ms.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a failed benchmark should panic"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::json;
use swas_emulator::internals::{
    Clock, ClockMode, FixtureImage, ListCustomImagesRequest, ListingCache, OldCheckpoints, Params,
    Regions, Resource, Sandbox, SandboxName, Sandboxes, Store, Timeline, generate_images,
    seed_store,
};
use swas_emulator::internals::{Isolation, SandboxSettings};

fn images(n_images: u64) -> Vec<FixtureImage> {
    let image = |image| FixtureImage {
        image,
        timeline: Timeline::default(),
    };
    generate_images(n_images, 42, &[]).map(image).collect()
}

fn store(images: &[FixtureImage], cache_bytes: u64) -> Store {
    let now = Clock::new(ClockMode::default()).now();
    let images = images.iter().cloned().map(Resource::Image).map(Ok);
    seed_store(images, now, &Arc::new(ListingCache::new(cache_bytes))).unwrap()
}

fn request(query: &str) -> ListCustomImagesRequest {
    let params = Params::parse(query.as_bytes(), b"").unwrap();
    ListCustomImagesRequest::parse(&params, &Regions::default()).unwrap()
}

fn listings(criterion: &mut Criterion) {
    let images = images(10_000);
    let ids: Vec<&str> = images[..100]
        .iter()
        .map(|image| image.image.image_id.as_str())
        .collect();
    let queries = [
        ("page 1", String::new()),
        ("deep page", "&PageNumber=250".to_owned()),
        ("100 ids", format!("&ImageIds={}", ids.join(","))),
        (
            "two tags",
            "&Tag.1.Key=env&Tag.1.Value=prod&Tag.2.Key=app".to_owned(),
        ),
    ];
    for (name, cache_bytes) in [("list anew", 0), ("list again", 6 << 20)] {
        let store = store(&images, cache_bytes);
        for (shape, more) in &queries {
            let query = format!("RegionId=cn-hangzhou{more}");
            let request = request(&query);
            criterion.bench_function(&format!("{name}, {shape}"), |bencher| {
                bencher.iter(|| store.list(black_box(&request.filter), request.page));
            });
            if cache_bytes == 0 {
                criterion.bench_function(&format!("parse {shape}"), |bencher| {
                    bencher.iter(|| self::request(black_box(&query)));
                });
            }
        }
    }
}

fn writes(criterion: &mut Criterion) {
    let images = images(10_000);
    let seeded = store(&images, 0);
    criterion.bench_function("put one of 10,000 again", |bencher| {
        bencher.iter(|| seeded.put([images[7].stored(0)]).unwrap());
    });
    criterion.bench_function("seed 10,000", |bencher| {
        bencher.iter(|| store(black_box(&images), 0));
    });
}

fn settings() -> SandboxSettings {
    SandboxSettings {
        isolation: Isolation::ByAccessKey,
        ..SandboxSettings::default()
    }
}

/// Changes one image, which makes the sandbox's copy if there is none yet.
fn change(sandbox: &Sandbox, image_id: &str) {
    let patch = json!({"Status": "3"});
    sandbox.patch(image_id, patch.as_object().unwrap()).unwrap();
}

fn bench_reset(criterion: &mut Criterion, name: &str, sandbox: &Sandbox, image_id: &str) {
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(
            || change(sandbox, image_id),
            |()| sandbox.reset().unwrap(),
            BatchSize::PerIteration,
        );
    });
}

fn sandboxes(criterion: &mut Criterion) {
    let images = images(1_000);
    let image_id = images[7].image.image_id.as_str();
    let regions = || Arc::new(Regions::default());
    let in_memory = Sandboxes::in_memory(settings(), regions(), store(&images, 6 << 20)).unwrap();
    let name = SandboxName::parse("ci-7").unwrap();
    let make = || in_memory.named(Some(name.as_str())).unwrap();
    bench_reset(
        criterion,
        "reset in memory, after a change",
        &make(),
        image_id,
    );

    let folder = tempfile::tempdir().unwrap();
    let file = Store::open(&folder.path().join("images.db"), &Arc::default()).unwrap();
    let now = Clock::new(ClockMode::default()).now();
    file.seed(now, OldCheckpoints::Delete, |filling| {
        let mut stored = images.iter().map(|image| image.stored(0));
        stored.try_for_each(|image| filling.add(&image))
    })
    .unwrap();
    let in_file = Sandboxes::with_file(settings(), regions(), file).unwrap();
    let sandbox = in_file.default_sandbox();
    bench_reset(
        criterion,
        "reset in a file, after a change",
        sandbox,
        image_id,
    );

    criterion.bench_function("make a sandbox, first use and first change", |bencher| {
        bencher.iter_batched(
            || in_memory.end(&name),
            |_| {
                let sandbox = make();
                change(&sandbox, image_id);
                sandbox
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = listings, writes, sandboxes
}
criterion_main!(benches);
