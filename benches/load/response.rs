//! HTTP/1 answers, as far as a load generator must understand them.

use anyhow::{Context as _, Result};

/// One complete answer at the beginning of the bytes read.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    head: &'a str,
    /// The body; a chunked one with its chunk sizes.
    pub(crate) body: &'a [u8],
    /// Whether the server takes another request on the connection.
    pub(crate) keeps_open: bool,
}

/// Whether more bytes may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Open,
    Ended,
}

impl<'a> Response<'a> {
    /// Reads an answer; `None` while it is not complete.
    ///
    /// # Errors
    /// The head is not HTTP, or the stream ended within the answer.
    pub(crate) fn parse(bytes: &'a [u8], stream: Stream) -> Result<Option<Self>> {
        let parsed = Self::parse_complete(bytes, stream)?;
        if parsed.is_none() && stream == Stream::Ended {
            anyhow::bail!(
                "the connection ended after {} bytes of an answer",
                bytes.len()
            );
        }
        Ok(parsed)
    }

    fn parse_complete(bytes: &'a [u8], stream: Stream) -> Result<Option<Self>> {
        let Some(n_head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..n_head]).context("an answer's head is no text")?;
        let rest = &bytes[n_head + 4..];
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no status in {head:?}"))?;
        let is_closing = header(head, "connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
            || head.starts_with("HTTP/1.0");
        let body = if let Some(length) = header(head, "content-length") {
            let length: usize = length.parse().context("content-length")?;
            rest.get(..length)
        } else if header(head, "transfer-encoding").is_some() {
            rest.ends_with(b"0\r\n\r\n").then_some(rest)
        } else {
            (stream == Stream::Ended).then_some(rest)
        };
        Ok(body.map(|body| Self {
            status,
            head,
            body,
            keeps_open: !is_closing,
        }))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        header(self.head, name)
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
