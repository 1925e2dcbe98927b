//! Starts an emulator inside this process, asks it once, and prints the answer.
//!
//! Run it with `cargo run --example embed --no-default-features`.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use swas_emulator::{Emulator, Fixture};

/// Three fields an image are enough; the rest has defaults.
const IMAGES: &str = r#"{"CustomImages": [
    {"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web"},
    {"ImageId": "m-2", "RegionId": "cn-hangzhou", "Name": "api", "Status": "0"},
    {"ImageId": "m-3", "RegionId": "cn-shanghai", "Name": "db"}
]}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let fixture = Fixture::from_json("images", IMAGES);
    let emulator = Emulator::builder().fixture(fixture).start().await?;
    println!("endpoint for an SDK: {}", emulator.address());

    // This client blocks the only thread here, and is answered all the same: the emulator serves on
    // threads of its own.
    let answer = list_custom_images(emulator.address(), "cn-hangzhou")?;
    println!("{answer}");
    if !answer.contains(r#""TotalCount":"2""#) {
        return Err("two images were expected".into());
    }

    // Dropping it stops it too, at once; this way, requests in flight are finished first.
    emulator.shutdown().await;
    Ok(())
}

/// Asks for a region's images and gives the answer's body.
fn list_custom_images(address: SocketAddr, region_id: &str) -> Result<String, Box<dyn Error>> {
    let target = format!("/?Action=ListCustomImages&Version=2020-06-01&RegionId={region_id}");
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or("the answer has no body")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(answer.into());
    }
    Ok(body.to_owned())
}
