//! A running emulator and a client of it.

use std::net::SocketAddr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use swas_emulator::{Emulator, EmulatorBuilder, Fixture};

use super::{Answer, LIST, Raw};

/// An emulator on a port of its own, and a client that checks every answer.
#[derive(Debug)]
pub(crate) struct Served {
    emulator: Emulator,
    client: reqwest::Client,
}

impl Served {
    /// Starts an emulator with the images of this fixture text.
    pub(crate) async fn start(fixture: &str) -> Self {
        let fixture = Fixture::from_json("test.json", fixture);
        Self::built(Emulator::builder().fixture(fixture)).await
    }

    /// Starts an emulator without any image.
    pub(crate) async fn empty() -> Self {
        Self::start(&fixture(&[])).await
    }

    /// Starts an emulator with these settings.
    pub(crate) async fn built(builder: EmulatorBuilder) -> Self {
        Self {
            emulator: builder.start().await.unwrap(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.emulator.address()
    }

    /// A new connection to send bytes through.
    pub(crate) fn raw(&self) -> Raw {
        Raw::connect(self.address())
    }

    /// Sends bytes on a connection of their own and reads the vendor's answer.
    pub(crate) fn sent(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut raw = self.raw();
        raw.send(request);
        let answer = raw.answer();
        answer.assert_invariants("swas.test");
        answer
    }

    /// Sends this query by GET.
    pub(crate) async fn get(&self, query: &str) -> Answer {
        let url = format!("{}/?{query}", self.emulator.endpoint());
        self.send(self.client.get(url)).await
    }

    /// Sends `ListCustomImages` for cn-hangzhou with more parameters, by GET.
    pub(crate) async fn list(&self, parameters: &str) -> Answer {
        self.get(&format!("{LIST}&{parameters}")).await
    }

    /// Sends this query and this form by POST.
    pub(crate) async fn post(&self, query: &str, form: &str) -> Answer {
        let url = format!("{}/?{query}", self.emulator.endpoint());
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        self.send(request).await
    }

    /// Sends this query by GET with a header of one's own.
    pub(crate) async fn get_with(&self, query: &str, name: &str, value: &str) -> Answer {
        let url = format!("{}/?{query}", self.emulator.endpoint());
        self.send(self.client.get(url).header(name, value)).await
    }

    /// Asks one of our own paths, whose answers are not the vendor's.
    pub(crate) async fn own(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.emulator.endpoint());
        received(self.client.get(url)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = received(request).await;
        answer.assert_invariants(&self.address().to_string());
        answer
    }
}

async fn received(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let headers = response.headers().iter().map(|(name, value)| {
        let value = value.to_str().unwrap().to_owned();
        (name.as_str().to_owned(), value)
    });
    Answer {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: response.text().await.unwrap(),
    }
}

/// Percent-encodes a value for a query or a form.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
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

/// A fixture's text with this many images of cn-hangzhou, `m-000` the newest.
pub(crate) fn images(n_images: usize) -> String {
    let images: Vec<Value> = (0..n_images)
        .map(|idx| {
            let minute = 59 - idx % 60;
            let hour = 23 - idx / 60;
            let time = format!("2026-01-01T{hour:02}:{minute:02}:00Z");
            image(&format!("m-{idx:03}"), json!({"CreationTime": time}))
        })
        .collect();
    fixture(&images)
}
