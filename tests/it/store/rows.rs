//! Rows: what small kinds hold, and how much, held against a plain model.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;
use serde_json::{Value, json};
use swas_emulator::StoreError;
use swas_emulator::internals::{
    CheckpointName, FixtureImage, FixtureRow, Image, Kind, KindFull, NewRow, OldCheckpoints,
    Regions, Resource, Sandbox, SandboxError, SandboxSettings, Sandboxes, Seeding, Store, Timeline,
    Timestamp, seed_store,
};

use super::properties::image;
use crate::support::kinds::{DISK, KINDS, SERVER, row};

const KIND_LIST: [&Kind; 2] = [&SERVER, &DISK];
const CHECKPOINTS: [&str; 2] = ["one", "two"];

/// What an account holds: images by id, and rows by kind and id.
#[derive(Debug, Clone, Default)]
struct Account {
    images: BTreeMap<String, Image>,
    rows: BTreeMap<(&'static str, String), FixtureRow>,
}

#[derive(Debug, Clone)]
enum Change {
    Put(Vec<Resource>),
    PutRows(Vec<FixtureRow>),
    DeleteRow(&'static Kind, String),
    DeleteImage(String),
    ClearImages,
    Seed(Vec<Resource>),
    /// Fails in the middle, so nothing may change.
    FailingSeed(Vec<Resource>),
    Reset(&'static str),
    TakeCheckpoint(&'static str),
    DeleteCheckpoint(&'static str),
    /// Closes a file and opens it again; in memory, nothing happens.
    Reopen,
}

fn any_row() -> impl Strategy<Value = FixtureRow> {
    let names = vec!["web", "db", "测试"];
    (select(&KIND_LIST), 0..5_u8, 0..3_i64, select(names))
        .prop_map(|(kind, id, second, name)| row(kind, &format!("id-{id}"), second, name))
}

/// A few resources; each id of a kind once.
fn any_resources() -> impl Strategy<Value = Vec<Resource>> {
    let image = (image(), 0..4_u8).prop_map(|(image, id)| Image {
        image_id: format!("m-{id}"),
        ..image
    });
    let images = prop::collection::vec(image, 0..3);
    let rows = prop::collection::vec(any_row(), 0..6);
    (images, rows).prop_map(|(images, rows)| {
        let mut account = Account::default();
        account.put(&images.into_iter().map(whole).collect::<Vec<_>>());
        account.put(&rows.into_iter().map(Resource::Row).collect::<Vec<_>>());
        account.resources()
    })
}

fn whole(image: Image) -> Resource {
    Resource::Image(FixtureImage {
        image,
        timeline: Timeline::default(),
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    let to = vec!["seed", "empty", "one", "two"];
    prop_oneof![
        4 => any_resources().prop_map(Change::Put),
        4 => prop::collection::vec(any_row(), 0..5).prop_map(Change::PutRows),
        4 => (select(&KIND_LIST), 0..5_u8)
            .prop_map(|(kind, id)| Change::DeleteRow(kind, format!("id-{id}"))),
        1 => (0..4_u8).prop_map(|id| Change::DeleteImage(format!("m-{id}"))),
        1 => Just(Change::ClearImages),
        1 => any_resources().prop_map(Change::Seed),
        1 => any_resources().prop_map(Change::FailingSeed),
        5 => select(to).prop_map(Change::Reset),
        3 => select(&CHECKPOINTS).prop_map(Change::TakeCheckpoint),
        1 => select(&CHECKPOINTS).prop_map(Change::DeleteCheckpoint),
        2 => Just(Change::Reopen),
    ]
}

impl Account {
    fn put(&mut self, resources: &[Resource]) {
        for resource in resources {
            match resource {
                Resource::Image(read) => {
                    let image = read.image.clone();
                    self.images.insert(image.image_id.clone(), image);
                }
                Resource::Row(row) => {
                    let key = (row.kind.list, row.row.id.clone());
                    self.rows.insert(key, row.clone());
                }
            }
        }
    }

    fn of(resources: &[Resource]) -> Self {
        let mut account = Self::default();
        account.put(resources);
        account
    }

    fn resources(&self) -> Vec<Resource> {
        let images = self.images.values().cloned().map(whole);
        let rows = self.rows.values().cloned().map(Resource::Row);
        images.chain(rows).collect()
    }

    fn of_kind(&self, kind: &Kind) -> Vec<&FixtureRow> {
        let rows = self.rows.values();
        rows.filter(|row| row.kind.list == kind.list).collect()
    }

    /// What an export must say.
    fn export(&self) -> Value {
        let images: Vec<&String> = self.images.keys().collect();
        let mut export = json!({ "CustomImages": images });
        for kind in KIND_LIST {
            let rows = self.of_kind(kind);
            if !rows.is_empty() {
                let documents = rows.iter().map(|row| document(&row.row.document));
                export[kind.list] = documents.collect();
            }
        }
        export
    }
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A sandbox, in memory or in a file, and what it should hold.
struct World<'p> {
    sandboxes: Sandboxes,
    path: Option<&'p Path>,
    now: Account,
    seed: Account,
    checkpoints: BTreeMap<&'static str, Account>,
}

pub(crate) fn settings() -> SandboxSettings {
    SandboxSettings {
        kinds: KINDS,
        ..SandboxSettings::default()
    }
}

fn open(path: Option<&Path>) -> Sandboxes {
    let regions = Arc::new(Regions::default());
    let at = Timestamp::from_unix_s(0).unwrap();
    match path {
        None => {
            let seed = seed_store([], at, &Arc::default()).unwrap();
            Sandboxes::in_memory(settings(), regions, seed).unwrap()
        }
        Some(path) => {
            let store = Store::open(path, &Arc::default()).unwrap();
            if store.seeded_at().unwrap().is_none() {
                let nothing = |_: &mut Seeding<'_>| Ok::<(), StoreError>(());
                store.seed(at, OldCheckpoints::Keep, nothing).unwrap();
            }
            Sandboxes::with_file(settings(), regions, store).unwrap()
        }
    }
}

impl<'p> World<'p> {
    fn new(path: Option<&'p Path>) -> Self {
        Self {
            sandboxes: open(path),
            path,
            now: Account::default(),
            seed: Account::default(),
            checkpoints: BTreeMap::new(),
        }
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandboxes.default_sandbox()
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Put(resources) => {
                let put = self.sandbox().put_all(&resources).unwrap();
                let after = self.now.images.len() + self.now.rows.len();
                self.now.put(&resources);
                let n_added = self.now.images.len() + self.now.rows.len() - after;
                assert_eq!(put.n_added, n_added as u64);
                assert_eq!(put.n_added + put.n_replaced, resources.len() as u64);
            }
            Change::PutRows(rows) => {
                self.sandbox().put_rows(&rows).unwrap();
                let rows = rows.into_iter().map(Resource::Row);
                self.now.put(&rows.collect::<Vec<_>>());
            }
            Change::DeleteRow(kind, id) => {
                let deleted = self.sandbox().delete_row(kind, &id).unwrap();
                assert_eq!(deleted, self.now.rows.remove(&(kind.list, id)).is_some());
            }
            Change::DeleteImage(id) => {
                let deleted = self.sandbox().delete(&id).is_ok();
                assert_eq!(deleted, self.now.images.remove(&id).is_some());
            }
            Change::ClearImages => {
                self.sandbox().clear().unwrap();
                self.now.images.clear();
            }
            Change::Seed(resources) => {
                self.sandbox()
                    .seed(resources.iter().cloned().map(Ok))
                    .unwrap();
                self.seed = Account::of(&resources);
                self.now = self.seed.clone();
            }
            Change::FailingSeed(resources) => {
                // A kind that is full comes last.
                let large = Resource::Row(large_row("large", 9 << 20));
                let resources = resources.into_iter().chain([large]);
                self.sandbox().seed(resources.map(Ok)).unwrap_err();
            }
            Change::Reset(to) => self.reset(to),
            Change::TakeCheckpoint(name) => {
                let taken = CheckpointName::parse(name).unwrap();
                self.sandbox().take_checkpoint(&taken).unwrap();
                self.checkpoints.insert(name, self.now.clone());
            }
            Change::DeleteCheckpoint(name) => {
                let taken = CheckpointName::parse(name).unwrap();
                let deleted = self.sandbox().delete_checkpoint(&taken).is_ok();
                assert_eq!(deleted, self.checkpoints.remove(name).is_some());
            }
            Change::Reopen => {
                if self.path.is_some() {
                    // The lock goes with the store, so the old one must go first.
                    self.sandboxes = open(None);
                    self.sandboxes = open(self.path);
                }
            }
        }
    }

    fn reset(&mut self, to: &str) {
        let known = match to {
            "seed" => Some(self.seed.clone()),
            "empty" => Some(Account::default()),
            name => self.checkpoints.get(name).cloned(),
        };
        let done = self
            .sandbox()
            .reset_to(&CheckpointName::parse(to).unwrap())
            .is_ok();
        assert_eq!(done, known.is_some());
        if let Some(known) = known {
            self.now = known;
        }
    }

    fn check(&self) {
        let sandbox = self.sandbox();
        for kind in KIND_LIST {
            let mut expected = self.now.of_kind(kind);
            expected.sort_by(|a, b| {
                let newest_first = b.row.created_at.cmp(&a.row.created_at);
                newest_first.then_with(|| a.row.id.cmp(&b.row.id))
            });
            let expected: Vec<_> = expected.into_iter().map(|row| row.row.clone()).collect();
            let rows = sandbox.rows(kind).unwrap();
            let found: Vec<_> = rows.iter().map(|stored| stored.row.clone()).collect();
            assert_eq!(found, expected);
            for row in &expected {
                assert_eq!(sandbox.row(kind, &row.id).unwrap().unwrap().row, *row);
            }
            assert!(sandbox.row(kind, "none").unwrap().is_none());
        }
        assert_eq!(
            exported(&sandbox.export().unwrap().text().unwrap()),
            self.now.export()
        );
        let kept = self.checkpoints.iter().chain([(&"seed", &self.seed)]);
        for (name, account) in kept {
            let name = CheckpointName::parse(name).unwrap();
            let export = sandbox.export_checkpoint(&name).unwrap().text().unwrap();
            assert_eq!(exported(&export), account.export());
        }
    }
}

/// An export with the ids of images alone.
fn exported(export: &str) -> Value {
    let mut export = document(export);
    for image in export["CustomImages"].as_array_mut().unwrap() {
        *image = image["ImageId"].take();
    }
    export
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_changes_of_all_kinds_give_what_a_plain_model_gives(
        changes in prop::collection::vec(any_change(), 1..16),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images.db");
        for path in [None, Some(path.as_path())] {
            let mut world = World::new(path);
            for change in &changes {
                world.change(change.clone());
                world.check();
            }
        }
    }
}

fn large_row(id: &str, n_bytes: usize) -> FixtureRow {
    let mut row = row(&SERVER, id, 0, "");
    let short = row.row.document.replace("\"Name\":\"\"", "\"Name\":\"{}\"");
    let filler = "x".repeat(n_bytes - row.row.document.len());
    row.row.document = short.replace("{}", &filler);
    assert_eq!(row.row.document.len(), n_bytes);
    row
}

fn stored(row: &FixtureRow) -> NewRow<'_> {
    NewRow {
        kind: row.kind.list,
        row: &row.row,
        timeline: row.timeline.json(),
        waiting_since_unix_ms: 0,
    }
}

fn servers(n_rows: usize) -> Vec<FixtureRow> {
    (0..n_rows)
        .map(|idx| row(&SERVER, &format!("id-{idx:05}"), 0, ""))
        .collect()
}

fn eighths(n_rows: usize) -> Vec<FixtureRow> {
    (0..n_rows)
        .map(|idx| large_row(&format!("id-{idx:05}"), 1 << 20))
        .collect()
}

/// Source: `ROWS_MAX` and `ROW_BYTES_MAX` of `limits`.
#[rstest]
#[case::resources(servers(10_000), row(&SERVER, "one-more", 0, ""), KindFull::Rows { kind: "Servers".to_owned() })]
#[case::bytes(eighths(8), row(&SERVER, "one-more", 0, ""), KindFull::Bytes { kind: "Servers".to_owned() })]
fn a_kind_holds_as_much_as_it_may_and_refuses_one_more(
    #[case] most: Vec<FixtureRow>,
    #[case] one_more: FixtureRow,
    #[case] expected: KindFull,
) {
    let store = Store::in_memory(&Arc::default()).unwrap();
    store.put_rows(most.iter().map(stored)).unwrap();
    let refused = |result: Result<_, StoreError>| match result {
        Err(StoreError::Full(full)) => assert_eq!(full, expected),
        other => panic!("{other:?}"),
    };
    let before = store.contents().unwrap();
    assert_eq!(before.rows.len(), most.len());

    refused(store.put_rows([stored(&one_more)]).map(drop));
    // A resource that is replaced makes room for another one in the same put.
    refused(
        store
            .put_rows(most[1..].iter().chain([&one_more]).map(stored))
            .map(drop),
    );
    // Other kinds, and the one itself again, fit.
    store.put_rows(most.iter().map(stored)).unwrap();
    assert_eq!(store.contents().unwrap(), before);
    store
        .put_rows([stored(&row(&DISK, "one-more", 0, ""))])
        .unwrap();
    store.delete_row("Servers", "id-00003").unwrap();
    store.put_rows([stored(&one_more)]).unwrap();

    // A seed has the same limits, and a refused one leaves what was there.
    let at = Timestamp::from_unix_s(0).unwrap();
    let before = store.contents().unwrap();
    let seed = |rows: &[FixtureRow]| {
        store.seed(at, OldCheckpoints::Delete, |seeding| {
            rows.iter()
                .try_for_each(|row| seeding.add_row(&stored(row)))
        })
    };
    refused(seed(&[most.clone(), vec![one_more.clone()]].concat()));
    assert_eq!(store.contents().unwrap(), before);
    seed(&most).unwrap();
    assert_eq!(store.contents().unwrap().rows.len(), most.len());
}

#[test]
fn a_refused_put_changes_no_kind_and_says_which_is_full() {
    let sandboxes = open(None);
    let sandbox = sandboxes.default_sandbox();
    let disk = Resource::Row(row(&DISK, "d-1", 0, ""));
    let too_many = servers(10_001).into_iter().map(Resource::Row);
    let error = sandbox
        .put_all(&[disk].into_iter().chain(too_many).collect::<Vec<_>>())
        .unwrap_err();
    assert!(matches!(error, SandboxError::Full(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "`Servers` holds at most 10000 resources, and this would be more"
    );
    assert_eq!(
        exported(&sandbox.export().unwrap().text().unwrap()),
        json!({"CustomImages": []})
    );
}

/// A file as a process leaves it that is killed: nothing was closed.
#[test]
fn rows_that_were_put_are_in_the_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.db");
    let sandboxes = open(Some(&path));
    let sandbox = sandboxes.default_sandbox();
    let one = CheckpointName::parse("one").unwrap();
    sandbox
        .put_rows(&[row(&SERVER, "s-1", 0, "before")])
        .unwrap();
    sandbox.take_checkpoint(&one).unwrap();
    sandbox
        .put_rows(&[row(&SERVER, "s-1", 0, "after")])
        .unwrap();
    let left = folder.path().join("left.db");
    std::fs::copy(&path, &left).unwrap();
    std::fs::copy(path.with_extension("db-wal"), left.with_extension("db-wal")).unwrap();

    let sandboxes = open(Some(&left));
    let sandbox = sandboxes.default_sandbox();
    let name = || {
        let stored = sandbox.row(&SERVER, "s-1").unwrap().unwrap();
        document(&stored.row.document)["Name"].clone()
    };
    assert_eq!(name(), "after");
    sandbox.reset_to(&one).unwrap();
    assert_eq!(name(), "before");
}
