//! Requests as the vendor's Python SDK sends them (4.0.0, RPC signature V1), as bytes made ahead.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::data::DataSet;
use crate::permutation::mix;
use crate::question::Question;
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
    /// A batch of one request that is the same each time.
    pub(crate) fn of_one(request: &[u8]) -> Self {
        Self {
            bytes: request.to_vec(),
            ends: vec![request.len()],
        }
    }

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
pub(crate) struct Requests {
    pub(crate) data: DataSet,
    started_at: Timestamp,
    n_made: u64,
}

impl Requests {
    pub(crate) fn new(data: DataSet) -> Self {
        Self {
            data,
            started_at: Timestamp::now(),
            n_made: 0,
        }
    }

    /// The requests from `first` on, `n` of them or as many as a batch holds.
    pub(crate) fn batch(&mut self, shape: Shape, kind: Kind, first: u64, n: usize) -> Batch {
        let mut batch = Batch::default();
        for nth in (first..).take(n) {
            let question = match kind {
                Kind::Repeated => shape.question(&self.data, 0),
                Kind::Distinct => shape.question(&self.data, nth),
            };
            batch
                .bytes
                .extend_from_slice(self.request(&question).as_bytes());
            batch.ends.push(batch.bytes.len());
            if batch.bytes.len() > BATCH_BYTES_MAX {
                break;
            }
        }
        batch
    }

    /// One request; signatures are not checked, so the signature only looks like one.
    pub(crate) fn request(&mut self, question: &Question) -> String {
        self.n_made += 1;
        let (high, low) = (mix(self.n_made), mix(self.n_made ^ 1 << 63));
        let second = i64::try_from(self.n_made / 1_000).unwrap_or(0);
        let now = self.started_at.as_second() + second;
        let now = Timestamp::from_second(now).unwrap_or(self.started_at);
        let time = now.to_string().replace(':', "%3A");
        let mut request = String::with_capacity(1_024);
        // Writing to a `String` cannot fail.
        write!(
            request,
            "POST /?Action=ListCustomImages&Format=json&Version=2020-06-01&Timestamp={time}\
             &SignatureNonce={high:016x}{low:016x}",
        )
        .ok();
        question.write_parameters(&mut request);
        write!(
            request,
            "&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=testid\
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
        .ok();
        request
    }
}
