//! How long it takes to reset a sandbox and to make one, with 1,000 images.
//!
//! `cargo bench --bench sandbox`. Wanted, as the median: a reset within 1 ms, a sandbox made and
//! changed for the first time within 2 ms.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a failed benchmark should panic"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::{Map, Value, json};
use swas_emulator::internals::{
    Clock, ClockMode, FixtureImage, Isolation, OldCheckpoints, Regions, Resource, Sandbox,
    SandboxName, SandboxSettings, Sandboxes, Store, Timeline, generate_images, seed_store,
};

const N_IMAGES: u64 = 1_000;

fn seed_images() -> Vec<FixtureImage> {
    let image = |image| FixtureImage {
        image,
        timeline: Timeline::default(),
    };
    generate_images(N_IMAGES, 42, &[]).map(image).collect()
}

fn settings() -> SandboxSettings {
    SandboxSettings {
        isolation: Isolation::ByAccessKey,
        ..SandboxSettings::default()
    }
}

fn in_memory(images: &[FixtureImage]) -> Sandboxes {
    let images = images.iter().cloned().map(Resource::Image).map(Ok);
    let now = Clock::new(ClockMode::default()).now();
    let seed = seed_store(images, now, &Arc::default()).unwrap();
    Sandboxes::in_memory(settings(), Arc::new(Regions::default()), seed).unwrap()
}

/// Changes one image, which makes the sandbox's copy if there is none yet.
fn change(sandbox: &Sandbox, image_id: &str, patch: &Map<String, Value>) {
    sandbox.patch(image_id, patch).unwrap();
}

fn patch() -> Map<String, Value> {
    json!({"Status": "3"}).as_object().unwrap().clone()
}

fn reset(criterion: &mut Criterion) {
    let images = seed_images();
    let (image_id, patch) = (images[7].image.image_id.clone(), patch());
    let sandboxes = in_memory(&images);
    let sandbox = sandboxes.named(Some("ci-7")).unwrap();
    criterion.bench_function("reset in memory, after a change", |bencher| {
        bencher.iter_batched(
            || change(&sandbox, &image_id, &patch),
            |()| sandbox.reset().unwrap(),
            BatchSize::PerIteration,
        );
    });

    let folder = tempfile::tempdir().unwrap();
    let file = Store::open(&folder.path().join("images.db"), &Arc::default()).unwrap();
    let now = Clock::new(ClockMode::default()).now();
    file.seed(now, OldCheckpoints::Delete, |filling| {
        let mut stored = images.iter().map(|image| image.stored(0));
        stored.try_for_each(|image| filling.add(&image))
    })
    .unwrap();
    let sandboxes = Sandboxes::with_file(settings(), Arc::new(Regions::default()), file).unwrap();
    let sandbox = sandboxes.default_sandbox();
    criterion.bench_function("reset in a file, after a change", |bencher| {
        bencher.iter_batched(
            || change(sandbox, &image_id, &patch),
            |()| sandbox.reset().unwrap(),
            BatchSize::PerIteration,
        );
    });
}

fn make(criterion: &mut Criterion) {
    let images = seed_images();
    let (image_id, patch) = (images[7].image.image_id.clone(), patch());
    let sandboxes = in_memory(&images);
    let name = SandboxName::parse("ci-7").unwrap();
    criterion.bench_function("make a sandbox, first use", |bencher| {
        bencher.iter_batched(
            || sandboxes.end(&name),
            |_| black_box(sandboxes.named(Some(name.as_str())).unwrap()),
            BatchSize::PerIteration,
        );
    });
    criterion.bench_function("make a sandbox, first use and first change", |bencher| {
        bencher.iter_batched(
            || sandboxes.end(&name),
            |_| {
                let sandbox = sandboxes.named(Some(name.as_str())).unwrap();
                change(&sandbox, &image_id, &patch);
                sandbox
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, reset, make);
criterion_main!(benches);
