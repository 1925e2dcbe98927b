//! A plain blocking client, for single requests outside the measured load.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Result, ensure};

use crate::response::{Response, Stream};

/// A connection that is kept for the next request.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer's status, content type and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends the bytes of one request and reads its answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = vec![0; 64 << 10];
        loop {
            let n_more = self.stream.read(&mut chunk)?;
            self.buffer.extend_from_slice(&chunk[..n_more]);
            let state = if n_more == 0 {
                Stream::Ended
            } else {
                Stream::Open
            };
            if let Some(response) = Response::parse(&self.buffer, state)? {
                let content_type = response.header("content-type").unwrap_or_default();
                return Ok(Answer {
                    status: response.status,
                    content_type: content_type.to_owned(),
                    body: response.body.to_vec(),
                });
            }
        }
    }

    /// Makes a request of the control API, which must succeed.
    pub(crate) fn control(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Answer> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:8808\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = self.send(&[head.as_bytes(), body].concat())?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(
            answer.status < 300,
            "{method} {path}: status {}, {text}",
            answer.status
        );
        Ok(answer)
    }
}
