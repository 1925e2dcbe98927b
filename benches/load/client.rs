//! HTTP/1 answers as far as the load must understand them, and a client for single requests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context as _, Result, ensure};

/// One complete answer at the beginning of the bytes read.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    head: &'a str,
    /// The body; a chunked one still has its chunk sizes.
    body: &'a [u8],
}

impl<'a> Response<'a> {
    /// Reads an answer; `None` while it is not complete.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Option<Self>> {
        let Some(n_head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..n_head]).context("the head is not UTF-8")?;
        let rest = &bytes[n_head + 4..];
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no status in {head:?}"))?;
        let body = if let Some(length) = header(head, "content-length") {
            rest.get(..length.parse().context("content-length")?)
        } else {
            rest.ends_with(b"0\r\n\r\n").then_some(rest)
        };
        Ok(body.map(|body| Self { status, head, body }))
    }

    /// The `TotalCount` at the end of the body.
    pub(crate) fn total_count(&self) -> Option<u64> {
        const NAME: &[u8] = br#""TotalCount":""#;
        const TAIL_BYTES: usize = 80;
        let tail = &self.body[self.body.len().saturating_sub(TAIL_BYTES)..];
        let at = tail.windows(NAME.len()).position(|found| found == NAME)?;
        let digits = tail[at + NAME.len()..].split(|byte| *byte == b'"').next()?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim())
}

/// A blocking connection, for single requests outside the measured load.
#[derive(Debug)]
pub(crate) struct Client(TcpStream);

/// An answer's status, content type and body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Sends the bytes of one request and reads its answer.
    pub(crate) fn send(&mut self, request: &str) -> Result<Answer> {
        self.0.write_all(request.as_bytes())?;
        let mut buffer = Vec::new();
        let mut chunk = vec![0; 64 << 10];
        loop {
            let n_more = self.0.read(&mut chunk)?;
            buffer.extend_from_slice(&chunk[..n_more]);
            if let Some(response) = Response::parse(&buffer)? {
                let content_type = header(response.head, "content-type").unwrap_or_default();
                return Ok(Answer {
                    status: response.status,
                    content_type: content_type.to_owned(),
                    body: response.body.to_vec(),
                });
            }
            ensure!(n_more > 0, "the connection ended within an answer");
        }
    }

    /// Sends one request that must succeed.
    pub(crate) fn ask(&mut self, request: &str) -> Result<Answer> {
        let answer = self.send(request)?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status < 300, "status {}: {text}", answer.status);
        Ok(answer)
    }
}

/// A request of the control API.
pub(crate) fn control(method: &str, path: &str, body: &str) -> String {
    let n_bytes = body.len();
    format!(
        "{method} /_emulator/{path} HTTP/1.1\r\nHost: 127.0.0.1:8808\r\n\
         Content-Type: application/json\r\nContent-Length: {n_bytes}\r\n\r\n{body}",
    )
}
