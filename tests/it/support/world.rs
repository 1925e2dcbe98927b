//! A running emulator in this process, and a client of both its APIs.

use std::net::SocketAddr;

use serde_json::Value;
use swas_emulator::{Emulator, EmulatorBuilder, Fixture, SandboxHandle};

use super::{Answer, LIST, Raw, fixture, ids, isolated, request, seed};

/// An emulator on a port of its own, and a client that checks every answer.
///
/// Answers of the vendor's API keep the invariants of [`Answer::assert_invariants`], those of the
/// control API the OpenAPI document.
#[derive(Debug)]
pub(crate) struct World {
    emulator: Emulator,
    client: reqwest::Client,
}

/// Starting and stopping.
impl World {
    /// Starts an emulator with these settings.
    pub(crate) async fn start(builder: EmulatorBuilder) -> Self {
        Self {
            emulator: builder.start().await.unwrap(),
            // A developer's own proxy must not get in the way.
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Starts an emulator with the images of this fixture text.
    pub(crate) async fn of(fixture: &str) -> Self {
        let fixture = Fixture::from_json("test.json", fixture);
        Self::start(Emulator::builder().fixture(fixture)).await
    }

    /// Starts an emulator without any image.
    pub(crate) async fn empty() -> Self {
        Self::of(&fixture(&[])).await
    }

    /// Starts an emulator whose requests all share one sandbox, seeded with [`seed`].
    pub(crate) async fn shared() -> Self {
        Self::start(Emulator::builder().fixture(seed())).await
    }

    /// Starts an emulator with a sandbox for each AccessKeyId, seeded with [`seed`].
    pub(crate) async fn isolated() -> Self {
        Self::start(isolated()).await
    }

    /// Stops the emulator as a signal does.
    pub(crate) async fn stop(self) {
        self.emulator.shutdown().await;
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.emulator.address()
    }

    pub(crate) fn sandbox(&self, name: &str) -> SandboxHandle {
        self.emulator.sandbox(name)
    }
}

/// Requests whose answers are not checked, or not yet.
impl World {
    /// Opens a connection to send bytes through.
    pub(crate) fn raw(&self) -> Raw {
        Raw::connect(self.address())
    }

    /// Sends bytes on a connection of their own and reads the answer, whatever it is.
    pub(crate) fn exchange(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut raw = self.raw();
        raw.send(request);
        raw.answer()
    }

    /// Begins a request; the path may have a query.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.emulator.endpoint());
        self.client.request(method.parse().unwrap(), url)
    }

    /// Sends a GET whose answer is yet to be read.
    pub(crate) async fn open(&self, path: &str) -> reqwest::Response {
        self.request("GET", path).send().await.unwrap()
    }

    /// Reads one of our own paths by GET.
    pub(crate) async fn own(&self, path: &str) -> Answer {
        Answer::to(self.request("GET", path)).await
    }
}

/// The vendor's API. Every answer is held to the invariants.
impl World {
    /// Sends this query by GET.
    pub(crate) async fn get(&self, query: &str) -> Answer {
        self.get_with(query, &[]).await
    }

    /// Sends this query by GET with more headers.
    pub(crate) async fn get_with(&self, query: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request("GET", &format!("/?{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.checked(request).await
    }

    /// Sends `ListCustomImages` for cn-hangzhou with more parameters, by GET.
    pub(crate) async fn list(&self, parameters: &str) -> Answer {
        self.list_with(parameters, &[]).await
    }

    /// Sends `ListCustomImages` for cn-hangzhou with more parameters and headers, by GET.
    pub(crate) async fn list_with(&self, parameters: &str, headers: &[(&str, &str)]) -> Answer {
        self.get_with(&format!("{LIST}&{parameters}"), headers)
            .await
    }

    /// Sends [`World::list`]'s request, whether or not an answer comes.
    pub(crate) async fn try_to_list(&self, parameters: &str) {
        let request = self.request("GET", &format!("/?{LIST}&{parameters}"));
        request.send().await.ok();
    }

    /// Sends this query and this form by POST.
    pub(crate) async fn post(&self, query: &str, form: &str) -> Answer {
        let request = self
            .request("POST", &format!("/?{query}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        self.checked(request).await
    }

    /// Sends bytes for the host `swas.test` on a connection of their own.
    pub(crate) fn sent(&self, request: impl AsRef<[u8]>) -> Answer {
        let answer = self.exchange(request);
        answer.assert_invariants("swas.test");
        answer
    }

    async fn checked(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = Answer::to(request).await;
        answer.assert_invariants(&self.address().to_string());
        answer
    }

    /// Lists up to 100 images of cn-hangzhou with this AccessKeyId.
    pub(crate) async fn listing(&self, access_key_id: &str) -> Value {
        let parameters = format!("PageSize=100&AccessKeyId={access_key_id}");
        let answer = self.list(&parameters).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The ids of that listing: newest first.
    pub(crate) async fn listed(&self, access_key_id: &str) -> Vec<String> {
        ids(&self.listing(access_key_id).await)
    }

    /// The status of an image in that listing, which counts as a listing for timelines.
    pub(crate) async fn status(&self, access_key_id: &str, image_id: &str) -> String {
        let listing = self.listing(access_key_id).await;
        let images = listing["CustomImages"].as_array().unwrap();
        let image = images.iter().find(|image| image["ImageId"] == image_id);
        image.unwrap()["Status"].as_str().unwrap().to_owned()
    }
}

/// The control API. Every answer is held to the OpenAPI document.
impl World {
    /// Sends a control request, whatever becomes of it.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = self.request(method, path).body(body.to_owned());
        let answer = Answer::to(request).await;
        answer.assert_documented(method, path);
        answer
    }

    /// Sends a control request with the path byte for byte.
    ///
    /// An HTTP client would take `..` and `%2e` out of the path.
    pub(crate) fn control_raw(&self, method: &str, path: &str, body: &str) -> Answer {
        let line = format!("{method} {path}");
        let answer = self.exchange(request(&line, "Host: localhost\r\n", body));
        answer.assert_documented(method, path);
        answer
    }

    /// Sends a control request that must succeed; gives the body.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.control(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.json()
    }

    /// Sends a control request that must be refused with this status and code.
    pub(crate) async fn refused(
        &self,
        (method, path, body): (&str, &str, &str),
        status: u16,
        code: &str,
    ) -> Answer {
        let answer = self.control(method, path, body).await;
        answer.assert_refused(status, code);
        answer
    }

    /// The fixture that a sandbox exports, as text.
    pub(crate) async fn export(&self, sandbox: &str) -> String {
        let path = format!("/_emulator/export?sandbox={sandbox}");
        let answer = self.control("GET", &path, "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// The ids of all images of a sandbox, in the order of the export.
    pub(crate) async fn ids(&self, sandbox: &str) -> Vec<String> {
        let path = format!("/_emulator/export?sandbox={sandbox}");
        ids(&self.ok("GET", &path, "").await)
    }

    /// The entry of a sandbox in the list of sandboxes; `None` when there is none.
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
