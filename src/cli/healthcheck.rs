//! `healthcheck`: ask a running emulator whether it is ready, as a container's HEALTHCHECK does.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::base::Stopwatch;
use crate::cli::args::HealthcheckArgs;
use crate::cli::print_stderr;

/// Time between two requests with `--wait`.
const PAUSE: Duration = Duration::from_millis(20);

pub(super) fn run(args: &HealthcheckArgs, port: Option<u16>) -> anyhow::Result<()> {
    let address = args.listen.reachable_address(port);
    let default = Duration::from_secs(if args.wait { 30 } else { 1 });
    let timeout = args.timeout.unwrap_or(default);
    let time = Stopwatch::start();
    loop {
        let left = timeout.saturating_sub(time.elapsed());
        let asked = ask(address, left.max(Duration::from_millis(1)));
        if asked.is_ok() {
            print_stderr("ready");
            return asked;
        }
        if !args.wait || time.elapsed() + PAUSE >= timeout {
            return asked;
        }
        sleep(PAUSE);
    }
}

/// Asks `/readyz` once; one request and one status line need no HTTP client.
fn ask(address: SocketAddr, timeout: Duration) -> anyhow::Result<()> {
    let answer = request(address, timeout).with_context(|| format!("no answer from {address}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(()),
        Some(status) => bail!("not ready: {address} answered {status} {}", body.trim()),
        None => bail!("{address} does not speak HTTP"),
    }
}

fn request(address: SocketAddr, timeout: Duration) -> io::Result<String> {
    const ANSWER_BYTES_MAX: u64 = 64 << 10;
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    Ok(answer)
}
