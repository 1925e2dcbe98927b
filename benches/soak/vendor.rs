//! Requests of the vendor's API, with all parameters, right and wrong.

use crate::draw::Draw;
use crate::lane::Kind;
use crate::process::SANDBOXES_MAX;

pub(crate) const KINDS: [Kind; 7] = [
    Kind {
        name: "page 1",
        weight: 300,
        make: |draw| sent(draw, "ListCustomImages", "&RegionId=cn-hangzhou"),
    },
    Kind {
        name: "filters",
        weight: 400,
        make: |draw| {
            let filters = filters(draw);
            sent(draw, "ListCustomImages", &filters)
        },
    },
    Kind {
        name: "regions",
        weight: 40,
        make: |draw| {
            let language = draw.pick(&["", "&AcceptLanguage=zh-CN", "&AcceptLanguage=en-US"]);
            sent(draw, "ListRegions", language)
        },
    },
    Kind {
        name: "client token",
        weight: 30,
        make: |draw| {
            let parameters = format!("&RegionId=cn-hangzhou&ClientToken={:x}", draw.number());
            sent(draw, "ListCustomImages", &parameters)
        },
    },
    Kind {
        name: "refused parameters",
        weight: 60,
        make: |draw| {
            let wrong = draw.pick(&[
                "&PageSize=101",
                "&PageNumber=0",
                "&RegionId=nowhere",
                "&ImageIds=x",
                "&Tag.21.Key=a",
                "&Share=maybe",
                "&InstanceId=%FF",
            ]);
            sent(draw, "ListCustomImages", wrong)
        },
    },
    Kind {
        name: "refused action",
        weight: 20,
        make: |draw| {
            let action = draw.pick(&["ListFirewallRules", "ListCustomImage", "%00"]);
            sent(draw, action, "&RegionId=cn-hangzhou")
        },
    },
    Kind {
        name: "magic key",
        weight: 30,
        make: |draw| {
            // Struck once each in a sandbox that may be new by the next time.
            let number = draw.below(2 * SANDBOXES_MAX);
            let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
            let key = format!("ci-{number}%2BThrottling.User%3A1");
            format!("GET /?{query}&AccessKeyId={key} HTTP/1.1\r\nHost: swas.test\r\n\r\n")
        },
    },
];

/// Any of the filters, each one time in three, with a value that some images have or none.
fn filters(draw: &mut Draw) -> String {
    let mut query = format!("&RegionId={}", draw.pick(&["cn-hangzhou", "cn-shanghai"]));
    let mut add = |draw: &mut Draw, text: String| {
        if draw.one_in(3) {
            query.push_str(&text);
        }
    };
    let number = draw.number();
    let size = draw.below(100) + 1;
    let page = draw.below(5) + 1;
    add(draw, format!("&PageSize={size}"));
    add(draw, format!("&PageNumber={page}"));
    add(
        draw,
        format!("&ImageIds=%5B%22m-soak-{}%22%5D", number % 100),
    );
    add(
        draw,
        format!("&ImageNames=%5B%22name-{}%22%5D", number % 10),
    );
    add(draw, format!("&InstanceId={:032x}", number % 10));
    add(draw, format!("&SystemSnapshotId=s-{}", number % 1_000));
    add(draw, format!("&DataSnapshotId=s-{number}"));
    add(draw, format!("&ResourceGroupId=rg-{}", number % 20));
    add(draw, format!("&Share={}", number.is_multiple_of(2)));
    add(
        draw,
        format!("&Tag.1.Key=env&Tag.1.Value=v-{}", number % 50),
    );
    add(draw, "&Tag.2.Key=team".to_owned());
    add(draw, format!("&Unknown{}=1", number % 100));
    add(draw, "&Format=XML".to_owned());
    query
}

/// A call by GET or as a form, of any sandbox.
fn sent(draw: &mut Draw, action: &str, parameters: &str) -> String {
    let mut query = format!("Action={action}&Version=2020-06-01{parameters}");
    if let Some(key) = draw.sandbox() {
        query = format!("{query}&AccessKeyId={key}");
    }
    let query = format!("{query}&SignatureNonce={:016x}&Signature=x", draw.number());
    let agent = draw.pick(&[
        "curl/8.5.0",
        "AlibabaCloud (linux) Python/3.11 Core/0.4.3",
        "x",
    ]);
    let headers = format!("Host: swas.test\r\nUser-Agent: {agent}\r\n");
    if draw.one_in(2) {
        return format!("GET /?{query} HTTP/1.1\r\n{headers}\r\n");
    }
    let n_bytes = query.len();
    format!(
        "POST / HTTP/1.1\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {n_bytes}\r\n\r\n{query}"
    )
}
