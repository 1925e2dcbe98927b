//! The journal as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use crate::base::limits::JOURNAL_LISTENERS_MAX;
use crate::control::{ControlError, Route};
use crate::journal::RecordedRequest;
use crate::server::connection::{ConnectionHandle, Cut};
use crate::server::guard::guarded;
use crate::server::reply::respond;
use crate::server::shutdown::{self, Shutdown};
use crate::server::state::AppState;

/// How often a quiet stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Requests that wait for a listener's socket; one more, and the listener is dropped.
const WAITING_MAX: usize = 1_024;

/// Sends every request of a sandbox as it is recorded, until the listener leaves or lags behind.
pub(super) fn requests(route: &Route, state: &AppState, request: &Request) -> Response {
    let listener = match listen(route, state, request) {
        Ok(listener) => listener,
        Err(error) => return respond(Err(error)),
    };
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(listener.forward(sender));
    let events = stream::unfold(receiver, |mut events| async move {
        let request: Arc<RecordedRequest> = events.recv().await?;
        let event = Event::default().event("request").id(&request.request_id);
        let event = event.data(request.json().to_string());
        Some((Ok::<_, Infallible>(event), events))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// A client that listens, and its place among the listeners.
struct Listener {
    requests: Receiver<Arc<RecordedRequest>>,
    shutdown: watch::Receiver<Shutdown>,
    connection: Option<ConnectionHandle>,
    _place: OwnedSemaphorePermit,
}

fn listen(route: &Route, state: &AppState, request: &Request) -> Result<Listener, ControlError> {
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
    Ok(Listener {
        requests: sandbox.journal().listen(),
        shutdown: state.shutdown.clone(),
        connection: request.extensions().get().cloned(),
        _place: place,
    })
}

impl Listener {
    /// Hands requests on until the listener leaves, the server stops, or the sandbox is gone; a
    /// listener that does not read fast enough loses its connection.
    async fn forward(mut self, events: mpsc::Sender<Arc<RecordedRequest>>) {
        loop {
            let request = tokio::select! {
                request = self.requests.recv() => request,
                () = events.closed() => return,
                () = shutdown::requested(&mut self.shutdown) => return,
            };
            if !request.is_ok_and(|request| events.try_send(request).is_ok()) {
                break;
            }
        }
        if let Some(connection) = &self.connection {
            connection.cut(Cut::Close);
        }
    }
}
