//! A connection that is served: what it does, and how it can be ended.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::base::Stopwatch;
use crate::base::limits::{HEADER_TIME_MAX, IDLE_TIME_MAX, PROGRESS_TIME_MAX};

/// How a connection ends at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// With a RST: the client sees a reset.
    Reset,
    /// With a FIN and not a byte more: the client sees the end.
    Close,
}

/// Whom a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// For the client to begin a request: nothing is lost when the connection ends.
    Idle,
    /// For the client to go on, with its request or with reading the answer.
    Client,
    /// For the server.
    Server,
}

/// How far the current request of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No byte has come yet.
    New,
    /// The answer before has ended, and no byte of the next request has come.
    Idle,
    /// A header has begun.
    Header,
    /// The header is read, its body is not.
    Body,
    /// The request is read, its answer is not ended.
    Answer,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Runs since the last progress. Bytes of a header are none: it has one limit for all of it.
    quiet: Stopwatch,
    /// Whether bytes of an answer wait until the client reads.
    is_unread: bool,
    /// Whether bytes have come that belong to the next request.
    is_ahead: bool,
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.quiet = Stopwatch::start();
    }
}

#[derive(Debug)]
struct Shared {
    cut: watch::Sender<Option<Cut>>,
    state: Mutex<State>,
}

/// A connection, as everyone sees it who serves it or ends it.
#[derive(Debug, Clone)]
pub(super) struct ConnectionHandle(Arc<Shared>);

impl ConnectionHandle {
    /// A handle on a new connection, and the end at which the connection hears of its cut.
    pub(super) fn new() -> (Self, watch::Receiver<Option<Cut>>) {
        let (cut, receiver) = watch::channel(None);
        let state = Mutex::new(State {
            phase: Phase::New,
            quiet: Stopwatch::start(),
            is_unread: false,
            is_ahead: false,
        });
        (Self(Arc::new(Shared { cut, state })), receiver)
    }

    /// Ends the connection; what the handler does afterwards reaches nobody.
    pub(super) fn cut(&self, cut: Cut) {
        self.0.cut.send_replace(Some(cut));
    }

    /// Bytes have come from the client.
    pub(super) fn received(&self) {
        self.change(|state| match state.phase {
            Phase::New => state.phase = Phase::Header,
            Phase::Idle => state.enter(Phase::Header),
            Phase::Header => {}
            Phase::Body => state.enter(Phase::Body),
            Phase::Answer => state.is_ahead = true,
        });
    }

    /// Bytes have gone to the client.
    pub(super) fn sent(&self) {
        self.change(|state| {
            if state.is_unread {
                state.is_unread = false;
                state.quiet = Stopwatch::start();
            }
        });
    }

    /// Bytes cannot go to the client until it reads.
    pub(super) fn unread(&self) {
        self.change(|state| {
            if !state.is_unread {
                state.is_unread = true;
                state.quiet = Stopwatch::start();
            }
        });
    }

    /// A request's header is read; its body is yet to come.
    pub(super) fn body_begins(&self) {
        self.change(|state| state.enter(Phase::Body));
    }

    /// A request is read whole.
    pub(super) fn answer_begins(&self) {
        self.change(|state| state.enter(Phase::Answer));
    }

    /// An answer has ended, though its last bytes may still wait for the client.
    pub(super) fn answer_ends(&self) {
        self.change(|state| {
            let is_ahead = std::mem::take(&mut state.is_ahead);
            state.enter(if is_ahead { Phase::Header } else { Phase::Idle });
        });
    }

    /// Whom the connection waits for, and since when it has made no progress.
    pub(super) fn wait(&self) -> (Wait, Duration) {
        let mut found = (Wait::Server, Duration::ZERO);
        self.change(|state| {
            let wait = match state.phase {
                _ if state.is_unread => Wait::Client,
                Phase::New | Phase::Idle => Wait::Idle,
                Phase::Header | Phase::Body => Wait::Client,
                Phase::Answer => Wait::Server,
            };
            found = (wait, state.quiet.elapsed());
        });
        found
    }

    /// How the connection has to end if the client's time is over.
    ///
    /// A body has its limit where it is read, since it can still be answered.
    pub(super) fn overdue(&self) -> Option<Cut> {
        let mut found = None;
        self.change(|state| {
            let (limit, cut) = match state.phase {
                // Nobody reads what is on its way, so it is thrown away.
                _ if state.is_unread => (PROGRESS_TIME_MAX, Cut::Reset),
                Phase::New | Phase::Header => (HEADER_TIME_MAX, Cut::Close),
                Phase::Idle => (IDLE_TIME_MAX, Cut::Close),
                Phase::Body | Phase::Answer => return,
            };
            found = (state.quiet.elapsed() >= limit).then_some(cut);
        });
        found
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let state = self.0.state.lock();
        change(&mut state.unwrap_or_else(PoisonError::into_inner));
    }
}
