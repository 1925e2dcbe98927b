//! What the targets share: an emulator that is asked without a socket, and the rules of every answer.

mod answer;
pub mod model;
mod subject;

pub use answer::Answer;
pub use subject::Subject;

/// Three images, so that a filter finds some and not all.
pub const IMAGES: &str = r#"[
    {"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web", "InShareUser": true, "InstanceId": "i-1",
     "Tags": [{"Key": "env", "Value": "staging"}]},
    {"ImageId": "m-2", "RegionId": "cn-hangzhou", "Name": "Api", "SystemSnapshotId": "s-1", "DataSnapshotId": "s-2",
     "ResourceGroupId": "rg-1", "Tags": [{"Key": "env", "Value": "prod"}, {"Key": "k", "Value": ""}]},
    {"ImageId": "m-3", "RegionId": "cn-shanghai", "Name": "测试 <&>", "Status": "0",
     "x-timeline": [{"afterLists": 2, "set": {"Status": "1"}}]}
]"#;
