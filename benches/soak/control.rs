//! Requests of the control API, one kind for each thing that it can do.

use crate::draw::Draw;
use crate::lane::Kind;

/// A kind and its weight: most calls are cheap, a few work on the whole sandbox.
const fn kind(name: &'static str, weight: u64, make: fn(&mut Draw) -> String) -> Kind {
    Kind { name, weight, make }
}

pub(crate) const KINDS: [Kind; 32] = [
    kind("livez", 20, |_| own("GET", "/livez", "")),
    kind("readyz", 5, |_| own("GET", "/readyz", "")),
    kind("health", 5, |_| own("GET", "/_emulator/health", "")),
    kind("openapi", 1, |_| own("GET", "/_emulator/openapi.json", "")),
    kind("put one image", 30, |draw| {
        let image = image(draw);
        let id = draw.below(100);
        let image = format!("{{\"ImageId\":\"m-soak-{id}\",{image}");
        of(draw, "PUT", &format!("images/m-soak-{id}"), &image)
    }),
    kind("put images", 10, |draw| {
        let images: Vec<String> = (0..5)
            .map(|idx| {
                let id = (draw.below(20) * 5) + idx;
                format!("{{\"ImageId\":\"m-soak-{id}\",{}", image(draw))
            })
            .collect();
        of(draw, "PUT", "images", &format!("[{}]", images.join(",")))
    }),
    kind("patch", 30, |draw| {
        let body = format!("{{\"Description\":\"{}\"}}", draw.number());
        let path = format!("images/m-soak-{}", draw.below(100));
        of(draw, "PATCH", &path, &body)
    }),
    kind("read images", 10, |draw| {
        let page = 1 + draw.below(3);
        of(
            draw,
            "GET",
            &format!("images?pageSize=20&pageNumber={page}"),
            "",
        )
    }),
    kind("delete one image", 10, |draw| {
        let path = format!("images/m-soak-{}", draw.below(100));
        of(draw, "DELETE", &path, "")
    }),
    kind("delete images", 1, |draw| of(draw, "DELETE", "images", "")),
    kind("generate", 3, |draw| {
        of(draw, "POST", "generate", "{\"count\":20}")
    }),
    kind("reset", 4, |draw| of(draw, "POST", "reset", "")),
    kind("take a checkpoint", 5, |draw| {
        let path = format!("checkpoints/c-{}", draw.below(3));
        of(draw, "POST", &path, "")
    }),
    kind("go to a checkpoint", 5, |draw| {
        let path = format!("reset?to=c-{}", draw.below(3));
        of(draw, "POST", &path, "")
    }),
    kind("list checkpoints", 3, |draw| {
        of(draw, "GET", "checkpoints", "")
    }),
    kind("read a checkpoint", 2, |draw| {
        let path = format!("checkpoints/c-{}", draw.below(3));
        of(draw, "GET", &path, "")
    }),
    kind("delete a checkpoint", 5, |draw| {
        let path = format!("checkpoints/c-{}", draw.below(3));
        of(draw, "DELETE", &path, "")
    }),
    kind("export", 3, |draw| of(draw, "GET", "export", "")),
    kind("read the clock", 5, |draw| of(draw, "GET", "clock", "")),
    kind("move the clock", 5, |draw| {
        of(draw, "PUT", "clock", "{\"advance\":\"1s\"}")
    }),
    kind("reset the clock", 3, |draw| of(draw, "DELETE", "clock", "")),
    kind("add a fault", 5, |draw| {
        let rule = "{\"match\":{\"accessKeyId\":\"nobody\"},\"effect\":{\"empty\":true}}";
        of(draw, "POST", "faults", rule)
    }),
    kind("list faults", 3, |draw| of(draw, "GET", "faults", "")),
    kind("delete faults", 8, |draw| of(draw, "DELETE", "faults", "")),
    kind("find requests", 3, |draw| {
        of(draw, "GET", "requests?status=200&pageSize=10", "")
    }),
    kind("count requests", 3, |draw| {
        of(draw, "POST", "requests/count", "{\"status\":200}")
    }),
    kind("verify", 3, |draw| {
        of(draw, "POST", "verify", "[{\"match\":{},\"atLeast\":0}]")
    }),
    kind("unread parameters", 1, |draw| {
        of(draw, "GET", "parameters", "")
    }),
    kind("retries", 1, |draw| of(draw, "GET", "retries", "")),
    kind("explain", 3, |draw| {
        let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
        of(
            draw,
            "GET",
            &format!("explain?{query}&ImageNames=%5B%22x%22%5D"),
            "",
        )
    }),
    kind("make a sandbox", 5, |draw| {
        let body = match draw.below(3) {
            0 => String::new(),
            1 => "{\"fixture\":\"empty\"}".to_owned(),
            _ => format!("[{{\"ImageId\":\"m-own\",{}]", image(draw)),
        };
        own("POST", "/_emulator/sandboxes", &body)
    }),
    kind("end a sandbox", 5, |draw| {
        let path = format!("/_emulator/sandboxes/ci-{}", draw.below(200));
        own("DELETE", &path, "")
    }),
];

/// The fields of an image after its id; one in four has a timeline.
fn image(draw: &mut Draw) -> String {
    let (name, number) = (draw.below(10), draw.below(50));
    let timeline = if draw.one_in(4) {
        ",\"x-timeline\":[{\"afterLists\":3,\"set\":{\"Status\":\"1\"}}]"
    } else {
        ""
    };
    format!(
        "\"RegionId\":\"cn-hangzhou\",\"Name\":\"name-{name}\",\
         \"Tags\":[{{\"Key\":\"env\",\"Value\":\"v-{number}\"}}]{timeline}}}"
    )
}

/// A control request for any sandbox.
fn of(draw: &mut Draw, method: &str, path: &str, body: &str) -> String {
    let sandbox = draw.sandbox().unwrap_or_else(|| "default".to_owned());
    let sign = if path.contains('?') { '&' } else { '?' };
    own(
        method,
        &format!("/_emulator/{path}{sign}sandbox={sandbox}"),
        body,
    )
}

/// A request for one of our own paths.
pub(crate) fn own(method: &str, path: &str, body: &str) -> String {
    let n_bytes = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {n_bytes}\r\n\r\n{body}"
    )
}
