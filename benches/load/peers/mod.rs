//! Other tools under the same load, as far as they are installed; none of them is installed here.

mod tools;

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::args::Args;
use crate::cache::Cache;
use crate::client::Client;
use crate::generator::{Check, Waiting};
use crate::peers::tools::{Tool, tools, write_inputs};
use crate::request::Batch;
use crate::rounds::{Driver, Series};
use crate::server::Server;

/// Longest wait for a tool's first answer.
const START_TIME_MAX: Duration = Duration::from_mins(1);

/// One tool, measured.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// What the measured answer is made of.
    pub(crate) answers: &'static str,
    pub(crate) series: Series,
    pub(crate) cold_start_ms: f64,
    pub(crate) idle_rss_bytes: u64,
    pub(crate) rss_bytes: u64,
}

/// Measures each tool that is found, and says which are not.
pub(crate) fn measure(args: &Args, cache: &Cache) -> Result<Vec<Peer>> {
    let folder = cache.scratch("peers")?;
    write_inputs(&folder)?;
    let mut peers = Vec::new();
    for idx in 0.. {
        let port = free_port()?;
        let Some(mut tool) = tools(args, port).into_iter().nth(idx) else {
            break;
        };
        tool.command.current_dir(&folder);
        let started = Instant::now();
        match Server::peer(&mut tool.command, port, &folder.join("log"))? {
            None => eprintln!("{} is not installed: skipped", tool.name),
            Some(server) => {
                let measured = measure_one(args, &tool, server, started);
                peers.push(measured.context(tool.name)?);
            }
        }
    }
    Ok(peers)
}

fn measure_one(args: &Args, tool: &Tool, mut server: Server, started: Instant) -> Result<Peer> {
    let request = tool.request.as_bytes();
    first_answer(&mut server, request, started)?;
    let cold_start_ms = started.elapsed().as_secs_f64() * 1e3;
    thread::sleep(Duration::from_millis(500));
    let idle_rss_bytes = server.rss_bytes()?;
    let driver = Driver::new(args, args.connections, Waiting::Awake)?;
    let batch = Arc::new(Batch::of_one(request));
    let mut series = Series::default();
    let n = driver.calibrate(&server, Check::Status, |_| Arc::clone(&batch))?;
    for _ in 0..args.rounds {
        driver.round(&server, &batch, n, Check::Status, &mut series)?;
    }
    let peer = Peer {
        name: tool.name,
        answers: tool.answers,
        rss_bytes: server.rss_bytes()?,
        series,
        cold_start_ms,
        idle_rss_bytes,
    };
    eprintln!(
        "{:<12}  {:.0} us a request",
        peer.name,
        peer.series.cpu_us().median
    );
    Ok(peer)
}

/// Asks until the tool listens and answers with a 200.
fn first_answer(server: &mut Server, request: &[u8], started: Instant) -> Result<()> {
    loop {
        let answer = Client::connect(server.address)
            .map_err(Into::into)
            .and_then(|mut client| client.send(request));
        match answer {
            Ok(answer) if answer.status == 200 => {
                ensure!(!answer.body.is_empty(), "an empty answer");
                return Ok(());
            }
            Ok(answer) if started.elapsed() > START_TIME_MAX => bail!(
                "status {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ),
            Err(error) if started.elapsed() > START_TIME_MAX => return Err(error),
            Ok(_) | Err(_) => ensure!(!server.has_ended()?, "it ended; see its log"),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
