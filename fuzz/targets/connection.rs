//! The bytes of a connection: request lines, headers and bodies, as hyper reads them.

#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use swas_emulator_fuzz::{Answer, Subject};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

static SUBJECT: LazyLock<Subject> = LazyLock::new(Subject::start);

fuzz_target!(|input: &[u8]| {
    SUBJECT.runtime().block_on(async {
        let (mut client, server) = duplex(1 << 20);
        client.write_all(input).await.unwrap();
        client.shutdown().await.unwrap();
        let serving =
            http1::Builder::new().serve_connection(TokioIo::new(server), service_fn(answer));
        // What hyper refuses itself ends the connection early.
        serving.await.ok();
        let mut sent = Vec::new();
        client.read_to_end(&mut sent).await.ok();
        assert!(sent.is_empty() || sent.starts_with(b"HTTP/1."));
    });
});

async fn answer(
    request: Request<Incoming>,
) -> Result<http::Response<Full<bytes::Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes().to_vec())
        .unwrap_or_default();
    // Our own paths have a target of their own, which knows what a fault or a reset leaves behind.
    let is_own = ["/_emulator", "/livez", "/readyz"]
        .iter()
        .any(|own| parts.uri.path().starts_with(own));
    if is_own {
        return Ok(http::Response::default());
    }
    let response = SUBJECT
        .door()
        .answer(Request::from_parts(parts, body))
        .await;
    let Some(response) = response else {
        return Ok(http::Response::default());
    };
    let copy = http::Response::from_parts(response.clone().into_parts().0, response.body().clone());
    Answer::of(copy).assert_vendor();
    Ok(response.map(Full::new))
}
