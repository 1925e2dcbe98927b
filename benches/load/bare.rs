//! The bare handler: the same HTTP stack with one route that returns fixed bytes.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::any;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::client::Answer;
use crate::server::Server;

/// The hidden argument that makes this program the bare handler.
///
/// A content type follows; the body comes on standard input.
pub(crate) const FLAG: &str = "--bare";

/// Starts the bare handler as a process of its own, which gives this answer to every request.
pub(crate) fn start(answer: &Answer) -> Result<Server> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([FLAG, &answer.content_type]).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("stdin")?;
    stdin.write_all(&answer.body)?;
    drop(stdin);
    Server::ready(child, None, None).context("the bare handler does not start")
}

/// Serves until the process is killed.
pub(crate) fn serve(content_type: String) -> Result<()> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let body = Bytes::from(body);
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let runtime = Builder::new_multi_thread()
        // As many as the emulator's command has.
        .worker_threads(n_threads.min(4))
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("Listening on http://{}", listener.local_addr()?);
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
