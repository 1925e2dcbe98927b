//! The places of requests that take long.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::support::{LIST, Raw, World};

/// Asks for more than the system keeps for a connection that nobody reads.
const EXPORT: &str = "GET /_emulator/export HTTP/1.1\r\nHost: localhost\r\n\r\n";

const CLOCK: &str = "GET /_emulator/clock HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Connects a client for which the system keeps a few kilobytes at most.
async fn connect_with_little_room(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let stream = socket.connect(address).await.unwrap();
    let stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream
}

#[tokio::test]
async fn requests_that_take_long_have_32_places_and_all_others_go_on() {
    let world = World::empty().await;
    world.sandbox("default").generate(4_000).unwrap();
    let mut unread = Vec::new();
    for _ in 0..32 {
        let mut client = Raw::over(connect_with_little_room(world.address()).await);
        client.send(EXPORT);
        client.answer_without_body();
        unread.push(client);
    }

    let mut waiting = world.raw();
    waiting.send(CLOCK);
    waiting.assert_silent_for(Duration::from_millis(300));
    let mut other = world.raw();
    assert_eq!(other.own("/livez").status, 200);
    assert_eq!(other.get(LIST).status, 200);
    unread.pop();
    assert_eq!(waiting.answer().status, 200);
}
