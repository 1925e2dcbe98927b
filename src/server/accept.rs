//! The server's own accept loop.
//!
//! `axum::serve` sets no time limit for a request's header and hands out no socket, so hyper's
//! connections are run here: with that limit, a limit on their number, and a graceful stop.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{sleep, timeout};

use crate::base::limits::{CONNECTIONS_MAX, HEADER_TIME_MAX, SHUTDOWN_TIME_MAX};
use crate::server::connection::{ConnectionHandle, Cut};
use crate::server::router::Router;
use crate::server::shutdown::{self, Shutdown};

/// Serves connections until the server has to stop.
///
/// Past 1,000 connections, more wait in the listener's backlog until one ends.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut shutdown: watch::Receiver<Shutdown>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut stop = shutdown.clone();
    loop {
        tokio::select! {
            () = shutdown::requested(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = accept(&listener, &places) => if let Some((stream, place)) = accepted {
                let connection = connection(stream, router.clone(), shutdown.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
        }
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        finished = timeout(SHUTDOWN_TIME_MAX, finish) => if finished.is_err() {
            tracing::warn!("requests in flight took too long and were dropped");
        },
        _ = shutdown.wait_for(|shutdown| *shutdown == Shutdown::Immediate) => {}
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            // Most likely there are no file descriptors left: wait until some are free.
            const PAUSE: Duration = Duration::from_millis(50);
            tracing::warn!(?error, "a connection could not be accepted");
            sleep(PAUSE).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, router: Router, mut shutdown: watch::Receiver<Shutdown>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(?error, "no-delay could not be set");
    }
    let (handle, mut cut) = ConnectionHandle::new();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answer = router.clone().front_door(request, handle.clone());
        answer.map(Ok::<_, Infallible>)
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(?error, "a connection ended early");
                }
                return;
            }
            Ok(cut) = async { cut.wait_for(Option::is_some).await.map(|cut| *cut) } => {
                let stream = connection.into_parts().io.into_inner();
                prepare_end(&stream, cut);
                return;
            }
            () = shutdown::requested(&mut shutdown), if !stopping => {
                stopping = true;
                // A request that has arrived is in flight, even if nobody has looked yet: without
                // this look, its connection would pass for an idle one and be closed.
                yield_now().await;
                if (&mut connection).now_or_never().is_some() {
                    return;
                }
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
}

/// Prepares a connection so that dropping it ends it as a fault asks for.
fn prepare_end(stream: &TcpStream, cut: Option<Cut>) {
    if cut == Some(Cut::Reset)
        && let Err(error) = stream.set_zero_linger()
    {
        tracing::warn!(?error, "a connection could not be reset, so it is closed");
    }
}
