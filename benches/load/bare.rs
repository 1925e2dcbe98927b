//! The floor: the same HTTP stack with one route that answers fixed bytes.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::any;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// The hidden argument by which the benchmark runs itself as the bare handler; a content type
/// follows, and the body comes on standard input.
pub(crate) const FLAG: &str = "--bare";

/// Most worker threads, as many as the emulator's command has at most.
const WORKER_THREADS_MAX: usize = 4;

/// Serves until the process is killed.
pub(crate) fn serve(content_type: String) -> Result<()> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let body = Bytes::from(body);
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let runtime = Builder::new_multi_thread()
        .worker_threads(n_threads.min(WORKER_THREADS_MAX))
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(address).await?;
        let mut stdout = std::io::stdout();
        writeln!(stdout, "Listening on http://{}", listener.local_addr()?)?;
        stdout.flush()?;
        let answer = move || async move { ([(CONTENT_TYPE, content_type)], body) };
        let router = Router::new().route("/", any(answer));
        let listener = listener.tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
        axum::serve(listener, router)
            .await
            .context("the bare handler stopped")
    })
}
