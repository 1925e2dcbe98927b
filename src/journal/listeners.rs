//! Listeners of a journal: each has a queue of its own, bounded in bytes.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::base::limits::LISTENER_BYTES_MAX;
use crate::journal::RecordedRequest;

/// What is called when a listener has lagged too far behind.
type Lost = Box<dyn FnOnce() + Send>;

/// Everybody who listens to one journal.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Sender>>);

/// The journal's end of a listener's queue.
struct Sender {
    requests: mpsc::UnboundedSender<Arc<RecordedRequest>>,
    n_bytes: Arc<AtomicUsize>,
    lost: Lost,
}

/// The listener's end: the requests that have been recorded since it began to listen.
#[derive(Debug)]
pub(crate) struct Listener {
    requests: mpsc::UnboundedReceiver<Arc<RecordedRequest>>,
    /// Of the requests that wait.
    n_bytes: Arc<AtomicUsize>,
}

impl Listeners {
    /// Adds a listener.
    pub(super) fn add(&self, lost: Lost) -> Listener {
        let (sender, receiver) = mpsc::unbounded_channel();
        let n_bytes = Arc::new(AtomicUsize::new(0));
        let sender = Sender {
            requests: sender,
            n_bytes: Arc::clone(&n_bytes),
            lost,
        };
        self.with(|senders| senders.push(sender));
        Listener {
            requests: receiver,
            n_bytes,
        }
    }

    /// Hands a request to every listener; one whose queue is full is lost.
    pub(super) fn send(&self, request: &Arc<RecordedRequest>, n_bytes: usize) {
        self.with(|senders| {
            for full in senders.extract_if(.., |sender| !sender.send(request, n_bytes)) {
                (full.lost)();
            }
        });
    }

    /// Forgets who has left, and changes the others.
    fn with(&self, change: impl FnOnce(&mut Vec<Sender>)) {
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|sender| !sender.requests.is_closed());
        change(&mut senders);
    }
}

impl Sender {
    /// Puts a request into the queue; false when it is full.
    fn send(&self, request: &Arc<RecordedRequest>, n_bytes: usize) -> bool {
        let n_waiting = self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed);
        // A listener that left is forgotten the next time.
        self.requests.send(Arc::clone(request)).ok();
        n_waiting + n_bytes <= LISTENER_BYTES_MAX
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.debug_struct("Listeners").finish_non_exhaustive()
    }
}

impl Listener {
    /// The next request; `None` when the journal is gone or the listener was lost.
    pub(crate) async fn next(&mut self) -> Option<Arc<RecordedRequest>> {
        let request = self.requests.recv().await?;
        let n_bytes = request.n_bytes();
        self.n_bytes.fetch_sub(n_bytes, Ordering::Relaxed);
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test should panic")]

    use futures_util::FutureExt as _;

    use super::*;
    use crate::journal::{Journal, JournalSettings};

    fn record(journal: &Journal, n_bytes: usize) {
        journal.record(RecordedRequest {
            user_agent: Some("x".repeat(n_bytes)),
            ..RecordedRequest::default()
        });
    }

    /// A listener, and whether it was lost.
    fn listen(journal: &Journal) -> (Listener, Arc<Mutex<bool>>) {
        let is_lost = Arc::new(Mutex::new(false));
        let lost = Arc::clone(&is_lost);
        (
            journal.listen(move || *lost.lock().unwrap() = true),
            is_lost,
        )
    }

    #[test]
    fn a_listener_is_lost_once_more_than_4_mib_wait_and_one_that_reads_is_not() {
        let journal = Journal::new(JournalSettings::default());
        let (_silent, silent_is_lost) = listen(&journal);
        let (mut reading, reading_is_lost) = listen(&journal);
        for n_mib in 1..10 {
            // A little less, since a record takes more than its longest text.
            record(&journal, (1 << 20) - 4_096);
            assert!(reading.next().now_or_never().flatten().is_some());
            assert_eq!(*silent_is_lost.lock().unwrap(), n_mib > 4, "{n_mib} MiB");
        }
        assert!(!*reading_is_lost.lock().unwrap());
    }

    #[test]
    fn a_listener_that_left_is_forgotten_without_being_lost() {
        let journal = Journal::new(JournalSettings::default());
        let (left, is_lost) = listen(&journal);
        let weak = Arc::downgrade(&is_lost);
        drop(left);
        record(&journal, 5 << 20);
        assert!(!*is_lost.lock().unwrap());
        drop(is_lost);
        assert!(weak.upgrade().is_none(), "the journal still has its end");
    }
}
