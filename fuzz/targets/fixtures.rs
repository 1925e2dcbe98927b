//! Fixtures: read whole, read piece by piece, and seeded, exported and read again.

#![no_main]

use std::io::{self, Read};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use swas_emulator::internals::entries_of;
use swas_emulator::{Fixture, check_fixtures};
use swas_emulator_fuzz::Subject;

static SUBJECT: LazyLock<Subject> = LazyLock::new(Subject::start);

/// Gives a text in pieces of this size, as a slow pipe does.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.1.min(buffer.len());
        (&mut self.0).take(n_bytes as u64).read(buffer)
    }
}

fuzz_target!(|input: &[u8]| {
    let whole = entries_of(input);
    for piece in [1, 7] {
        assert_eq!(entries_of(Pieces(input, piece)), whole);
    }
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let fixture = Fixture::from_json("f.json", text);
    let checked = check_fixtures(std::slice::from_ref(&fixture), &[]);
    let Ok(n_images) = checked else { return };
    let sandbox = SUBJECT.sandbox("f");
    sandbox.seed(fixture).unwrap();
    assert!(
        serde_json::from_str::<Value>(text).is_ok(),
        "a fixture that is no JSON"
    );
    assert!(whole.is_ok());
    let n_counted: u64 = sandbox.counts().unwrap().values().sum();
    assert_eq!(n_counted, n_images as u64);
    let export = sandbox.export().unwrap();
    sandbox
        .seed(Fixture::from_json("export.json", &*export))
        .unwrap();
    assert_eq!(sandbox.export().unwrap(), export);
    SUBJECT.control("DELETE", "/_emulator/sandboxes/f", "");
});
