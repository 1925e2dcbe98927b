//! A request for the vendor's API: its query on the first line, its form on those after it.

#![no_main]

use std::sync::LazyLock;

use http::{Request, Uri};
use libfuzzer_sys::{Corpus, fuzz_target};
use swas_emulator_fuzz::Subject;

static SUBJECT: LazyLock<Subject> = LazyLock::new(Subject::start);

fuzz_target!(|input: &[u8]| -> Corpus {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let (query, form) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let Ok(uri) = Uri::try_from([b"/?", query].concat()) else {
        return Corpus::Reject;
    };
    // The parameters win where both are there.
    let request = Request::builder()
        .method("POST")
        .uri(uri)
        .header("host", "swas.test");
    let request = request
        .header("x-acs-action", "ListCustomImages")
        .header("x-acs-version", "2020-06-01");
    if let Some(answer) = SUBJECT.ask(request.body(form.to_vec()).unwrap()) {
        answer.assert_vendor();
    }
    Corpus::Keep
});
