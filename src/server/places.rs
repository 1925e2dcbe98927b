//! The places of connections: who has one, and who has to give one up.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{Id, JoinSet, yield_now};

use crate::base::limits::{CONNECTIONS_MAX, PLACE_TIME_MIN};
use crate::server::connection::{ConnectionHandle, Cut, Wait};
use crate::server::seldom::Seldom;

/// The connections that are served, at most 1,000 of them.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Each runs until its connection has ended.
    tasks: JoinSet<()>,
    /// Those that have a place. One that lost it ends as soon as its task runs.
    taken: HashMap<Id, ConnectionHandle>,
    closed: Seldom,
}

impl Places {
    /// Gives a place to a connection, whose service is `serving`.
    pub(super) fn take(
        &mut self,
        connection: ConnectionHandle,
        serving: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = self.tasks.spawn(serving).id();
        self.taken.insert(id, connection);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Waits until a connection has ended; `None` when there is none.
    pub(super) async fn one_ends(&mut self) -> Option<()> {
        let id = match self.tasks.join_next_with_id().await? {
            Ok((id, ())) => id,
            Err(error) => error.id(),
        };
        self.taken.remove(&id);
        Some(())
    }

    /// Ends the connections whose clients take too long.
    pub(super) fn end_overdue(&self) {
        for connection in self.taken.values() {
            if let Some(cut) = connection.overdue() {
                connection.cut(cut);
            }
        }
    }

    /// Whether there is a place for a client that has waited this long.
    ///
    /// When all are taken, the connection that is idle longest loses its own, else the one whose
    /// client has made no progress for longest. One that waits for the server keeps its place.
    pub(super) async fn has_room(&mut self, waited: Duration) -> bool {
        if self.taken.len() < CONNECTIONS_MAX {
            return true;
        }
        // Connections whose bytes have come note that first, so that none of them passes for idle.
        yield_now().await;
        self.free_one(waited)
    }

    /// Ends a connection to make room; false when each may stay.
    pub(super) fn free_one(&mut self, waited: Duration) -> bool {
        let at_least = match waited {
            waited if waited < PLACE_TIME_MIN => PLACE_TIME_MIN,
            _ => Duration::ZERO,
        };
        let waits = self.taken.iter().map(|(id, connection)| {
            let (wait, quiet) = connection.wait();
            (wait == Wait::Idle, wait, quiet, *id)
        });
        let loser = waits
            .filter(|(_, wait, quiet, _)| *wait != Wait::Server && *quiet >= at_least)
            .max_by_key(|(is_idle, _, quiet, _)| (*is_idle, *quiet));
        let Some((is_idle, _, quiet, id)) = loser else {
            return false;
        };
        if let Some(connection) = self.taken.remove(&id) {
            connection.cut(if is_idle { Cut::Close } else { Cut::Reset });
        }
        if let Some(n_so_far) = self.closed.again() {
            tracing::warn!(
                n_so_far,
                is_idle,
                quiet_ms = u64::try_from(quiet.as_millis()).unwrap_or(u64::MAX),
                "there are too many connections: the one that did nothing for longest was closed"
            );
        }
        true
    }
}
