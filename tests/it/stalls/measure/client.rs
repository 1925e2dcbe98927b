//! A blocking connection that reads answers of any length, fast or with pauses.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// Longest wait for bytes: an emulator that stalls may answer after minutes.
const PATIENCE: Duration = Duration::from_mins(10);

/// How an answer's body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As fast as it comes.
    Fast,
    /// The client stops for a while after the first mebibyte, and goes on with small pauses.
    Slow,
}

/// A status and a body; the body is empty if it was only counted.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) n_bytes: usize,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: BufReader::with_capacity(64 << 10, stream),
        }
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(&mut self, request: &[u8]) -> io::Result<Response> {
        let mut body = Vec::new();
        self.stream.get_mut().write_all(request)?;
        let mut response = self.read(&mut |bytes| body.extend_from_slice(bytes))?;
        response.body = body;
        Ok(response)
    }

    /// Sends a request and counts the bytes of its answer.
    pub(crate) fn count(&mut self, request: &[u8], reading: Reading) -> io::Result<Response> {
        self.stream.get_mut().write_all(request)?;
        let mut pauses = Pauses::default();
        self.read(&mut |bytes| {
            if reading == Reading::Slow {
                pauses.after(bytes.len());
            }
        })
    }

    fn read(&mut self, sink: &mut dyn FnMut(&[u8])) -> io::Result<Response> {
        let status_line = self.line()?;
        let status = status_line
            .get(9..12)
            .and_then(|digits| digits.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("{status_line:?}")))?;
        let mut length = None;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(digits) = line.strip_prefix("content-length: ") {
                length = digits.parse::<usize>().ok();
            }
        }
        let n_bytes = match length {
            Some(length) => self.take(length, sink).map(|()| length)?,
            None => self.chunks(sink)?,
        };
        Ok(Response {
            status,
            body: Vec::new(),
            n_bytes,
        })
    }

    fn chunks(&mut self, sink: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
        let mut n_bytes = 0;
        loop {
            let line = self.line()?;
            let length = usize::from_str_radix(&line, 16).map_err(io::Error::other)?;
            self.take(length, sink)?;
            self.line()?;
            n_bytes += length;
            if length == 0 {
                return Ok(n_bytes);
            }
        }
    }

    fn take(&mut self, length: usize, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let bytes = self.stream.fill_buf()?;
            let n_bytes = bytes.len().min(left);
            if n_bytes == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            sink(&bytes[..n_bytes]);
            self.stream.consume(n_bytes);
            left -= n_bytes;
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        let most = 16 << 10;
        self.stream
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut line)?;
        let line = String::from_utf8(line).map_err(io::Error::other)?;
        let line = line.strip_suffix("\r\n").map(str::to_owned);
        line.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// The pauses of a slow reader.
#[derive(Debug, Default)]
struct Pauses {
    n_bytes: usize,
    has_stopped: bool,
}

impl Pauses {
    fn after(&mut self, n_bytes: usize) {
        self.n_bytes += n_bytes;
        if self.n_bytes >= 1 << 20 && !self.has_stopped {
            self.has_stopped = true;
            thread::sleep(Duration::from_millis(1_500));
        } else if self.has_stopped {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A request of the vendor's API by GET.
pub(crate) fn list(parameters: &str) -> Vec<u8> {
    let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
    format!("GET /?{query}{parameters} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A request of the vendor's API by POST, with a form.
pub(crate) fn form(form: &str) -> Vec<u8> {
    let n_bytes = form.len();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {n_bytes}\r\n\r\n"
    );
    (head + form).into_bytes()
}

/// A request for one of our own paths.
pub(crate) fn own(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let n_bytes = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {n_bytes}\r\n\r\n");
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    request
}
