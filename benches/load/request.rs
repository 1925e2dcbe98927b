//! Requests as the vendor's Python SDK sends them (4.0.0, RPC signature V1), as bytes made ahead.

use jiff::Timestamp;

use crate::images::{Images, mix};
use crate::shapes::{Kind, Shape};

/// Bytes of requests that are made ahead for one round.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// Requests made ahead, one after another in memory.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The request number `idx`; after the last comes the first again.
    pub(crate) fn request(&self, idx: usize) -> &[u8] {
        let idx = idx % self.ends.len();
        let start = idx.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        &self.bytes[start..self.ends[idx]]
    }
}

/// Makes requests; no two have the same nonce.
#[derive(Debug)]
pub(crate) struct Requests<'a> {
    pub(crate) images: &'a Images,
    n_made: u64,
}

impl<'a> Requests<'a> {
    pub(crate) fn new(images: &'a Images) -> Self {
        Self { images, n_made: 0 }
    }

    /// The requests from `first` on, `n` of them or as many as a batch holds.
    pub(crate) fn batch(&mut self, shape: Shape, kind: Kind, first: u64, n: usize) -> Batch {
        let mut batch = Batch::default();
        for nth in (first..).take(n) {
            let nth = if kind == Kind::Repeated { 0 } else { nth };
            let request = self.request(&shape.query(self.images, nth));
            batch.bytes.extend_from_slice(request.as_bytes());
            batch.ends.push(batch.bytes.len());
            if batch.bytes.len() > BATCH_BYTES_MAX {
                break;
            }
        }
        batch
    }

    /// One request; signatures are not checked, so the signature only looks like one.
    pub(crate) fn request(&mut self, query: &str) -> String {
        self.n_made += 1;
        let (high, low) = (mix(self.n_made), mix(self.n_made ^ 1 << 63));
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
}
