//! Requests as the vendor's Python SDK sends them (4.0.0, RPC signature V1), made ahead.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::images::{Images, mix};
use crate::shapes::{Kind, Shape};

/// Bytes of requests that are made ahead for one round.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// Makes the requests of one shape, one batch after another.
#[derive(Debug)]
pub(crate) struct Requests<'a> {
    pub(crate) images: &'a Images,
    shape: &'a Shape,
    pub(crate) kind: Kind,
    /// The number of the next query.
    next: u64,
}

impl<'a> Requests<'a> {
    pub(crate) fn new(images: &'a Images, shape: &'a Shape, kind: Kind) -> Self {
        Self {
            images,
            shape,
            kind,
            next: 0,
        }
    }

    /// The parameters of the next request.
    pub(crate) fn query(&mut self) -> String {
        let query = (self.shape.query)(self.images, self.next);
        if self.kind == Kind::Distinct {
            self.next += 1;
        }
        query
    }

    /// The next `n` requests, or as many as a batch holds.
    pub(crate) fn batch(&mut self, n: usize) -> Vec<String> {
        let mut batch = Vec::new();
        let mut n_bytes = 0;
        while batch.len() < n && n_bytes < BATCH_BYTES_MAX {
            let request = request(&self.query());
            n_bytes += request.len();
            batch.push(request);
        }
        batch
    }
}

/// One request; signatures are not checked, so the signature only looks like one.
pub(crate) fn request(query: &str) -> String {
    static N_MADE: AtomicU64 = AtomicU64::new(0);
    let nonce = N_MADE.fetch_add(1, Ordering::Relaxed);
    let (high, low) = (mix(nonce), mix(nonce ^ 1 << 63));
    let now = Timestamp::now().as_second();
    let now = Timestamp::from_second(now).unwrap_or_default();
    let time = now.to_string().replace(':', "%3A");
    format!(
        "POST /?Action=ListCustomImages&Format=json&Version=2020-06-01&Timestamp={time}\
         &SignatureNonce={high:016x}{low:016x}{query}\
         &SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=testid\
         &Signature={low:016x}%2B{:010X}%3D HTTP/1.1\r\n\
         Accept-Encoding: identity\r\n\
         host: 127.0.0.1:8808\r\n\
         x-acs-version: 2020-06-01\r\n\
         x-acs-action: ListCustomImages\r\n\
         user-agent: AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2\r\n\
         x-acs-credentials-provider: static_ak\r\n\
         Content-Length: 0\r\n\r\n",
        high >> 24,
    )
}
