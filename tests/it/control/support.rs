//! What the tests of sandboxes and of the control API share: an emulator and a client of both APIs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use swas_emulator::{Emulator, EmulatorBuilder, Fixture, SandboxHandle};

use crate::control::openapi::assert_documented;

/// Three images of one region and one of another, in the order of their ids.
pub(crate) static SEED: LazyLock<String> = LazyLock::new(|| {
    fixture(&[
        image("m-1", json!({"CreationTime": "2026-01-03T00:00:00Z"})),
        image(
            "m-2",
            json!({"CreationTime": "2026-01-02T00:00:00Z", "Status": "0"}),
        ),
        image(
            "m-3",
            json!({"CreationTime": "2026-01-01T00:00:00Z", "Tags": [{"Key": "env", "Value": "测试"}]}),
        ),
        image(
            "m-4",
            json!({"RegionId": "cn-shanghai", "CreationTime": "2026-01-01T00:00:00Z"}),
        ),
    ])
});

/// An emulator on a port of its own.
#[derive(Debug)]
pub(crate) struct World {
    emulator: Emulator,
    client: reqwest::Client,
}

/// An answer of the control API, held to the document.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub allow: Option<String>,
    pub body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("no JSON: {error}: {self:?}"))
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.error("code")
    }

    /// A part of a refusal: `code`, `message` or `hint`.
    pub(crate) fn error(&self, part: &str) -> String {
        let text = &self.json()["error"][part];
        text.as_str()
            .unwrap_or_else(|| panic!("no {part}: {self:?}"))
            .to_owned()
    }
}

impl World {
    /// All requests share one sandbox, seeded with [`SEED`].
    pub(crate) async fn shared() -> Self {
        Self::start(Emulator::builder().fixture(seed())).await
    }

    /// Each AccessKeyId has a sandbox, seeded with [`SEED`].
    pub(crate) async fn isolated() -> Self {
        Self::start(isolated()).await
    }

    pub(crate) async fn start(builder: EmulatorBuilder) -> Self {
        Self {
            emulator: builder.start().await.unwrap(),
            client: client(),
        }
    }

    /// A request of the vendor's API, by its whole query.
    pub(crate) async fn query(&self, query: &str) -> (u16, String) {
        let response = self.open(&format!("/?{query}")).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// A request for all images of cn-hangzhou, whether or not an answer comes.
    pub(crate) async fn try_to_ask(&self, parameters: &str) {
        let endpoint = self.emulator.endpoint();
        let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
        let request = self.client.get(format!("{endpoint}/?{query}&{parameters}"));
        request.send().await.ok();
    }

    /// A GET whose answer is yet to be read.
    pub(crate) async fn open(&self, path: &str) -> reqwest::Response {
        let url = format!("{}{path}", self.emulator.endpoint());
        self.client.get(url).send().await.unwrap()
    }

    /// What a GET answers to a person.
    pub(crate) async fn text(&self, path: &str) -> String {
        let url = format!("{}{path}", self.emulator.endpoint());
        let request = self.client.get(url).header("accept", "text/plain");
        request.send().await.unwrap().text().await.unwrap()
    }

    /// Stops the emulator as a signal does.
    pub(crate) async fn stop(self) {
        self.emulator.shutdown().await;
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub(crate) fn sandbox(&self, name: &str) -> SandboxHandle {
        self.emulator.sandbox(name)
    }

    /// A control request, whatever becomes of it.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Reply {
        let endpoint = self.emulator.endpoint();
        control(&self.client, &endpoint, method, path, body).await
    }

    /// A control request that must succeed; gives the answer's body.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: &str) -> Value {
        let reply = self.control(method, path, body).await;
        assert!(reply.status < 300, "{method} {path}: {reply:?}");
        reply.json()
    }

    /// A control request that must be refused with this status and code.
    pub(crate) async fn refused(
        &self,
        (method, path, body): (&str, &str, &str),
        status: u16,
        code: &str,
    ) -> Reply {
        let reply = self.control(method, path, body).await;
        let got = (reply.status, reply.code());
        assert_eq!(got, (status, code.to_owned()), "{method} {path}: {reply:?}");
        reply
    }

    /// The fixture that a sandbox exports, as text.
    pub(crate) async fn export(&self, sandbox: &str) -> String {
        let path = format!("/_emulator/export?sandbox={sandbox}");
        let reply = self.control("GET", &path, "").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body
    }

    /// The ids of all images of a sandbox, in the order of the export.
    pub(crate) async fn ids(&self, sandbox: &str) -> Vec<String> {
        let fixture: Value = serde_json::from_str(&self.export(sandbox).await).unwrap();
        ids(&fixture)
    }

    /// What the vendor's API answers to a key that asks for all images of cn-hangzhou.
    pub(crate) async fn listing(&self, access_key_id: &str) -> Value {
        let (status, body) = self.ask(&format!("AccessKeyId={access_key_id}"), &[]).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The ids of that listing: newest first.
    pub(crate) async fn listed(&self, access_key_id: &str) -> Vec<String> {
        ids(&self.listing(access_key_id).await)
    }

    /// The status of an image, as the vendor's API tells it; asking counts as a listing.
    pub(crate) async fn status(&self, access_key_id: &str, image_id: &str) -> String {
        let listing = self.listing(access_key_id).await;
        let images = listing["CustomImages"].as_array().unwrap();
        let image = images.iter().find(|image| image["ImageId"] == image_id);
        image.unwrap()["Status"].as_str().unwrap().to_owned()
    }

    /// A request for all images of cn-hangzhou, with more parameters and headers.
    pub(crate) async fn ask(&self, parameters: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let endpoint = self.emulator.endpoint();
        let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou&PageSize=100";
        let mut request = self.client.get(format!("{endpoint}/?{query}&{parameters}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// What is told of a sandbox; `None` when there is none.
    pub(crate) async fn summary(&self, name: &str) -> Option<Value> {
        let all = self.ok("GET", "/_emulator/sandboxes", "").await;
        let all = all["sandboxes"].as_array().unwrap();
        all.iter()
            .find(|summary| summary["accessKeyId"] == name)
            .cloned()
    }

    /// The memory that a sandbox alone takes.
    pub(crate) async fn bytes(&self, name: &str) -> u64 {
        self.summary(name).await.unwrap()["bytes"].as_u64().unwrap()
    }
}

/// An HTTP answer, as it came.
#[derive(Debug)]
pub(crate) struct Raw {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl World {
    /// Sends a request byte for byte, since an HTTP client takes `..` and `%2e` out of a path; the
    /// headers, with the host, are the caller's.
    pub(crate) fn raw(&self, request_line: &str, headers: &str, body: &str) -> Raw {
        let length = body.len();
        let mut stream = TcpStream::connect(self.emulator.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        let request = format!(
            "{request_line} HTTP/1.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Raw {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// A control request with the path byte for byte, held to the document.
    pub(crate) fn control_raw(&self, method: &str, path: &str, body: &str) -> Reply {
        let raw = self.raw(&format!("{method} {path}"), "Host: localhost\r\n", body);
        let reply = Reply {
            status: raw.status,
            allow: None,
            body: raw.body,
        };
        assert_documented(method, path, reply.status, &reply.json());
        reply
    }
}

/// A client that no proxy of the developer's gets in the way of.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A control request, held to the document.
pub(crate) async fn control(
    client: &reqwest::Client,
    endpoint: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Reply {
    let request = client.request(method.parse().unwrap(), format!("{endpoint}{path}"));
    let response = request.body(body.to_owned()).send().await.unwrap();
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(
        header("x-emulator-version").as_deref(),
        Some(swas_emulator::VERSION)
    );
    let allow = header("allow");
    let reply = Reply {
        status: response.status().as_u16(),
        allow,
        body: response.text().await.unwrap(),
    };
    if method != "HEAD" {
        assert_documented(method, path, reply.status, &reply.json());
    }
    if reply.status >= 400 && method != "HEAD" {
        for part in ["code", "message", "hint"] {
            assert!(!reply.error(part).is_empty(), "no {part}: {reply:?}");
        }
    }
    reply
}

/// The ids of the images of a listing or a fixture.
pub(crate) fn ids(answer: &Value) -> Vec<String> {
    let images = answer["CustomImages"].as_array().unwrap().iter();
    let ids = images.map(|image| image["ImageId"].as_str().unwrap().to_owned());
    ids.collect()
}

pub(crate) fn seed() -> Fixture {
    Fixture::from_json("seed.json", SEED.as_str())
}

/// An emulator with isolation, seeded with [`SEED`].
pub(crate) fn isolated() -> EmulatorBuilder {
    Emulator::builder().fixture(seed()).isolate()
}

/// Percent-encodes a name for a path or a query.
pub(crate) fn encode(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// A fixture's text with these images.
pub(crate) fn fixture(images: &[Value]) -> String {
    json!({"CustomImages": images}).to_string()
}

/// An image of cn-hangzhou, with more fields or other values for the usual ones.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal at every call reads best without a reference"
)]
pub(crate) fn image(id: &str, more: Value) -> Value {
    let mut image = json!({"ImageId": id, "RegionId": "cn-hangzhou", "Name": id});
    for (name, value) in more.as_object().unwrap() {
        image[name] = value.clone();
    }
    image
}
