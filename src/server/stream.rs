//! The journal as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::base::limits::JOURNAL_LISTENERS_MAX;
use crate::control::{ControlError, Route};
use crate::journal::Listener;
use crate::server::connection::{ConnectionHandle, Cut};
use crate::server::guard::guarded;
use crate::server::reply::respond;
use crate::server::shutdown::{self, Shutdown};
use crate::server::state::AppState;

/// How often a quiet stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Sends every request of a sandbox as it is recorded, until the listener leaves or lags behind.
pub(super) fn requests(route: &Route, state: &AppState, request: &Request) -> Response {
    let streamed = match listen(route, state, request) {
        Ok(streamed) => streamed,
        Err(error) => return respond(Err(error)),
    };
    let events = stream::unfold(streamed, |mut streamed| async move {
        let event = streamed.next().await?;
        Some((Ok::<_, Infallible>(event), streamed))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// A client that listens, and its place among the listeners.
struct Streamed {
    requests: Listener,
    shutdown: watch::Receiver<Shutdown>,
    _place: OwnedSemaphorePermit,
}

fn listen(route: &Route, state: &AppState, request: &Request) -> Result<Streamed, ControlError> {
    guarded(state, request.headers())?;
    let query = route.read_query(request.uri().query().unwrap_or_default())?;
    let name = query.value("sandbox");
    let sandbox = state.sandboxes()?.existing(name)?.ok_or_else(|| {
        let hint = "POST /_emulator/sandboxes makes it; so does the first request that names it";
        ControlError::unknown_sandbox(name.unwrap_or_default(), hint)
    })?;
    let place = Arc::clone(&state.listeners).try_acquire_owned();
    let place = place.map_err(|_| {
        let message = format!("{JOURNAL_LISTENERS_MAX} listeners are there already");
        ControlError::new(429, "TooManyListeners", message, "wait until one has left")
    })?;
    let connection: Option<ConnectionHandle> = request.extensions().get().cloned();
    let lost = move || {
        // Only the end of the connection tells a client of a stream that something is missing.
        if let Some(connection) = connection {
            connection.cut(Cut::Close);
        }
    };
    Ok(Streamed {
        requests: sandbox.journal().listen(lost),
        shutdown: state.shutdown.clone(),
        _place: place,
    })
}

impl Streamed {
    /// The next request as an event; none when the server stops or the sandbox is gone.
    async fn next(&mut self) -> Option<Event> {
        let request = tokio::select! {
            request = self.requests.next() => request?,
            () = shutdown::requested(&mut self.shutdown) => return None,
        };
        let event = Event::default().event("request").id(&request.request_id);
        Some(event.data(request.json().to_string()))
    }
}
