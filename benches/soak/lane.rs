//! One connection that sends many requests at once and reads their answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::draw::Draw;
use crate::tally::Tally;
use crate::{Run, control, vendor};

/// Requests that are sent before the first answer is read: few enough for the kernel's buffers.
const N_AHEAD: usize = 64;

/// Batches on one connection.
const N_BATCHES: u64 = 500;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A kind of request: how often it comes, and how it is made.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
    pub(crate) make: fn(&mut Draw) -> String,
}

/// Sends requests until the run is over.
pub(crate) fn drive(run: &Run, number: u64) -> Result<Tally> {
    let kinds: Vec<&Kind> = vendor::KINDS.iter().chain(&control::KINDS).collect();
    let mut draw = Draw::new(number + 1);
    let mut tally = Tally::default();
    let mut goes_on = true;
    while goes_on {
        let mut connection = Connection::open(run.process.address)?;
        for _ in 0..N_BATCHES {
            let mut sent = Vec::with_capacity(N_AHEAD);
            let mut bytes = String::new();
            for _ in 0..N_AHEAD {
                let kind = draw.weighted(&kinds, |kind| kind.weight);
                bytes.push_str(&(kind.make)(&mut draw));
                sent.push(kind.name);
            }
            connection.send(bytes.as_bytes())?;
            for name in sent {
                let status = connection
                    .answer()
                    .with_context(|| format!("after {name}"))?;
                tally.count(name, status);
            }
            goes_on = run.goes_on_after(N_AHEAD as u64);
            if !goes_on {
                break;
            }
        }
    }
    Ok(tally)
}

/// A connection and what has been read from it.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream: BufReader::with_capacity(256 << 10, stream),
        })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes)?)
    }

    /// Reads one answer and gives its status.
    pub(crate) fn answer(&mut self) -> Result<u16> {
        let status_line = self.line()?;
        let status = status_line.get(9..12).context("no status line")?.parse()?;
        let mut length = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(digits) = lower.strip_prefix("content-length: ") {
                length = Some(digits.parse()?);
            }
        }
        if let Some(length) = length {
            self.skip(length)?;
            return Ok(status);
        }
        loop {
            let length = u64::from_str_radix(&self.line()?, 16)?;
            self.skip(length)?;
            self.line()?;
            if length == 0 {
                return Ok(status);
            }
        }
    }

    fn skip(&mut self, length: u64) -> Result<()> {
        let mut left = length;
        while left > 0 {
            let n_bytes = self.stream.fill_buf()?.len();
            if n_bytes == 0 {
                bail!("the answer ends {left} bytes too early");
            }
            let n_bytes = n_bytes.min(usize::try_from(left)?);
            self.stream.consume(n_bytes);
            left -= n_bytes as u64;
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        self.stream
            .by_ref()
            .take(16 << 10)
            .read_until(b'\n', &mut line)?;
        let line = String::from_utf8(line)?;
        let line = line.strip_suffix("\r\n").context("the connection ended");
        Ok(line?.to_owned())
    }
}
