//! Rounds: so many requests to one server, and the CPU time that they took it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::args::Args;
use crate::generator::{Check, Generator, Outcome, Waiting};
use crate::request::Batch;
use crate::server::Server;
use crate::statistics::{Spread, percentile, us_each};

/// Requests of the first look at how fast a server is.
const N_FIRST: usize = 32;

/// Most requests of a round.
const N_MAX: usize = 1_000_000;

/// Drives rounds of about the same length.
#[derive(Debug)]
pub(crate) struct Driver {
    generator: Generator,
    n_connections: usize,
    round: Duration,
}

/// What the rounds of one server gave.
#[derive(Debug, Default)]
pub(crate) struct Series {
    // One of each for each round, in microseconds.
    cpu: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Series {
    /// CPU of each request, in microseconds.
    pub(crate) fn cpu_us(&self) -> Spread {
        Spread::of(self.cpu.iter().copied())
    }

    /// The latency that half of the requests keep, in microseconds.
    pub(crate) fn p50_us(&self) -> Spread {
        Spread::of(self.p50.iter().copied())
    }

    /// The latency that 99 of 100 requests keep, in microseconds.
    pub(crate) fn p99_us(&self) -> Spread {
        Spread::of(self.p99.iter().copied())
    }

    /// CPU as a multiple of another server's in the same round.
    pub(crate) fn cpu_ratio(&self, floor: &Self) -> Spread {
        ratio(&self.cpu, &floor.cpu)
    }

    /// The slow answers as a multiple of another server's in the same round.
    pub(crate) fn p99_ratio(&self, floor: &Self) -> Spread {
        ratio(&self.p99, &floor.p99)
    }
}

fn ratio(values: &[f64], floors: &[f64]) -> Spread {
    Spread::of(
        values
            .iter()
            .zip(floors)
            .map(|(value, floor)| value / floor),
    )
}

impl Driver {
    pub(crate) fn new(args: &Args, n_connections: usize, waiting: Waiting) -> Result<Self> {
        Ok(Self {
            generator: Generator::new(waiting)?,
            n_connections,
            round: Duration::from_millis(args.round_ms),
        })
    }

    /// Warms a server up and tells how many requests it answers in the time of a round.
    ///
    /// `batch` makes the requests, so many or fewer.
    pub(crate) fn calibrate(
        &self,
        server: &Server,
        check: Check,
        mut batch: impl FnMut(usize) -> Arc<Batch>,
    ) -> Result<usize> {
        let mut n = N_FIRST.max(2 * self.n_connections);
        loop {
            let requests = batch(n);
            let outcome = self.drive(server, &requests, n, check)?;
            if outcome.elapsed >= self.round / 8 {
                let n_us = n as u128 * self.round.as_micros();
                let n_round = usize::try_from(n_us / outcome.elapsed.as_micros())?;
                return Ok(n_round.clamp(N_FIRST, N_MAX));
            }
            n *= 4;
        }
    }

    /// Sends `n` requests and adds what they took to `series`.
    pub(crate) fn round(
        &self,
        server: &Server,
        batch: &Arc<Batch>,
        n: usize,
        check: Check,
        series: &mut Series,
    ) -> Result<()> {
        server.truncate_log()?;
        let before = server.cpu_time()?;
        let outcome = self.drive(server, batch, n, check)?;
        let cpu = server.cpu_time()?.saturating_sub(before);
        series.cpu.push(us_each(cpu, n));
        series.p50.push(percentile(&outcome.latencies_us, 50));
        series.p99.push(percentile(&outcome.latencies_us, 99));
        Ok(())
    }

    fn drive(
        &self,
        server: &Server,
        batch: &Arc<Batch>,
        n: usize,
        check: Check,
    ) -> Result<Outcome> {
        let n_connections = self.n_connections;
        self.generator
            .drive(server.address, n_connections, batch, n, check)
    }
}
