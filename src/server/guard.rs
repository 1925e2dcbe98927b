//! Who may use the control API: programs and our own pages, but no page of another origin.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

use crate::control::ControlError;
use crate::server::state::AppState;

/// Hosts that a browser cannot be made to believe are somebody else's.
const HOSTS: [&str; 2] = ["localhost", "host.docker.internal"];

/// Refuses everything when the control API is off, and what a page of another origin sends.
pub(super) fn guarded(state: &AppState, headers: &HeaderMap) -> Result<(), ControlError> {
    if !state.control.is_on {
        let message = "the control API is switched off";
        let hint = "start the emulator without `--no-control`";
        return Err(ControlError::new(404, "ControlOff", message, hint));
    }
    check(headers, &state.control.allow_hosts)
}

/// Refuses what a web page of another origin could send, DNS rebinding included.
///
/// A rebound name is a name with a dot that its owner points at this machine: so the host must be
/// an IP literal, a name without a dot, one of the well-known local names, or one allowed by the
/// configuration.
fn check(headers: &HeaderMap, allowed: &[String]) -> Result<(), ControlError> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST).unwrap_or_default();
    if !is_local(host, allowed) {
        let message = format!("the host {host:?} is not one of this emulator's");
        let hint = "call it by IP address or as localhost, or start it with `--allow-host NAME`";
        return Err(ControlError::new(403, "ForbiddenHost", message, hint));
    }
    match text(ORIGIN) {
        None => Ok(()),
        Some(origin) if is_own(origin, host) => Ok(()),
        Some(origin) => {
            let message = format!("a page of the origin {origin:?} may not use the control API");
            let hint = "call it from a program, or from a page that this emulator serves";
            Err(ControlError::new(403, "ForbiddenOrigin", message, hint))
        }
    }
}

fn is_own(origin: &str, host: &str) -> bool {
    let authority = origin
        .strip_prefix("http://")
        .or(origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn is_local(host: &str, allowed: &[String]) -> bool {
    let name = name(host).to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let ipv6 = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    ipv6.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        || name.parse::<Ipv4Addr>().is_ok()
        || (!name.contains('.') && !name.contains('['))
        || HOSTS.contains(&name)
        || name.ends_with(".localhost")
        || allowed.iter().any(|host| host.eq_ignore_ascii_case(name))
}

/// The host without its port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.0.0.1:8808", true)]
    #[case("192.168.1.9", true)]
    #[case("[::1]:8808", true)]
    #[case("[::1]", true)]
    #[case("localhost:8808", true)]
    #[case("LOCALHOST.:8808", true)]
    #[case("ci.localhost", true)]
    #[case("host.docker.internal:1", true)]
    #[case("swas-emulator:8808", true)]
    #[case("mock.test:8808", true)]
    #[case("", true)]
    #[case("evil.example", false)]
    #[case("evil.example.:8808", false)]
    #[case("127.0.0.1.evil.example", false)]
    #[case("localhost.evil.example", false)]
    #[case("[evil.example]", false)]
    #[case("1.2.3.4.5", false)]
    #[case("evil.example:8808@localhost.x", false)]
    fn a_rebound_host_is_not_local(#[case] host: &str, #[case] local: bool) {
        assert_eq!(is_local(host, &["mock.test".to_owned()]), local);
    }

    #[rstest]
    #[case("http://localhost:8808", true)]
    #[case("https://localhost:8808", true)]
    #[case("http://localhost", false)]
    #[case("http://localhost:8809", false)]
    #[case("http://evil.example", false)]
    #[case("null", false)]
    #[case("", false)]
    fn only_the_servers_own_origin_is_let_in(#[case] origin: &str, #[case] own: bool) {
        assert_eq!(is_own(origin, "localhost:8808"), own);
    }
}
