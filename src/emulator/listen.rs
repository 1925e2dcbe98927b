//! The addresses to listen on.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use crate::emulator::error::StartError;

/// How often a free port is chosen anew, when it is not free on every address.
const TRIES_MAX: usize = 20;

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listen {
    /// On one address.
    On(SocketAddr),
    /// On this port of `127.0.0.1` and of `[::1]`; where IPv6 is off, of the first alone.
    Localhost(u16),
}

impl Listen {
    /// The first address, which is always there.
    pub(crate) fn first(self) -> SocketAddr {
        match self {
            Self::On(address) => address,
            Self::Localhost(port) => (Ipv4Addr::LOCALHOST, port).into(),
        }
    }

    /// The second address, which is left out where IPv6 is off.
    fn second(self) -> Option<SocketAddr> {
        match self {
            Self::On(_) => None,
            Self::Localhost(port) => Some((Ipv6Addr::LOCALHOST, port).into()),
        }
    }
}

/// Takes all addresses. A port 0 is any free one for the first, and the first one's for the others.
pub(super) fn listen(wanted: &[Listen]) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners = try_listen(wanted);
    let is_any_port = wanted
        .first()
        .is_some_and(|first| first.first().port() == 0);
    for _ in 1..TRIES_MAX {
        match listeners {
            // The port that was free on the first address is taken on another.
            Err(StartError::AddressInUse { .. }) if is_any_port => listeners = try_listen(wanted),
            done => return done,
        }
    }
    listeners
}

fn try_listen(wanted: &[Listen]) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners = Vec::new();
    let mut port = 0;
    for wanted in wanted {
        let listener = bind(wanted.first(), port)?;
        if port == 0
            && let Ok(first) = listener.local_addr()
        {
            port = first.port();
        }
        listeners.push(listener);
        if let Some(address) = wanted.second() {
            match bind(address, port) {
                Ok(listener) => listeners.push(listener),
                Err(StartError::Listen { source, .. }) => {
                    tracing::debug!(%address, ?source, "IPv6 is off");
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(listeners)
}

/// Binds an address; its port 0 is this other one.
fn bind(mut address: SocketAddr, port: u16) -> Result<TcpListener, StartError> {
    if address.port() == 0 {
        address.set_port(port);
    }
    TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|source| {
            if source.kind() == io::ErrorKind::AddrInUse {
                return StartError::AddressInUse { address };
            }
            StartError::Listen { address, source }
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test should panic")]

    use super::*;

    #[test]
    fn every_port_0_is_the_port_of_the_first_address() {
        let any = (Ipv4Addr::LOCALHOST, 0).into();
        let other = (Ipv4Addr::new(127, 0, 0, 2), 0).into();
        let listeners = listen(&[Listen::On(any), Listen::On(other), Listen::On(any)]);
        // The third asks for what the first has, with every port.
        assert!(matches!(listeners, Err(StartError::AddressInUse { .. })));
        let listeners = listen(&[Listen::On(any), Listen::On(other)]).unwrap();
        let addresses = listeners
            .iter()
            .map(|listener| listener.local_addr().unwrap());
        let ports: Vec<u16> = addresses.map(|address| address.port()).collect();
        assert_ne!(ports[0], 0);
        assert_eq!(ports[0], ports[1]);
    }
}
