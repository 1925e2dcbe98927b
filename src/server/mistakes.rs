//! The first mistakes of a client: another protocol, or a server that is none of ours.

use axum::http::{Method, Request};

use crate::server::guard;
use crate::server::seldom::Seldom;

/// Why a client talks past this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// It speaks TLS.
    Tls,
    /// It speaks HTTP/2 from the first byte on.
    Http2,
    /// It asks a proxy to open a tunnel.
    Connect,
    /// It asks a proxy for another server's page.
    Proxy,
}

/// The start of HTTP/2, where HTTP/1 has the method.
const HTTP_2: &[u8] = b"PRI * HTTP/2";

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// An answer to TLS. It is no TLS, which is what the clients' errors then say; Go names HTTP itself.
/// Each of the protocol's alerts would send its reader to look for a certificate or a version.
const NO_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\
    x-emulator-reason: this port speaks http, not https\r\n\r\n";

/// An answer to HTTP/2: no settings, and that HTTP/1.1 is required (error code 13).
const NO_HTTP_2: &[u8] = b"\0\0\0\x04\0\0\0\0\0\
    \0\0\x26\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0Dthis port speaks HTTP/1.1 only";

impl Mistake {
    /// Looks at the first bytes of a connection.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.first() == Some(&HANDSHAKE) {
            Some(Self::Tls)
        } else if bytes.starts_with(HTTP_2) {
            Some(Self::Http2)
        } else {
            None
        }
    }

    /// Looks at the target of a request: a whole address is right if it is ours.
    pub(super) fn of_request<B>(request: &Request<B>) -> Option<Self> {
        if request.method() == Method::CONNECT {
            return Some(Self::Connect);
        }
        let authority = request.uri().authority()?;
        let is_ours = guard::is_local(authority.as_str(), &[]);
        (!is_ours).then_some(Self::Proxy)
    }

    /// The answer to what is no HTTP/1, after which the connection ends.
    pub(super) fn answer(self) -> &'static [u8] {
        match self {
            Self::Tls => NO_TLS,
            Self::Http2 => NO_HTTP_2,
            Self::Connect | Self::Proxy => b"",
        }
    }
}

/// The mistakes that clients of one server have made.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    tls: Seldom,
    http2: Seldom,
    connect: Seldom,
    proxy: Seldom,
}

impl Mistakes {
    /// Warns of a mistake, at most once a second.
    pub(super) fn warn(&self, mistake: Mistake) {
        let (seldom, message) = match mistake {
            Mistake::Tls => (
                &self.tls,
                "a client speaks TLS to this port, which speaks plain HTTP. Set the client to http: \
                 Python, Node, Go and Java SDKs `protocol` \"http\"; Java core SDK \
                 `setSysProtocol(ProtocolType.HTTP)`; pop-core `endpoint: 'http://…'`; \
                 aliyun CLI `--insecure`; Terraform `protocol = \"HTTP\"`",
            ),
            Mistake::Http2 => (
                &self.http2,
                "a client speaks HTTP/2 without asking first; this port speaks HTTP/1.1. Set the \
                 client to HTTP/1.1",
            ),
            Mistake::Connect => (
                &self.connect,
                "a client takes this port for a proxy and asks for a tunnel (CONNECT). Unset \
                 HTTPS_PROXY, and name this address as the endpoint",
            ),
            Mistake::Proxy => (
                &self.proxy,
                "a client takes this port for a proxy: it asks for an address of another host. It is \
                 answered here, nothing is forwarded. Unset HTTP_PROXY, and name this address as the \
                 endpoint",
            ),
        };
        if let Some(n_so_far) = seldom.again() {
            tracing::warn!(n_so_far, "{message}");
        }
    }
}
