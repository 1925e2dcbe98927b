//! Bytes to a socket and back, for what no HTTP client would send.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Answer;

/// Longest wait for an answer; a test that hangs fails after it.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request for `/` with this query, on a connection that stays open.
pub(crate) fn get(query: &str) -> String {
    format!("GET /?{query} HTTP/1.1\r\nHost: swas.test\r\n\r\n")
}

/// The header of a body that is a form.
pub(crate) const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// A request for `/` with this query, these more headers and this body.
pub(crate) fn post(query: &str, headers: &str, body: &str) -> String {
    let line = format!("POST /?{query}");
    request(&line, &format!("Host: swas.test\r\n{headers}"), body)
}

/// A request with this method and target, these headers, the host among them, and this body.
pub(crate) fn request(line: &str, headers: &str, body: &str) -> String {
    let n_bytes = body.len();
    format!("{line} HTTP/1.1\r\n{headers}Content-Length: {n_bytes}\r\n\r\n{body}")
}

/// A listing whose form of 10 bytes is announced and only begun: `ize=1` would complete it.
///
/// It is in flight until then.
pub(crate) fn begun(headers: &str) -> String {
    let whole = post(super::LIST, headers, "PageSize=1");
    whole.strip_suffix("ize=1").unwrap().to_owned()
}

/// A connection of our own. The emulator serves on threads of its own, so reading may block.
#[derive(Debug)]
pub(crate) struct Raw {
    stream: TcpStream,
    /// Bytes that came after the last answer.
    left: Vec<u8>,
}

impl Raw {
    /// Connects.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// Takes a connection over.
    pub(crate) fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            left: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends bytes to a server that may have closed the connection.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends a query by GET and reads the answer.
    pub(crate) fn get(&mut self, query: &str) -> Answer {
        self.send(get(query));
        self.answer()
    }

    /// Reads one of our own paths, some of which take a local host alone.
    #[cfg(feature = "cli")]
    pub(crate) fn own(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        self.answer()
    }

    /// Reads one answer with a body, whose length its header must tell.
    pub(crate) fn answer(&mut self) -> Answer {
        let answer = self.try_answer();
        answer.unwrap_or_else(|error| panic!("no whole answer ({error}): {self:?}"))
    }

    /// Reads one answer from a server that may end in the middle of it.
    pub(crate) fn try_answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head()?;
        let body = if answer.header("transfer-encoding") == Some("chunked") {
            self.chunks()?
        } else {
            let length = answer.header("content-length");
            let length = length.unwrap_or_else(|| panic!("no length: {answer:?}"));
            self.take(length.parse().unwrap())?
        };
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    fn take(&mut self, n_bytes: usize) -> io::Result<Vec<u8>> {
        while self.left.len() < n_bytes {
            self.read_more()?;
        }
        Ok(self.left.drain(..n_bytes).collect())
    }

    /// Reads a body that comes in chunks.
    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match self.left.windows(2).position(|two| two == b"\r\n") {
                    Some(end) => break end,
                    None => self.read_more()?,
                }
            };
            let size = String::from_utf8(self.take(end + 2)?).unwrap();
            let n_bytes = usize::from_str_radix(size.trim_end(), 16).unwrap();
            body.extend(self.take(n_bytes)?);
            assert_eq!(self.take(2)?, b"\r\n");
            if n_bytes == 0 {
                return Ok(body);
            }
        }
    }

    /// Sends a request to a server that may end before its answer, and reads the answer.
    #[cfg(all(feature = "cli", unix))]
    pub(crate) fn try_exchange(&mut self, request: impl AsRef<[u8]>) -> io::Result<Answer> {
        self.stream.write_all(request.as_ref())?;
        self.try_answer()
    }

    /// Reads the head of an answer, and no body.
    pub(crate) fn answer_without_body(&mut self) -> Answer {
        let answer = self.head();
        answer.unwrap_or_else(|error| panic!("no whole head ({error}): {self:?}"))
    }

    /// Asserts that nothing comes within this time.
    pub(crate) fn assert_silent_for(&mut self, time: Duration) {
        self.stream.set_read_timeout(Some(time)).unwrap();
        let came = uninterrupted(|| self.stream.peek(&mut [0]));
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let kind = came.expect_err("something came, or the end").kind();
        assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut));
    }

    /// Asserts that the other side has closed the connection, by an end or by a reset.
    pub(crate) fn assert_ended(&mut self) {
        let came = uninterrupted(|| self.stream.read(&mut [0]));
        let ended = came.map_or_else(
            |error| error.kind() == ErrorKind::ConnectionReset,
            |n_bytes| n_bytes == 0,
        );
        assert!(ended, "the connection is still open");
    }

    /// Reads until the other side closes; gives everything that still came.
    pub(crate) fn rest(&mut self) -> String {
        let (rest, end) = self.read_to_end();
        end.unwrap();
        rest
    }

    /// Reads until the connection ends; gives what came, and how it ended.
    pub(crate) fn read_to_end(&mut self) -> (String, io::Result<()>) {
        let end = loop {
            match self.read_some() {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        (String::from_utf8(self.left.split_off(0)).unwrap(), end)
    }

    fn head(&mut self) -> io::Result<Answer> {
        const END: &[u8] = b"\r\n\r\n";
        let end = loop {
            let found = self.left.windows(END.len()).position(|bytes| bytes == END);
            match found {
                Some(end) => break end,
                None => self.read_more()?,
            }
        };
        let head: Vec<u8> = self.left.drain(..end + END.len()).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status_line = lines.next().unwrap();
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Ok(Answer {
            status,
            headers: headers.collect(),
            body: String::new(),
        })
    }

    /// Reads what is there; the end is an error.
    fn read_more(&mut self) -> io::Result<()> {
        match self.read_some()? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Reads what is there; 0 is the end.
    fn read_some(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 16 << 10];
        let n_bytes = uninterrupted(|| self.stream.read(&mut bytes))?;
        self.left.extend_from_slice(&bytes[..n_bytes]);
        Ok(n_bytes)
    }
}

/// Reads again when a signal to this process has ended the wait.
fn uninterrupted(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
