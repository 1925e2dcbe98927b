//! The journal: every request of a sandbox, to verify against.

mod entry;
mod find;
mod laps;
mod listeners;
mod parameters;
mod retries;
mod verify;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::limits::{JOURNAL_BYTES_MAX, JOURNAL_ENTRIES_MAX};

pub(crate) use entry::{Durations, client};
pub use entry::{Outcome, RecordedRequest};
pub(crate) use find::{Find, RequestMatch, Since};
pub use laps::Laps;
pub(crate) use listeners::Listener;
use listeners::Listeners;
pub(crate) use parameters::parameter_uses;
pub use retries::Retries;
pub(crate) use retries::retries;
pub(crate) use verify::Verification;

/// How much a journal keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalSettings {
    /// Requests at most; 0 switches the journal off.
    pub n_entries_max: usize,
    /// Memory at most, in bytes; 0 switches the journal off.
    pub n_bytes_max: usize,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            n_entries_max: JOURNAL_ENTRIES_MAX,
            n_bytes_max: JOURNAL_BYTES_MAX,
        }
    }
}

/// The last requests of one sandbox, oldest first.
#[derive(Debug)]
pub struct Journal {
    settings: JournalSettings,
    state: Mutex<State>,
    listeners: Listeners,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Entry>,
    n_bytes: usize,
    n_forgotten: u64,
}

/// A request and the memory that it takes.
#[derive(Debug)]
struct Entry {
    request: Arc<RecordedRequest>,
    n_bytes: usize,
}

impl State {
    /// Removes the oldest entry.
    fn forget(&mut self) -> Option<Entry> {
        let oldest = self.entries.pop_front()?;
        self.n_bytes -= oldest.n_bytes;
        self.n_forgotten += 1;
        Some(oldest)
    }
}

impl Journal {
    /// A journal without entries.
    pub fn new(settings: JournalSettings) -> Self {
        Self {
            settings,
            state: Mutex::default(),
            listeners: Listeners::default(),
        }
    }

    /// Whether requests are recorded at all.
    pub fn is_on(&self) -> bool {
        self.settings.n_entries_max > 0 && self.settings.n_bytes_max > 0
    }

    /// Records a request; the oldest ones make room for it.
    pub fn record(&self, request: RecordedRequest) {
        if !self.is_on() {
            return;
        }
        let n_bytes = request.n_bytes();
        let request = Arc::new(request);
        let mut state = self.lock();
        state.n_bytes += n_bytes;
        state.entries.push_back(Entry {
            request: Arc::clone(&request),
            n_bytes,
        });
        let mut oldest = None;
        while state.entries.len() > self.settings.n_entries_max
            || state.n_bytes > self.settings.n_bytes_max
        {
            oldest = state.forget();
        }
        drop(state);
        // Mostly one entry makes room for one; its memory is freed without the lock.
        drop(oldest);
        self.listeners.send(&request, n_bytes);
    }

    /// The recorded requests, oldest first.
    pub fn entries(&self) -> Vec<Arc<RecordedRequest>> {
        let state = self.lock();
        let requests = state.entries.iter().map(|entry| &entry.request);
        requests.cloned().collect()
    }

    /// The recorded request with an ID.
    pub fn entry(&self, request_id: &str) -> Option<Arc<RecordedRequest>> {
        let state = self.lock();
        let mut requests = state.entries.iter().map(|entry| &entry.request);
        let found = requests.find(|request| request.request_id == request_id);
        found.map(Arc::clone)
    }

    /// Recorded requests that were removed to make room.
    pub fn n_forgotten(&self) -> u64 {
        self.lock().n_forgotten
    }

    /// The memory that the entries take, in bytes, as counted for the limit.
    pub fn n_bytes(&self) -> usize {
        self.lock().n_bytes
    }

    /// Forgets every request; returns their number.
    pub fn clear(&self) -> usize {
        std::mem::take(&mut *self.lock()).entries.len()
    }

    /// Receives every request from now on. A listener whose requests wait with more than 4 MiB gets no
    /// more of them, and `lost` is called.
    pub(crate) fn listen(&self, lost: impl FnOnce() + Send + 'static) -> Listener {
        self.listeners.add(Box::new(lost))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
