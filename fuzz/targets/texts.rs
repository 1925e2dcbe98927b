//! Texts that become values: parameters, names, times. No request, so it is fast.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use swas_emulator::internals::{
    CheckpointName, ListCustomImagesRequest, Params, Regions, SandboxName, Span, Timestamp,
};

static REGIONS: LazyLock<Regions> = LazyLock::new(Regions::default);

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let (query, form) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    if let Ok(params) = Params::parse(query, form) {
        check_params(params);
    }
    if let Ok(text) = str::from_utf8(query) {
        check_text(text);
    }
});

/// The laws of parameters.
fn check_params(mut params: Params) {
    let all = owned(params.iter());
    let first = owned(params.iter_first());
    let n_bytes: usize = all
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    assert!(params.n_bytes() >= n_bytes);
    for (name, value) in &first {
        let value = Some(&**value).filter(|value| !value.is_empty());
        assert_eq!(params.value(name), value);
    }
    assert_eq!(params.repeated().is_empty(), all.len() == first.len());
    if let Some((name, _)) = first.first() {
        assert!(params.without(name).value(name).is_none());
    }
    if let Ok(request) = ListCustomImagesRequest::parse(&params, &REGIONS) {
        assert!((1..=100).contains(&request.page.size.n_images()));
    }
    params.replace(|name, _| name.contains('k').then_some("***"));
    for ((name, value), (name_before, before)) in params.iter().zip(&all) {
        assert_eq!(name, name_before);
        assert_eq!(value, if name.contains('k') { "***" } else { before });
    }
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What is printed is read back.
fn check_text(text: &str) {
    if let Some(at) = Timestamp::parse(text) {
        assert_eq!(
            Timestamp::parse(&at.to_string()).map(|at| at.unix_s()),
            Some(at.unix_s())
        );
    }
    Span::parse(text);
    if let Ok(name) = SandboxName::parse(text) {
        assert_eq!(name.as_str(), text);
    }
    CheckpointName::parse(text).ok();
}
