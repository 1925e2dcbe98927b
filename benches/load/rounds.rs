//! Rounds: each server answers the same requests in turns, and each turn is measured.

use std::fmt;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::args::Args;
use crate::generator::{Generator, Round};
use crate::request::Requests;
use crate::server::Server;

/// The servers that are compared: the bare handler, this emulator, then the other ones.
#[derive(Debug)]
pub(crate) struct Contest<'a> {
    generator: &'a Generator,
    servers: Vec<&'a Server>,
    total_count: RangeInclusive<u64>,
    /// How many requests each server answers in a round.
    n_requests: Vec<usize>,
    batch: Rc<Vec<String>>,
    /// CPU of a request in microseconds, for each server in each round.
    pub(crate) cpu_us: Vec<Vec<f64>>,
    /// The latency that 99 of 100 requests keep, in microseconds, likewise.
    pub(crate) p99_us: Vec<Vec<f64>>,
}

impl<'a> Contest<'a> {
    /// Warms each server up and finds how many requests it answers in the time of a round.
    ///
    /// Each answer must have a `TotalCount` in this range.
    pub(crate) fn new(
        args: &Args,
        generator: &'a Generator,
        servers: Vec<&'a Server>,
        requests: &mut Requests<'_>,
        total_count: RangeInclusive<u64>,
    ) -> Result<Self> {
        let mut contest = Self {
            generator,
            cpu_us: vec![Vec::new(); servers.len()],
            p99_us: vec![Vec::new(); servers.len()],
            servers,
            total_count,
            n_requests: Vec::new(),
            batch: Rc::default(),
        };
        let round = Duration::from_millis(args.round_ms);
        for idx in 0..contest.servers.len() {
            contest.servers[idx].warm()?;
            let mut n = 2 * generator.n_connections;
            let elapsed = loop {
                contest.batch = Rc::new(requests.batch(n));
                let started = Instant::now();
                contest.drive(idx, n)?;
                let elapsed = started.elapsed();
                if elapsed >= round / 8 {
                    break elapsed;
                }
                n *= 4;
            };
            let n_us = n as u128 * round.as_micros();
            let n = usize::try_from(n_us / elapsed.as_micros())?;
            contest.n_requests.push(n.max(32));
        }
        Ok(contest)
    }

    /// Makes the requests of the next round.
    pub(crate) fn prepare(&mut self, requests: &mut Requests<'_>) -> Result<()> {
        // The bare handler does not look at its requests, so it may get the same ones again.
        let n_max = self.n_requests[1..].iter().max();
        self.batch = Rc::new(requests.batch(n_max.copied().unwrap_or(0)));
        self.servers.iter().try_for_each(|server| server.warm())
    }

    /// Measures one server in this round.
    pub(crate) fn measure(&mut self, idx: usize) -> Result<()> {
        let server = self.servers[idx];
        let mut n = self.n_requests[idx];
        if idx > 0 {
            n = n.min(self.batch.len());
        }
        server.truncate_log()?;
        let before = server.cpu_time()?;
        let latencies = self.drive(idx, n)?;
        let cpu = server.cpu_time()?.saturating_sub(before);
        self.cpu_us[idx].push(cpu.as_secs_f64() * 1e6 / n as f64);
        self.p99_us[idx].push(latencies[n * 99 / 100].as_secs_f64() * 1e6);
        Ok(())
    }

    fn drive(&self, idx: usize, n_requests: usize) -> Result<Vec<Duration>> {
        self.generator.drive(Round {
            address: self.servers[idx].address,
            batch: Rc::clone(&self.batch),
            n_requests,
            total_count: self.total_count.clone(),
        })
    }
}

/// What several rounds gave: the middle, the least and the most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    /// The spread of at least one value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self {
            median: f64::midpoint(values[last / 2], values[values.len() / 2]),
            min: values[0],
            max: values[last],
        }
    }

    /// The spread of one server's values as multiples of another's in the same rounds.
    pub(crate) fn of_ratio(values: &[f64], others: &[f64]) -> Self {
        let pairs = values.iter().zip(others);
        Self::of(pairs.map(|(value, other)| value / other))
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, min, max } = self;
        write!(f, "{median:.2}")?;
        if min < max {
            write!(f, " ({min:.2}–{max:.2})")?;
        }
        Ok(())
    }
}
