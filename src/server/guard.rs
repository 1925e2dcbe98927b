//! Who may use the control API: programs and our own pages, but no page of another origin.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};

use crate::control::ControlError;
use crate::server::state::{AppState, ControlSettings};

/// Says whose page a request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Hosts that a browser cannot be made to believe are somebody else's.
const HOSTS: [&str; 2] = ["localhost", "host.docker.internal"];

/// Refuses everything when the control API is off, and what a page of another origin sends.
pub(super) fn guarded(state: &AppState, headers: &HeaderMap) -> Result<(), ControlError> {
    if !state.control.is_on {
        let message = "the control API is switched off";
        let hint = "start the emulator without `--no-control`";
        return Err(ControlError::new(404, "ControlOff", message, hint));
    }
    check(headers, &state.control.allow_hosts)?;
    match &state.control.token {
        Some(token) if !token.is_in(headers) => {
            let message = "the control API needs its token";
            let hint = "send `Authorization: Bearer TOKEN`, with the value of `--control-token`";
            Err(ControlError::new(401, "Unauthorized", message, hint))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether other machines can use the control API, since it needs no token on these addresses.
pub(crate) fn is_open(control: &ControlSettings, addresses: &[SocketAddr]) -> bool {
    let is_reachable = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
    control.is_on && control.token.is_none() && addresses.iter().any(is_reachable)
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
    let forbidden = |whose: String| {
        let message = format!("a page of {whose} may not use the control API");
        let hint = "call it from a program, or from a page that this emulator serves";
        Err(ControlError::new(403, "ForbiddenOrigin", message, hint))
    };
    if let Some(origin) = text(ORIGIN).filter(|origin| !is_own(origin, host)) {
        return forbidden(format!("the origin {origin:?}"));
    }
    // A browser sends it with every request to this machine, also where it sends no origin.
    match text(SEC_FETCH_SITE) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => forbidden("another site".to_owned()),
    }
}

fn is_own(origin: &str, host: &str) -> bool {
    let authority = origin
        .strip_prefix("http://")
        .or(origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// Whether a host, with or without a port, is an address or a name of this machine.
pub(super) fn is_local(host: &str, allowed: &[String]) -> bool {
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
    #[case(&["127.0.0.1:8808", "[::1]:8808", "[::ffff:127.0.0.1]:1"], false)]
    #[case(&["0.0.0.0:8808"], true)]
    #[case(&["127.0.0.1:8808", "[::]:8808"], true)]
    #[case(&["192.168.1.7:0"], true)]
    fn other_machines_reach_what_is_no_loopback(#[case] addresses: &[&str], #[case] open: bool) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        let addresses: Vec<SocketAddr> = addresses.collect();
        let control = ControlSettings::default();
        assert_eq!(is_open(&control, &addresses), open);
        let token = Some("s3cret".to_owned().into());
        let with_token = ControlSettings {
            token,
            ..control.clone()
        };
        let is_on = false;
        assert!(!is_open(&with_token, &addresses));
        assert!(!is_open(&ControlSettings { is_on, ..control }, &addresses));
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
