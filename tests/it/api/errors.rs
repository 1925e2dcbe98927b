//! Every error that can be answered: its exact status, code and text, in JSON and in XML.
//!
//! `InternalError` needs a fault, and `ServiceUnavailable` time or a seed that is not in: they are
//! shown in `database`, `tests/panic.rs`, `health` and `clients_that_stall`.
//! `IdempotentParameterMismatch` needs an action that changes something: `client_tokens`.

use std::fs;
use std::path::Path;

use crate::support::{ACTION, World};

/// Where the expected texts come from; all read on 2026-11-24.
const GATEWAY: &str = "the vendor's table of public gateway error codes";
const OURS: &str = "our reading; the vendor documents no text";

/// A request that is refused, and how.
pub(crate) struct Refusal {
    method: &'static str,
    pub(crate) target: &'static str,
    content_type: &'static str,
    body: Body,
    status: u16,
    code: &'static str,
    message: &'static str,
    source: &'static str,
}

#[derive(Clone, Copy)]
enum Body {
    None,
    Text(&'static str),
    Bytes(usize),
}

const fn refused(
    target: &'static str,
    code: &'static str,
    message: &'static str,
    source: &'static str,
) -> Refusal {
    Refusal {
        method: "GET",
        target,
        content_type: "application/x-www-form-urlencoded",
        body: Body::None,
        status: 400,
        code,
        message,
        source,
    }
}

/// A target with the action and the region, and one more parameter.
macro_rules! list {
    ($parameter:literal) => {
        concat!(
            "/?Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou&",
            $parameter
        )
    };
}

pub(crate) const REFUSALS: [Refusal; 25] = [
    refused(
        "/",
        "MissingAction",
        "Action is mandatory for this action.",
        GATEWAY,
    ),
    refused(
        "/?Action=ListCustomImages",
        "MissingVersion",
        "Version is mandatory for this action.",
        GATEWAY,
    ),
    refused(
        "/?Action=ListCustomImages&Version=2014-05-26",
        "InvalidVersion",
        "Specified parameter Version is not valid.",
        GATEWAY,
    ),
    Refusal {
        status: 404,
        ..refused(
            "/?Action=ListCustomImage&Version=2020-06-01",
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
            GATEWAY,
        )
    },
    Refusal {
        status: 404,
        ..refused(
            "/images",
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
            GATEWAY,
        )
    },
    refused(
        "/?Action=ListImages&Version=2020-06-01",
        "NotImplemented",
        "ListImages is not emulated; this emulator answers ListCustomImages, ListRegions.",
        OURS,
    ),
    refused(
        list!("Format=YAML"),
        "InvalidParameter.Format",
        "Specified parameter format is not valid.",
        GATEWAY,
    ),
    refused(
        "/?Action=ListCustomImages&Version=2020-06-01",
        "MissingRegionId",
        "RegionId is mandatory for this action.",
        GATEWAY,
    ),
    refused(
        "/?Action=ListCustomImages&Version=2020-06-01&RegionId=nowhere",
        "InvalidRegionId",
        "Specified parameter RegionId is not valid.",
        GATEWAY,
    ),
    refused(
        list!("ClientToken=%C3%A9"),
        "InvalidClientToken",
        "Specified parameter ClientToken is not valid.",
        GATEWAY,
    ),
    refused(
        list!("ImageIds=,"),
        "InvalidImageIds",
        "Specified parameter ImageIds is not valid.",
        GATEWAY,
    ),
    refused(
        list!("ImageNames=%5B"),
        "InvalidImageNames",
        "Specified parameter ImageNames is not valid.",
        GATEWAY,
    ),
    refused(
        list!("PageSize=101"),
        "InvalidPageSize",
        "Specified parameter PageSize is not valid.",
        GATEWAY,
    ),
    refused(
        list!("PageNumber=0"),
        "InvalidPageNumber",
        "Specified parameter PageNumber is not valid.",
        GATEWAY,
    ),
    refused(
        list!("Tag.21.Key=k"),
        "InvalidTag",
        "Specified parameter Tag is not valid.",
        GATEWAY,
    ),
    refused(
        list!("Tag.3.Value=v"),
        "InvalidTag.3.Key",
        "Specified parameter Tag.3.Key is not valid.",
        GATEWAY,
    ),
    refused(
        list!(
            "Tag.3.Key=k&Tag.3.Value=12345678901234567890123456789012345678901234567890123456789012345"
        ),
        "InvalidTag.3.Value",
        "Specified parameter Tag.3.Value is not valid.",
        GATEWAY,
    ),
    refused(
        list!("Share=1"),
        "InvalidShare",
        "Specified parameter Share is not valid.",
        GATEWAY,
    ),
    Refusal {
        method: "DELETE",
        status: 405,
        ..refused(
            "/",
            "UnsupportedHTTPMethod",
            "This http method not supported.",
            GATEWAY,
        )
    },
    Refusal {
        method: "POST",
        body: Body::Bytes((1 << 20) + 1),
        status: 413,
        ..refused(
            "/",
            "RequestTooLarge",
            "The request body is too large.",
            OURS,
        )
    },
    Refusal {
        method: "POST",
        content_type: "application/json",
        body: Body::Text("{}"),
        status: 415,
        ..refused(
            "/",
            "UnsupportedContentType",
            "The content type of the request body is not supported.",
            OURS,
        )
    },
    refused(
        "/?Action=%zz",
        "InvalidEncoding",
        "The parameters of the request are not correctly encoded.",
        OURS,
    ),
    Refusal {
        method: "POST",
        body: Body::Text("Action=%FF"),
        ..refused(
            "/",
            "InvalidEncoding",
            "The parameters of the request are not correctly encoded.",
            OURS,
        )
    },
    Refusal {
        method: "POST",
        body: Body::Bytes(2_001),
        ..refused(
            "/",
            "TooManyParameters",
            "The request has too many parameters.",
            OURS,
        )
    },
    refused(
        "/?Action=&Version=",
        "MissingAction",
        "Action is mandatory for this action.",
        GATEWAY,
    ),
];

impl Refusal {
    /// The query of a refusal that depends on nothing else.
    pub(crate) fn query(&self) -> Option<&'static str> {
        let is_query = self.method == "GET" && matches!(self.body, Body::None);
        let query = self.target.strip_prefix('/').filter(|_| is_query)?;
        query
            .strip_prefix('?')
            .or_else(|| query.is_empty().then_some(""))
    }

    pub(crate) fn bytes(&self, accept: &str) -> String {
        let body = match self.body {
            Body::None => String::new(),
            Body::Text(text) => text.to_owned(),
            // Parameters of two bytes each.
            Body::Bytes(n_bytes) => "a&".repeat(n_bytes.div_ceil(2))[..n_bytes].to_owned(),
        };
        let (method, target, content_type) = (self.method, self.target, self.content_type);
        let n_bytes = body.len();
        format!(
            "{method} {target} HTTP/1.1\r\nHost: swas.test\r\nAccept: {accept}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {n_bytes}\r\n\r\n{body}"
        )
    }
}

async fn assert_every_refusal(accept: &str, is_xml: bool) {
    let world = World::empty().await;
    for refusal in &REFUSALS {
        let mut raw = world.raw();
        raw.send(refusal.bytes(accept));
        let answer = raw.answer();
        let told = format!("source: {}; {answer:?}", refusal.source);
        answer.assert_invariants("swas.test");
        assert_eq!(answer.status, refusal.status, "{told}");
        assert_eq!(answer.code(), refusal.code, "{told}");
        assert_eq!(answer.field("Message"), refusal.message, "{told}");
        assert_eq!(answer.is_xml(), is_xml, "{told}");
    }
}

#[tokio::test]
async fn every_refusal_has_its_status_code_and_text_in_json() {
    assert_every_refusal("application/json", false).await;
}

#[tokio::test]
async fn every_refusal_has_its_status_code_and_text_in_xml() {
    assert_every_refusal("text/xml", true).await;
}

/// The table above would not notice a code that is added; the sources are asked for theirs.
#[test]
fn no_fixed_code_is_missing_in_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wire/codes.rs");
    let text = fs::read_to_string(path).unwrap();
    let codes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("Self::new(")?.1.split('"').nth(1))
        .collect();
    assert!(codes.len() >= 9, "{codes:?}");
    // Shown elsewhere, as the head of this file says.
    let elsewhere = [
        "InternalError",
        "ServiceUnavailable",
        "IdempotentParameterMismatch",
    ];
    for code in codes {
        let shown = REFUSALS.iter().any(|refusal| refusal.code == code);
        assert!(shown || elsewhere.contains(&code), "{code} is not shown");
    }
}

#[tokio::test]
async fn the_reason_names_the_value_and_the_rule_and_stays_out_of_the_body() {
    let world = World::empty().await;
    let answer = world.list("PageSize=101").await;
    assert_eq!(answer.reason(), "`PageSize` must be in 1..=100, got 101");
    let body = answer.redacted();
    let body = body.replace(&world.address().to_string(), "HOST");
    assert!(!body.contains("101"), "{body}");

    let answer = world.get(&format!("{ACTION}&RegionId=cn-hangzhuo")).await;
    assert_eq!(
        answer.reason(),
        "`RegionId` must be a known region, got `cn-hangzhuo`, did you mean `cn-hangzhou`?"
    );
    let query = "Action=ListCustomImage&Version=2020-06-01";
    let answer = world.get(query).await;
    assert_eq!(
        answer.reason(),
        "SWAS-OPEN has no action `ListCustomImage`, did you mean `ListCustomImages`?"
    );
    let answer = world.list("Share=%0D%0AX-Evil:%201%25%E7%BD%91").await;
    assert_eq!(answer.code(), "InvalidShare");
    assert_eq!(
        answer.reason(),
        "`Share` must be `true` or `false`, got `%0D%0AX-Evil: 1%25%E7%BD%91`"
    );
    assert_eq!(answer.header("x-evil"), None);
}

#[tokio::test]
async fn a_reason_has_at_most_1_kib_however_long_the_value_is() {
    let world = World::empty().await;
    let answer = world
        .list(&format!("Share={}", "%C3%A9".repeat(2_000)))
        .await;
    assert_eq!(answer.code(), "InvalidShare");
    // The invariants hold the header to 1 KiB; it must not be much shorter either.
    assert!(answer.reason().len() > 1_000, "{}", answer.reason().len());
    assert!(answer.reason().ends_with("..."), "{}", answer.reason());
}
