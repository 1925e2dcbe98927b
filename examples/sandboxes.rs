//! Gives each test its own world: the README shows this file.
//!
//! Run it with `cargo run --example sandboxes --no-default-features`.

use std::error::Error;

use serde_json::json;
use swas_emulator::{Emulator, Fixture};

const IMAGES: &str = r#"{"CustomImages": [
    {"ImageId": "m-web", "RegionId": "cn-hangzhou", "Name": "web"},
    {"ImageId": "m-copy", "RegionId": "cn-hangzhou", "Name": "copy", "Status": "0",
     "x-timeline": [{"after": "10m", "set": {"Status": "1"}}]}
]}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().isolate().start().await?;

    // The name is the AccessKeyId with which a client of the emulator gets into this sandbox.
    let test = emulator.sandbox("ci-7");
    test.seed(Fixture::from_json("images", IMAGES))?;
    assert_eq!(test.image("m-copy")?["Status"], "0");

    // Ten minutes go by in no time, and in this sandbox alone.
    test.advance("10m")?;
    assert_eq!(test.image("m-copy")?["Status"], "1");

    test.patch("m-web", &json!({"Status": "3"}))?
        .delete("m-copy")?;
    test.take_checkpoint("broken")?;

    // Another sandbox sees nothing of it: it has the emulator's own seed.
    assert!(emulator.sandbox("ci-8").image("m-web").is_err());

    test.reset()?;
    assert_eq!(test.image("m-web")?["Status"], "1");
    test.reset_to("broken")?;
    assert_eq!(test.image("m-web")?["Status"], "3");
    Ok(())
}

#[test]
fn it_runs() -> Result<(), Box<dyn Error>> {
    main()
}
