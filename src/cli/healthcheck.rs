//! `healthcheck`: ask a running emulator whether it is ready, as a container's HEALTHCHECK does.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::base::Stopwatch;
use crate::cli::args::HealthcheckArgs;
use crate::cli::environment::Environment;
use crate::cli::{exit, fail, print_stderr};

const TIMEOUT_DEFAULT: Duration = Duration::from_secs(1);
const TIMEOUT_WAIT_DEFAULT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

pub(super) fn run(args: &HealthcheckArgs, environment: Environment) -> ExitCode {
    let address = args.listen.reachable_address(environment);
    let default = if args.wait {
        TIMEOUT_WAIT_DEFAULT
    } else {
        TIMEOUT_DEFAULT
    };
    let timeout = args.timeout.unwrap_or(default);
    let time = Stopwatch::start();
    loop {
        let left = timeout
            .saturating_sub(time.elapsed())
            .max(Duration::from_millis(1));
        let error = match ask(address, left) {
            Ok(()) => {
                print_stderr("ready");
                return ExitCode::SUCCESS;
            }
            Err(error) => error,
        };
        if !args.wait || time.elapsed() + PAUSE >= timeout {
            return fail(exit::FAILURE, &error);
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
