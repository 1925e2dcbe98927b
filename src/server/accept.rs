//! The server's own accept loop.
//!
//! `axum::serve` sets no time limits and hands out no socket, so hyper's connections are run here:
//! with a limit for each thing that a client can be slow with, a limit on their number, and a
//! graceful stop.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::base::Stopwatch;
use crate::base::limits::SHUTDOWN_TIME_MAX;
use crate::server::connection::ConnectionHandle;
use crate::server::mistakes::Mistakes;
use crate::server::places::Places;
use crate::server::router::Router;
use crate::server::serve::{Served, connection};
use crate::server::shutdown::{self, Shutdown};

/// Time between two looks for clients that take too long.
const SWEEP_PAUSE: Duration = Duration::from_millis(500);

/// Time between two looks for a place while a client waits for one.
const PLACE_PAUSE: Duration = Duration::from_millis(20);

/// Serves connections until the server has to stop.
pub(crate) async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    mut shutdown: watch::Receiver<Shutdown>,
) {
    let mut places = Places::default();
    let mut waiting: Option<Waiting> = None;
    let mut stop = shutdown.clone();
    let mistakes = Arc::new(Mistakes::default());
    let mut sweep = interval(SWEEP_PAUSE);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = 0;
    loop {
        tokio::select! {
            () = shutdown::requested(&mut stop) => break,
            Some(()) = places.one_ends() => {}
            _ = sweep.tick(), if !places.is_empty() => places.end_overdue(),
            () = sleep(PLACE_PAUSE), if waiting.is_some() => {}
            accepted = accept(&listeners, &mut turn), if waiting.is_none() => match accepted {
                Ok(stream) => waiting = Some(Waiting::new(stream)),
                Err(error) => refused(&mut places, &error).await,
            }
        }
        let Some(client) = waiting.take() else {
            continue;
        };
        if places.has_room(client.since.elapsed()).await {
            let (handle, cut) = ConnectionHandle::new();
            let served = Served {
                handle: handle.clone(),
                router: router.clone(),
                mistakes: Arc::clone(&mistakes),
            };
            let serving = connection(client.stream, served, cut, shutdown.clone());
            places.take(handle, serving);
        } else {
            waiting = Some(client);
        }
    }
    drop((listeners, waiting));
    let finish = async { while places.one_ends().await.is_some() {} };
    tokio::select! {
        finished = timeout(SHUTDOWN_TIME_MAX, finish) => if finished.is_err() {
            tracing::warn!("requests in flight took too long and were dropped");
        },
        _ = shutdown.wait_for(|shutdown| *shutdown == Shutdown::Immediate) => {}
    }
}

/// A client that has no place yet.
struct Waiting {
    stream: TcpStream,
    since: Stopwatch,
}

impl Waiting {
    fn new(stream: TcpStream) -> Self {
        let since = Stopwatch::start();
        Self { stream, since }
    }
}

/// Accepts from any of the listeners, each in its turn.
async fn accept(listeners: &[TcpListener], turn: &mut usize) -> io::Result<TcpStream> {
    poll_fn(|context| {
        for _ in listeners {
            *turn = (*turn + 1) % listeners.len();
            if let Poll::Ready(accepted) = listeners[*turn].poll_accept(context) {
                return Poll::Ready(accepted.map(|(stream, _)| stream));
            }
        }
        Poll::Pending
    })
    .await
}

/// A client could not be accepted: most likely there are no file descriptors left, so another
/// connection gives its own up.
async fn refused(places: &mut Places, error: &io::Error) {
    const PAUSE: Duration = Duration::from_millis(50);
    tracing::warn!(?error, "a connection could not be accepted");
    places.free_one(Duration::ZERO);
    sleep(PAUSE).await;
}
