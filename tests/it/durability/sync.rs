//! When a change reaches the disk, as `--durability` says.

use rstest::rstest;

use super::faults::Faults;
use crate::support::{Process, fixture};

/// Changes without a pause: fewer than what starts a checkpoint of the log.
const N_CHANGES: usize = 20;

#[rstest]
#[case::by_default(&[], 0)]
#[case(&["--durability", "normal"], 0)]
#[case(&["--durability", "full"], N_CHANGES)]
fn each_change_reaches_the_disk_before_it_is_acknowledged_when_durability_is_full(
    #[case] flags: &[&str],
    #[case] n_syncs: usize,
) {
    let folder = crate::support::folder(&[("empty.json", &fixture(&[]))]);
    let file = folder.path().join("images.db");
    let Some(faults) = Faults::on(&file) else {
        return;
    };
    let mut command = faults.counted();
    command
        .args(["--listen", "127.0.0.1:0", "--database"])
        .arg(&file);
    command
        .args(flags)
        .arg("--fixture")
        .arg(folder.path().join("empty.json"));
    let process = Process::ready(command);
    // The first change after a start begins a new log, which is synced with either.
    process.ok("PUT", "/_emulator/images", &super::changes::numbered(0));
    let before = faults.n_syncs();
    assert!(before > 0);
    for name in 0..N_CHANGES {
        let patch = format!(r#"{{"Name": "{name}"}}"#);
        process.ok("PATCH", "/_emulator/images/m-001", &patch);
    }
    assert_eq!(faults.n_syncs() - before, n_syncs);
}

#[test]
fn an_unknown_durability_is_refused_with_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = crate::support::run(folder.path(), &["--durability", "some"], "");
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(
        outcome.stderr.contains("[possible values: full, normal]"),
        "{outcome:?}"
    );
}
