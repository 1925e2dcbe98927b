//! The load: connections that each ask, read the answer, and ask again.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, yield_now};

use crate::client::Response;

/// What the generator does while it waits for answers.
///
/// The kernel charges a wake-up to the process that sends. A server that is slower than the
/// generator would pay for one with most answers, and a faster one for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// It stays awake, so that no server pays: for CPU time.
    Awake,
    /// It sleeps, so that it takes no time from the servers: for latency.
    Asleep,
}

/// The generator: one thread, so that the server has the other cores.
#[derive(Debug)]
pub(crate) struct Generator {
    runtime: Runtime,
    pub(crate) n_connections: usize,
    waiting: Waiting,
}

/// What the connections of one round share.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) address: SocketAddr,
    /// Sent one after the other; after the last one comes the first again.
    pub(crate) batch: Rc<Vec<String>>,
    pub(crate) n_requests: usize,
    /// What each answer must have as its `TotalCount`.
    pub(crate) total_count: RangeInclusive<u64>,
}

impl Generator {
    pub(crate) fn new(n_connections: usize, waiting: Waiting) -> Result<Self> {
        let runtime = Builder::new_current_thread()
            // Looks for answers between any two steps.
            .event_interval(1)
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            n_connections,
            waiting,
        })
    }

    /// Sends the requests of a round, on each connection as fast as it is answered.
    ///
    /// Returns the latency of each request, rising. The first wrong answer ends it with an error.
    pub(crate) fn drive(&self, round: Round) -> Result<Vec<Duration>> {
        let n_requests = round.n_requests;
        let shared = Rc::new(Shared {
            round,
            next: Cell::new(0),
            latencies: RefCell::new(Vec::with_capacity(n_requests)),
        });
        let tasks = LocalSet::new();
        let connections: Vec<_> = (0..self.n_connections)
            .map(|_| tasks.spawn_local(connection(Rc::clone(&shared))))
            .collect();
        tasks.block_on(&self.runtime, async {
            let awake = (self.waiting == Waiting::Awake).then(|| tasks.spawn_local(stay_awake()));
            for connection in connections {
                connection.await.context("a connection's task failed")??;
            }
            if let Some(awake) = awake {
                awake.abort();
            }
            anyhow::Ok(())
        })?;
        let mut latencies = shared.latencies.take();
        latencies.sort_unstable();
        ensure!(latencies.len() == n_requests, "requests were lost");
        Ok(latencies)
    }
}

struct Shared {
    round: Round,
    next: Cell<usize>,
    latencies: RefCell<Vec<Duration>>,
}

impl Shared {
    /// The next request that nobody has sent yet.
    fn take(&self) -> Option<&str> {
        let idx = self.next.get();
        self.next.set(idx + 1);
        let batch = &self.round.batch;
        (idx < self.round.n_requests).then(|| batch[idx % batch.len()].as_str())
    }
}

/// Keeps the thread from sleeping.
async fn stay_awake() {
    loop {
        yield_now().await;
    }
}

async fn connection(shared: Rc<Shared>) -> Result<()> {
    let mut stream = TcpStream::connect(shared.round.address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1 << 20];
    while let Some(request) = shared.take() {
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let response = answer(&mut stream, &mut buffer).await?;
        shared.latencies.borrow_mut().push(sent.elapsed());
        let status = response.status;
        ensure!(status == 200, "an answer has status {status}, not 200");
        let total_count = response.total_count().context("no TotalCount")?;
        let right = &shared.round.total_count;
        ensure!(
            right.contains(&total_count),
            "TotalCount is {total_count}, not {right:?}"
        );
    }
    Ok(())
}

/// Reads one answer.
async fn answer<'a>(stream: &mut TcpStream, buffer: &'a mut [u8]) -> Result<Response<'a>> {
    let mut n_read = 0;
    while Response::parse(&buffer[..n_read])?.is_none() {
        let n_more = stream.read(&mut buffer[n_read..]).await?;
        ensure!(n_more > 0, "the answer is not complete, or too long");
        n_read += n_more;
    }
    Response::parse(&buffer[..n_read])?.context("an answer")
}
