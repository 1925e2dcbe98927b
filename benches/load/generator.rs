//! The load: connections that each ask, read the answer, and ask again.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, yield_now};

use crate::client::Response;
use crate::request::Batch;

/// What every answer of a round must be, beside a 200.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// A body of just so many bytes.
    Length(usize),
    /// A listing with this `TotalCount`.
    Total(u64),
    /// A listing of at least one image.
    SomeImages,
}

impl Check {
    fn check(self, response: &Response<'_>) -> Result<()> {
        let status = response.status;
        ensure!(status == 200, "an answer has status {status}, not 200");
        let n_bytes = response.body.len();
        let total = || {
            response
                .total_count()
                .context("an answer has no TotalCount")
        };
        match self {
            Self::Length(length) => ensure!(
                n_bytes == length,
                "an answer has {n_bytes} bytes, not {length}"
            ),
            Self::Total(right) => {
                let total = total()?;
                ensure!(total == right, "TotalCount is {total}, not {right}");
            }
            Self::SomeImages => ensure!(total()? > 0, "TotalCount is 0"),
        }
        Ok(())
    }
}

/// What one round gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) elapsed: Duration,
    /// One for each request, in microseconds, rising.
    pub(crate) latencies_us: Vec<u32>,
}

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
    waiting: Waiting,
}

impl Generator {
    pub(crate) fn new(waiting: Waiting) -> Result<Self> {
        let runtime = Builder::new_current_thread()
            // Looks for answers between any two steps.
            .event_interval(1)
            .enable_all()
            .build()?;
        Ok(Self { runtime, waiting })
    }

    /// Sends `n_requests` over so many connections, each as fast as it is answered.
    ///
    /// The first answer that is not right ends it with an error.
    pub(crate) fn drive(
        &self,
        address: SocketAddr,
        n_connections: usize,
        batch: &Arc<Batch>,
        n_requests: usize,
        check: Check,
    ) -> Result<Outcome> {
        let shared = Rc::new(Shared {
            address,
            batch: Arc::clone(batch),
            next: Cell::new(0),
            n_requests,
            check,
            latencies_us: RefCell::new(Vec::with_capacity(n_requests)),
        });
        let started = Instant::now();
        let tasks = LocalSet::new();
        let connections: Vec<_> = (0..n_connections)
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
        let elapsed = started.elapsed();
        let mut latencies_us = shared.latencies_us.take();
        latencies_us.sort_unstable();
        ensure!(latencies_us.len() == n_requests, "requests were lost");
        Ok(Outcome {
            elapsed,
            latencies_us,
        })
    }
}

/// What the connections of one round have in common.
struct Shared {
    address: SocketAddr,
    batch: Arc<Batch>,
    next: Cell<usize>,
    n_requests: usize,
    check: Check,
    latencies_us: RefCell<Vec<u32>>,
}

impl Shared {
    /// The next request that nobody has sent yet.
    fn take(&self) -> Option<&[u8]> {
        let idx = self.next.get();
        self.next.set(idx + 1);
        (idx < self.n_requests).then(|| self.batch.request(idx))
    }
}

/// Keeps the thread from sleeping.
async fn stay_awake() {
    loop {
        yield_now().await;
    }
}

async fn connection(shared: Rc<Shared>) -> Result<()> {
    let mut stream = TcpStream::connect(shared.address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 256 << 10];
    while let Some(request) = shared.take() {
        let sent = Instant::now();
        stream.write_all(request).await?;
        answer(&mut stream, &mut buffer, shared.check).await?;
        let latency_us = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
        shared.latencies_us.borrow_mut().push(latency_us);
    }
    Ok(())
}

/// Reads one answer and checks it.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, check: Check) -> Result<()> {
    let mut n_read = 0;
    loop {
        if n_read == buffer.len() {
            buffer.resize(2 * n_read, 0);
        }
        let n_more = stream.read(&mut buffer[n_read..]).await?;
        n_read += n_more;
        if let Some(response) = Response::parse(&buffer[..n_read])? {
            return check.check(&response);
        }
        ensure!(n_more > 0, "the connection ended within an answer");
    }
}
