//! Serving one connection, to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::http::header::CONNECTION;
use axum::http::{HeaderName, HeaderValue, Request, Response, Version};
use futures_util::FutureExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWrite as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::base::limits::KEEP_ALIVE_TIME;
use crate::server::connection::{ConnectionHandle, Cut};
use crate::server::mistakes::{Mistake, Mistakes};
use crate::server::router::Router;
use crate::server::shutdown::{self, Shutdown};
use crate::server::socket::Socket;
use crate::server::turns::{AnswerBody, RequestBody};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Asks polite clients to end an idle connection themselves, long before this server does.
static KEEP_ALIVE_TIMEOUT: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let text = format!("timeout={}", KEEP_ALIVE_TIME.as_secs());
    HeaderValue::try_from(text).ok()
});

/// What the requests of a connection are answered with.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) handle: ConnectionHandle,
    pub(super) router: Router,
    pub(super) mistakes: Arc<Mistakes>,
}

/// Serves a connection until it ends, is cut, or the server stops.
pub(super) async fn connection(
    stream: TcpStream,
    served: Served,
    mut cut: watch::Receiver<Option<Cut>>,
    mut shutdown: watch::Receiver<Shutdown>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(?error, "no-delay could not be set");
    }
    let mistakes = Arc::clone(&served.mistakes);
    let socket = Socket::new(stream, served.handle.clone());
    let service =
        service_fn(move |request| served.clone().answer(request).map(Ok::<_, Infallible>));
    // The time limits are those of the connection's handle. Hyper's own for a header counts from
    // the answer before, so it would end idle connections.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(socket), service);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(?error, "a connection ended early");
                }
                break;
            }
            Ok(cut) = async { cut.wait_for(Option::is_some).await.map(|cut| *cut) } => {
                let socket = connection.into_parts().io.into_inner();
                prepare_end(&socket.stream, cut);
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
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    let socket = connection.into_parts().io.into_inner();
    if let Some(mistake) = socket.mistake {
        mistakes.warn(mistake);
        refuse(socket.stream, mistake).await;
    }
}

/// Prepares a connection so that dropping it ends it as it was cut.
fn prepare_end(stream: &TcpStream, cut: Option<Cut>) {
    if cut == Some(Cut::Reset)
        && let Err(error) = stream.set_zero_linger()
    {
        tracing::warn!(?error, "a connection could not be reset, so it is closed");
    }
}

/// Answers what is no HTTP/1, and gives the client a moment to read it.
async fn refuse(mut stream: TcpStream, mistake: Mistake) {
    const TIME_MAX: Duration = Duration::from_millis(500);
    let end = async {
        // An empty buffer takes so few bytes at once.
        stream.writable().await?;
        stream.try_write(mistake.answer())?;
        poll_fn(|context| Pin::new(&mut stream).poll_shutdown(context)).await?;
        // Closed with bytes unread, the connection would be reset, and the answer lost.
        loop {
            stream.readable().await?;
            match stream.try_read(&mut [0; 1_024]) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    };
    // There is nobody to tell: the connection ends in any case.
    timeout(TIME_MAX, end).await.ok();
}

impl Served {
    /// Answers a request and tells the connection how far it is.
    async fn answer(self, request: Request<Incoming>) -> Response<AnswerBody> {
        let connection = self.handle;
        if request.body().is_end_stream() {
            connection.answer_begins();
        } else {
            connection.body_begins();
        }
        if let Some(mistake) = Mistake::of_request(&request) {
            self.mistakes.warn(mistake);
        }
        let persists = persists(&request);
        let request = request.map(|body| RequestBody::new(body, &connection));
        let mut response = self.router.front_door(request, connection.clone()).await;
        if let Some(timeout) = KEEP_ALIVE_TIMEOUT.as_ref().filter(|_| persists) {
            response.headers_mut().insert(KEEP_ALIVE, timeout.clone());
        }
        response.map(|body| AnswerBody::new(body, connection))
    }
}

/// Whether the client wants to keep the connection after this request.
fn persists<B>(request: &Request<B>) -> bool {
    let values = request.headers().get_all(CONNECTION).into_iter();
    let mut options = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut has = |option: &str| options.any(|sent| sent.trim().eq_ignore_ascii_case(option));
    if request.version() == Version::HTTP_10 {
        has("keep-alive")
    } else {
        !has("close")
    }
}
