//! Small kinds in a sandbox: timelines, isolation, memory, and what clears what.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::Fixture;
use swas_emulator::internals::{
    CheckpointName, ClockMode, Effort, Isolation, Kind, Page, PageNumber, PageSize, Regions,
    Resource, Sandbox, SandboxSettings, Sandboxes, Span, Store, Timestamp, seed_store,
};

use crate::store::rows::settings;
use crate::support::kinds::{DISK, SERVER, row, row_with};

fn sandboxes(seed: Vec<Resource>) -> Sandboxes {
    let at = Timestamp::from_unix_s(0).unwrap();
    let settings = SandboxSettings {
        isolation: Isolation::ByAccessKey,
        clock: ClockMode::frozen(at),
        ..settings()
    };
    let seed = seed_store(seed.into_iter().map(Ok), at, &Arc::default()).unwrap();
    Sandboxes::in_memory(settings, Arc::new(Regions::default()), seed).unwrap()
}

fn name(sandbox: &Sandbox, id: &str) -> Value {
    let stored = sandbox.row(&SERVER, id).unwrap().unwrap();
    let document: Value = serde_json::from_str(&stored.row.document).unwrap();
    document["Name"].clone()
}

fn page(number: u32, size: u32) -> Page {
    Page {
        number: PageNumber::parse(&number.to_string()).unwrap(),
        size: PageSize::parse(&size.to_string()).unwrap(),
    }
}

/// Lists the first page of servers; gives their names.
fn listed(sandbox: &Sandbox) -> Vec<Value> {
    let listing = sandbox
        .list_rows(&SERVER, |_| true, page(1, 10), None, Effort::Long)
        .unwrap();
    let documents = listing.rows.iter().map(|stored| &stored.row.document);
    documents
        .map(|document| serde_json::from_str::<Value>(document).unwrap()["Name"].clone())
        .collect()
}

#[test]
fn a_step_takes_effect_when_its_time_has_come() {
    let timeline = json!([
        {"after": "3s", "set": {"Name": "second"}},
        {"after": "2s", "set": {"Name": "third"}},
    ]);
    let sandboxes = sandboxes(vec![row_with(&SERVER, "s-1", &timeline)]);
    let sandbox = sandboxes.default_sandbox();
    let pass = |time: &str| {
        sandbox.clock().advance(Span::parse(time).unwrap()).unwrap();
    };
    pass("2s");
    assert_eq!(name(sandbox, "s-1"), "first");
    pass("1s");
    assert_eq!(name(sandbox, "s-1"), "second");
    pass("2s");
    assert_eq!(name(sandbox, "s-1"), "third");
    assert!(
        !sandbox
            .export()
            .unwrap()
            .text()
            .unwrap()
            .contains("x-timeline")
    );
    sandbox.reset().unwrap();
    assert_eq!(name(sandbox, "s-1"), "first");
}

#[test]
fn a_step_takes_effect_after_so_many_listings_that_contained_the_resource() {
    let timeline = json!([{"afterLists": 2, "set": {"Name": "second"}}]);
    let sandboxes = sandboxes(vec![row_with(&SERVER, "s-1", &timeline)]);
    let sandbox = sandboxes.default_sandbox();
    // Reading is no listing, and neither is a page without the resource.
    assert_eq!(name(sandbox, "s-1"), "first");
    sandbox
        .list_rows(&SERVER, |_| false, page(1, 10), None, Effort::Long)
        .unwrap();
    sandbox
        .list_rows(&SERVER, |_| true, page(2, 10), None, Effort::Long)
        .unwrap();
    sandbox
        .list_rows(&DISK, |_| true, page(1, 10), None, Effort::Long)
        .unwrap();
    assert_eq!(listed(sandbox), ["first"]);
    let left: Value = serde_json::from_str(&sandbox.export().unwrap().text().unwrap()).unwrap();
    assert_eq!(left["Servers"][0]["x-timeline"][0]["afterLists"], 1);
    assert_eq!(listed(sandbox), ["first"]);
    assert_eq!(listed(sandbox), ["second"]);
}

#[rstest]
#[case::an_unknown_region(json!({"RegionId": "cn-nowhere"}))]
#[case::another_id(json!({"ServerId": "s-2"}))]
fn a_step_that_breaks_a_rule_is_left_out(#[case] set: Value) {
    let timeline = json!([
        {"after": "1s", "set": set},
        {"after": "1s", "set": {"Name": "second"}},
    ]);
    let sandboxes = sandboxes(vec![row_with(&SERVER, "s-1", &timeline)]);
    let sandbox = sandboxes.default_sandbox();
    sandbox.clock().advance(Span::parse("1s").unwrap()).unwrap();
    assert_eq!(name(sandbox, "s-1"), "first");
    sandbox.clock().advance(Span::parse("1s").unwrap()).unwrap();
    assert_eq!(name(sandbox, "s-1"), "second");
    assert_eq!(sandbox.rows(&SERVER).unwrap().len(), 1);
}

/// In memory and in a file, a checkpoint keeps what is left of a timeline.
#[rstest]
fn a_checkpoint_keeps_what_is_left_of_a_timeline(#[values(false, true)] is_in_file: bool) {
    let folder = tempfile::tempdir().unwrap();
    let at = Timestamp::from_unix_s(0).unwrap();
    let settings = SandboxSettings {
        clock: ClockMode::frozen(at),
        ..settings()
    };
    let regions = Arc::new(Regions::default());
    let sandboxes = if is_in_file {
        let store = Store::open(&folder.path().join("images.db"), &Arc::default()).unwrap();
        Sandboxes::with_file(settings, regions, store).unwrap()
    } else {
        let seed = seed_store([], at, &Arc::default()).unwrap();
        Sandboxes::in_memory(settings, regions, seed).unwrap()
    };
    let sandbox = sandboxes.default_sandbox();
    let pass = |time: &str| {
        sandbox.clock().advance(Span::parse(time).unwrap()).unwrap();
    };
    let timeline = json!([{"after": "3s", "set": {"Name": "second"}}]);
    let resources = [row_with(&SERVER, "s-1", &timeline)];
    sandbox.put_all(&resources).unwrap();
    pass("2s");
    let one = CheckpointName::parse("one").unwrap();
    sandbox.take_checkpoint(&one).unwrap();
    pass("1s");
    assert_eq!(name(sandbox, "s-1"), "second");
    pass("1h");
    sandbox.reset_to(&one).unwrap();
    assert_eq!(name(sandbox, "s-1"), "first");
    let kept: Value =
        serde_json::from_str(&sandbox.export_checkpoint(&one).unwrap().text().unwrap()).unwrap();
    assert_eq!(kept["Servers"][0]["x-timeline"][0]["after"], "1s");
    pass("1s");
    assert_eq!(name(sandbox, "s-1"), "second");
}

#[test]
fn sandboxes_start_as_the_seed_and_never_see_each_others_rows() {
    let sandboxes = sandboxes(vec![Resource::Row(row(&SERVER, "s-1", 0, "seeded"))]);
    let sandbox = |name| sandboxes.named(Some(name)).unwrap();
    let (one, other) = (sandbox("ci-1"), sandbox("ci-2"));
    one.put_rows(&[row(&SERVER, "s-1", 0, "changed")]).unwrap();
    other.delete_row(&SERVER, "s-1").unwrap();
    assert_eq!(name(&one, "s-1"), "changed");
    assert!(other.rows(&SERVER).unwrap().is_empty());
    assert_eq!(name(sandboxes.default_sandbox(), "s-1"), "seeded");
    assert_eq!(name(&sandbox("ci-3"), "s-1"), "seeded");
}

#[test]
fn rows_weigh_on_their_sandbox() {
    let sandboxes = sandboxes(Vec::new());
    let sandbox = sandboxes.named(Some("ci-1")).unwrap();
    let before = sandbox.n_bytes();
    let large = "x".repeat(500_000);
    sandbox.put_rows(&[row(&SERVER, "s-1", 0, &large)]).unwrap();
    assert!(sandbox.n_bytes() > before + 500_000);
    sandbox.reset().unwrap();
    assert_eq!(sandbox.n_bytes(), before);
}

#[test]
fn a_refused_deletion_copies_nothing() {
    let sandboxes = sandboxes(Vec::new());
    let sandbox = sandboxes.named(Some("ci-1")).unwrap();
    let before = sandbox.n_bytes();
    assert!(!sandbox.delete_row(&SERVER, "s-1").unwrap());
    assert_eq!(sandbox.n_bytes(), before);
}

#[test]
fn deleting_all_images_leaves_every_other_kind_and_a_reset_to_empty_leaves_nothing() {
    let sandboxes = sandboxes(vec![Resource::Row(row(&DISK, "d-1", 0, ""))]);
    let sandbox = sandboxes.default_sandbox();
    let images = r#"[{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}]"#;
    sandbox.put(&Fixture::from_json("images", images)).unwrap();
    assert_eq!(sandbox.clear().unwrap(), 1);
    assert_eq!(sandbox.rows(&DISK).unwrap().len(), 1);
    sandbox.reset_to(&CheckpointName::Empty).unwrap();
    assert_eq!(
        sandbox.export().unwrap().text().unwrap(),
        "{\n  \"CustomImages\": []\n}\n"
    );
}

#[test]
fn an_export_has_images_first_then_each_kind_that_has_any() {
    let resources = |kinds: &[&'static Kind]| {
        let rows = kinds.iter().map(|kind| row(kind, "id-1", 0, "web"));
        rows.map(Resource::Row).collect()
    };
    let lists = |kinds: &[&'static Kind]| {
        let sandboxes = sandboxes(resources(kinds));
        let export = sandboxes
            .default_sandbox()
            .export()
            .unwrap()
            .text()
            .unwrap();
        let export: serde_json::Map<String, Value> = serde_json::from_str(&export).unwrap();
        export.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(lists(&[]), ["CustomImages"]);
    assert_eq!(lists(&[&DISK]), ["CustomImages", "Disks"]);
    assert_eq!(
        lists(&[&DISK, &SERVER]),
        ["CustomImages", "Servers", "Disks"]
    );
}

#[test]
fn a_page_of_rows_and_its_count_come_from_what_matches() {
    let rows = (0..5).map(|idx| row(&SERVER, &format!("s-{idx}"), idx, "web"));
    let sandboxes = sandboxes(rows.map(Resource::Row).collect());
    let sandbox = sandboxes.default_sandbox();
    for (number, expected) in [(1, &["s-4", "s-3"][..]), (2, &["s-1"]), (3, &[])] {
        let listing = sandbox
            .list_rows(
                &SERVER,
                |row| !["s-0", "s-2"].contains(&row.row.id.as_str()),
                page(number, 2),
                None,
                Effort::Long,
            )
            .unwrap();
        assert_eq!(listing.total_count, 3);
        let ids: Vec<_> = listing.rows.iter().map(|row| row.row.id.as_str()).collect();
        assert_eq!(ids, expected);
    }
}

#[test]
fn a_created_sandbox_keeps_its_secret_and_one_made_on_first_use_has_none() {
    let sandboxes = sandboxes(Vec::new());
    let created = sandboxes.create(None, None).unwrap();
    let secret = created.secret().unwrap().to_owned();
    assert_eq!(secret.len(), 32);
    let again = sandboxes.named(Some(created.name().as_str())).unwrap();
    assert_eq!(again.secret(), Some(secret.as_str()));
    assert_eq!(sandboxes.named(Some("ci-1")).unwrap().secret(), None);
    assert_eq!(sandboxes.default_sandbox().secret(), None);
}

#[test]
fn a_fixture_of_all_kinds_is_put_at_once_and_its_export_is_the_same_fixture() {
    let sandboxes = sandboxes(Vec::new());
    let sandbox = sandboxes.default_sandbox();
    let server = |id: &str, more: Value| {
        let row = row(&SERVER, id, 0, "first");
        let mut server: Value = serde_json::from_str(&row.row.document).unwrap();
        for (name, value) in more.as_object().unwrap() {
            server[name] = value.clone();
        }
        server
    };
    let timeline = json!({"x-timeline": [{"after": "3s", "set": {"Name": "second"}}]});
    let fixture = json!({
        "CustomImages": [{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"}],
        "Servers": [server("s-1", timeline), server("s-2", json!({}))],
    });
    let put = |json: &str| sandbox.put(&Fixture::from_json("all", json)).unwrap();
    assert_eq!(put(&fixture.to_string()).n_added, 3);
    let exported = sandbox.export().unwrap().text().unwrap();
    let lists: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(lists["Servers"], fixture["Servers"]);
    sandbox.reset_to(&CheckpointName::Empty).unwrap();
    assert_eq!(put(&exported).n_added, 3);
    assert_eq!(sandbox.export().unwrap().text().unwrap(), exported);
    assert_eq!(put(&exported).n_replaced, 3);

    // A mistake in the last list leaves all of them as they were.
    let broken = json!({
        "CustomImages": [{"ImageId": "m-2", "RegionId": "cn-hangzhou", "Name": "web"}],
        "Servers": [server("s-3", json!({})), {"ServerId": "s-4"}],
    });
    let broken = Fixture::from_json("broken", broken.to_string());
    assert!(sandbox.put(&broken).is_err());
    assert_eq!(sandbox.export().unwrap().text().unwrap(), exported);
}
