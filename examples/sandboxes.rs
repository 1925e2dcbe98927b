//! Gives each test its own sandbox. Run it with `cargo run --example sandboxes`.

use serde_json::json;
use swas_emulator::{Emulator, Fault, Fixture};

const IMAGES: &str = r#"[
    {"ImageId": "m-copy", "RegionId": "cn-hangzhou", "Name": "copy", "Status": "0",
     "x-timeline": [{"after": "10m", "set": {"Status": "1"}}]}
]"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().isolate().start().await?;
    // A client of `emulator.endpoint()` with the AccessKeyId `ci-7` uses this sandbox.
    let sandbox = emulator.sandbox("ci-7");
    sandbox.seed(Fixture::from_json("images", IMAGES))?;
    sandbox.clock().advance("10m")?;
    assert_eq!(sandbox.image("m-copy")?["Status"], "1");
    // The client's next two requests fail; later, its requests can be verified.
    sandbox.fault(Fault::error("Throttling.User").times(2))?;
    sandbox.verify(&json!([{"match": {"status": 200}, "never": true}]))?;
    sandbox.reset()?;
    Ok(())
}

#[test]
fn it_runs() -> Result<(), Box<dyn std::error::Error>> {
    main()
}
