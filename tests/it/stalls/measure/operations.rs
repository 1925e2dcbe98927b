//! What the one client does, in groups that each begin with the seed.

use super::client::{Reading, form, list, own};
use super::images::{self, INSTANCE, PUT, SNAPSHOT};

/// Operations one after the other, on one server.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) operations: fn(Sizes) -> Vec<Operation>,
}

/// All groups.
pub(crate) const GROUPS: [Group; 5] = [
    Group {
        name: "long texts and a timeline",
        operations: texts,
    },
    Group {
        name: "bulk changes",
        operations: changes,
    },
    Group {
        name: "wide queries",
        operations: queries,
    },
    Group {
        name: "export and kept states",
        operations: states,
    },
    Group {
        name: "import",
        operations: import,
    },
];

/// How much the operations work with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Images of the seed.
    pub(crate) n_images: u64,
}

impl Sizes {
    fn generated(self) -> u64 {
        self.n_images.min(100_000)
    }

    fn small_put(self) -> u64 {
        (self.n_images / 10).min(10_000)
    }

    fn large_put(self) -> u64 {
        (self.n_images * 45 / 100).min(45_000)
    }
}

/// Requests of one client, beside which the probes ask.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
    /// Images that the sandbox lists after it.
    pub(crate) n_listed: u64,
    /// Whether it changes no image, so that no store may grow.
    pub(crate) is_read: bool,
}

/// One request.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) request: Vec<u8>,
    pub(crate) reading: Reading,
    /// The first digit of the right status.
    pub(crate) class: u16,
}

fn step(request: Vec<u8>) -> Step {
    Step {
        request,
        reading: Reading::Fast,
        class: 2,
    }
}

fn operation(name: &str, n_listed: u64, steps: impl IntoIterator<Item = Vec<u8>>) -> Operation {
    Operation {
        name: name.to_owned(),
        steps: steps.into_iter().map(step).collect(),
        n_listed,
        is_read: false,
    }
}

fn read(name: &str, sizes: Sizes, steps: impl IntoIterator<Item = Vec<u8>>) -> Operation {
    Operation {
        is_read: true,
        ..operation(name, sizes.n_images, steps)
    }
}

/// Texts of a mebibyte where a short name belongs; and a timeline that is pending all the time.
fn texts(sizes: Sizes) -> Vec<Operation> {
    let long = "ListCustomImages".repeat(65_000);
    let version = "Version=2020-06-01";
    let refused = |name: &str, query: String| {
        let mut refused = read(name, sizes, [form(&query), form(&query)]);
        for step in &mut refused.steps {
            step.class = 4;
        }
        refused
    };
    let listed = format!("Action=ListCustomImages&{version}");
    let region = "RegionId=cn-hangzhou";
    let action = format!("Action={long}&{version}");
    let key = format!("{listed}&{region}&AccessKeyId=ci%2B{long}");
    let unknown = format!("{listed}&{region}&{long}=1");
    let long_id = "i".repeat(900_000);
    let ids = (0..150).map(|n| form(&format!("{listed}&{region}&InstanceId={n}{long_id}")));
    let pending = format!(
        "{{\"ImageId\":\"{}\",\"RegionId\":\"cn-hangzhou\",\"Name\":\"web\",\
         \"x-timeline\":[{{\"afterLists\":1000000,\"set\":{{\"Status\":\"0\"}}}}]}}",
        images::id(0)
    );
    let path = format!("/_emulator/images/{}", images::id(0));
    let put = own("PUT", &path, pending.as_bytes());
    let pages = (1..=200).map(|page| list(&format!("&PageNumber={page}")));
    vec![
        refused("POST with an Action of 1 MB", action),
        refused(
            "POST with a RegionId of 1 MB",
            format!("{listed}&RegionId={long}"),
        ),
        read(
            "POST with an unknown parameter of 1 MB",
            sizes,
            [form(&unknown), form(&unknown)],
        ),
        refused("POST with a magic key of 1 MB", key),
        read("150 POSTs with an InstanceId of 900 kB", sizes, ids),
        operation(
            "a pending timeline, 200 listings",
            sizes.n_images,
            [put].into_iter().chain(pages),
        ),
    ]
}

fn changes(sizes: Sizes) -> Vec<Operation> {
    let n = sizes.n_images;
    let (generated, small, large) = (sizes.generated(), sizes.small_put(), sizes.large_put());
    let one = format!("/_emulator/images/{}", images::id(1));
    let patch = own("PATCH", &one, b"{\"Description\":\"changed\"}");
    let generate = || {
        let wish = format!("{{\"count\":{generated},\"rngSeed\":7,\"regions\":[\"cn-hangzhou\"]}}");
        own("POST", "/_emulator/generate", wish.as_bytes())
    };
    let put =
        |n_images, prefix: &str| own("PUT", "/_emulator/images", &images::more(n_images, prefix));
    let delete = || own("DELETE", "/_emulator/images", b"");
    let reset = || own("POST", "/_emulator/reset", b"");
    let all = n + generated + small + large;
    vec![
        operation("PATCH of one image, the first change", n, [patch]),
        operation(
            &format!("generate {generated}"),
            n + generated,
            [generate()],
        ),
        operation(
            &format!("PUT of {small}"),
            n + generated + small,
            [put(small, PUT)],
        ),
        operation(&format!("PUT of {large}"), all, [put(large, "m-large")]),
        operation("reset after it", n, [reset()]),
        operation("DELETE of all", 0, [delete()]),
        operation(
            &format!("generate {generated} after it"),
            generated,
            [generate()],
        ),
        operation("reset after that", n, [reset()]),
        operation("DELETE of all again", 0, [delete()]),
        operation("reset after DELETE of all", n, [reset()]),
    ]
}

/// Filters that every image passes; those of a deep page are others than those of page 1.
fn queries(sizes: Sizes) -> Vec<Operation> {
    let deep = sizes.n_images / 20;
    let query = |name: &str, parameters: &str, page: u64| {
        // Another size each time, so that the cache does not answer.
        let page = |size| list(&format!("{parameters}&PageNumber={page}&PageSize={size}"));
        read(name, sizes, (10..15).map(page))
    };
    let name = "&ImageNames=%5B%22web%22%5D";
    let instance = format!("&InstanceId={INSTANCE}");
    let snapshot = format!("&SystemSnapshotId={SNAPSHOT}");
    let keys = "&Tag.1.Key=env&Tag.2.Key=tier&Tag.3.Key=team";
    let other_keys = "&Tag.1.Key=env&Tag.2.Key=tier&Tag.3.Key=build";
    let and_tier = |filter: &str| format!("{filter}&Tag.1.Key=tier");
    let nothing = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou\
                   &ImageNames=%5B%22wev%22%5D&Tag.1.Key=env&Tag.1.Value=Prod";
    let explain = own("GET", &format!("/_emulator/explain?{nothing}"), b"");
    vec![
        query("a tag key without a value", "&Tag.1.Key=env", 1),
        query("another tag key, a deep page", "&Tag.1.Key=build", deep),
        query("three tag keys", keys, 1),
        query("three tag keys, a deep page", other_keys, deep),
        query("a name of all", name, 1),
        query("a name of all, a deep page", &and_tier(name), deep),
        query("an instance of all", &instance, 1),
        query(
            "an instance of all, a deep page",
            &and_tier(&instance),
            deep,
        ),
        query("a snapshot of all", &snapshot, 1),
        query("a snapshot of all, a deep page", &and_tier(&snapshot), deep),
        read(
            "explain of an empty list",
            sizes,
            [explain.clone(), explain],
        ),
    ]
}

fn states(sizes: Sizes) -> Vec<Operation> {
    let n = sizes.n_images;
    let put = sizes.small_put();
    let export = || own("GET", "/_emulator/export", b"");
    let kept = |method: &str| own(method, "/_emulator/checkpoints/kept", b"");
    let one = format!("/_emulator/images/{}", images::id(2));
    let reset = || own("POST", "/_emulator/reset", b"");
    let back = || own("POST", "/_emulator/reset?to=kept", b"");
    let more = own("PUT", "/_emulator/images", &images::more(put, PUT));
    let delete = own("DELETE", "/_emulator/images", b"");
    let mut slow = read("export, read slowly", sizes, [export()]);
    slow.steps[0].reading = Reading::Slow;
    let mut kept_export = operation("export the checkpoint", n - 1, [kept("GET")]);
    kept_export.is_read = true;
    vec![
        read("export", sizes, [export()]),
        slow,
        operation("take a checkpoint", n, [kept("POST")]),
        operation("DELETE of one image", n - 1, [own("DELETE", &one, b"")]),
        operation("take it again", n - 1, [kept("POST")]),
        operation("reset to the seed", n, [reset()]),
        operation("go back to the checkpoint", n - 1, [back()]),
        operation(&format!("PUT of {put} after it"), n - 1 + put, [more]),
        operation("go back after the PUT", n - 1, [back()]),
        operation("DELETE of all after it", 0, [delete]),
        operation("go back after the DELETE", n - 1, [back()]),
        kept_export,
        operation("delete the checkpoint", n - 1, [kept("DELETE")]),
    ]
}

fn import(sizes: Sizes) -> Vec<Operation> {
    let n = sizes.n_images;
    let put = own("PUT", "/_emulator/images", &images::more(n, PUT));
    vec![
        operation(
            "reset to nothing",
            0,
            [own("POST", "/_emulator/reset?to=empty", b"")],
        ),
        operation(&format!("PUT of {n} into nothing"), n, [put]),
    ]
}
