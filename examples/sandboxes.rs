//! Gives a test its own world: a sandbox with a seed, changed, listed by a client, and reset.
//!
//! Run it with `cargo run --example sandboxes --no-default-features`.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use swas_emulator::{Emulator, Fixture};

const IMAGES: &str =
    r#"[{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web", "Status": "0"}]"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().isolate().start().await?;

    // A world for each test: the name is the AccessKeyId that the test's client sends.
    let sandbox = emulator.sandbox("ci-7");
    sandbox.seed(Fixture::from_json("images", IMAGES))?;
    sandbox.patch("m-1", &json!({"Status": "1"}))?;
    let answer = list(&emulator, "ci-7")?;
    assert!(answer.contains(r#""TotalCount":"1""#) && answer.contains(r#""Status":"1""#));

    // Back to the seed: the image is copying again. Nobody else saw any of it.
    sandbox.reset()?;
    assert!(list(&emulator, "ci-7")?.contains(r#""Status":"0""#));
    assert!(!list(&emulator, "ci-8")?.contains("m-1\""));
    Ok(())
}

/// Lists as a client with this AccessKeyId does; an SDK only signs beside it.
fn list(emulator: &Emulator, access_key_id: &str) -> Result<String, Box<dyn Error>> {
    let query = format!("RegionId=cn-hangzhou&AccessKeyId={access_key_id}");
    let target = format!("/?Action=ListCustomImages&Version=2020-06-01&{query}");
    let mut stream = TcpStream::connect(emulator.address())?;
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
