//! The stream of requests, and its listeners.

use std::sync::Arc;

use super::world;

#[tokio::test]
async fn a_stream_sends_each_request_and_has_at_most_32_listeners() {
    let world = world().await;
    let mut streams = Vec::new();
    for _ in 0..32 {
        let stream = world.open("/_emulator/requests/stream").await;
        assert_eq!(stream.status().as_u16(), 200);
        streams.push(stream);
    }
    let refused = world.open("/_emulator/requests/stream").await;
    assert_eq!(refused.status().as_u16(), 429);
    world.list("PageNumber=7").await;
    let chunk = streams[31].chunk().await.unwrap().unwrap();
    let text = String::from_utf8(chunk.to_vec()).unwrap();
    assert!(text.starts_with("event: request\n"), "{text}");
    assert!(text.contains("\"PageNumber\":\"7\""), "{text}");
    drop(streams);
    // A place is free again once the server has seen that a listener left.
    while world
        .open("/_emulator/requests/stream")
        .await
        .status()
        .as_u16()
        == 429
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_listener_that_does_not_read_is_dropped_and_no_other() {
    const STREAM: &str = "/_emulator/requests/stream";
    const N_REQUESTS: usize = 2_000;
    let world = world().await;
    let mut slow = world.raw();
    slow.send(format!("GET {STREAM} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_eq!(slow.answer_without_body().status, 200);
    let mut stream = world.open(STREAM).await;
    let reading = tokio::spawn(async move { while let Ok(Some(_)) = stream.chunk().await {} });
    // Long records, so that what waits and the buffers of the socket are full soon.
    let agent = "x".repeat(16_000);
    for _ in 0..N_REQUESTS {
        world
            .list_with("PageSize=1", &[("user-agent", &agent)])
            .await;
    }
    // The stream of a listener that is not dropped has no end, so this would fail after a minute.
    let text = slow.rest();
    assert!(text.matches("event: request").count() < N_REQUESTS);
    assert!(
        !text.ends_with("0\r\n\r\n"),
        "it was cut, not brought to its end"
    );
    assert!(!reading.is_finished());
}

#[tokio::test]
async fn a_listener_that_reads_survives_a_burst() {
    let world = Arc::new(world().await);
    let mut stream = world.open("/_emulator/requests/stream").await;
    let asking: Vec<_> = (0..300)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.list("").await.status })
        })
        .collect();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), 200);
    }
    let mut text = String::new();
    while text.matches("event: request").count() < 300 {
        let chunk = stream
            .chunk()
            .await
            .unwrap()
            .expect("the listener was dropped");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}
