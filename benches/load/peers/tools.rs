//! The tools: how each is started and asked, and what it answers with.

use std::fs;
use std::path::{self, Path};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::args::Args;
use crate::data::DataSet;
use crate::document;

/// Images that a tool with filters chooses from.
const N_IMAGES: u64 = 10_000;

/// Images of one answer.
const PAGE_SIZE: usize = 10;

/// How a tool is started, in a folder that has its input, and asked.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) answers: &'static str,
    pub(super) command: Command,
    pub(super) request: String,
}

/// Every tool, made to listen on `port`.
pub(super) fn tools(args: &Args, port: u16) -> Vec<Tool> {
    let port = port.to_string();
    let command = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(name);
        command.args(arguments);
        command
    };
    let at = ["--port", &port];
    let wiremock = match &args.wiremock_jar {
        Some(jar) => {
            let mut java = Command::new("java");
            // Each tool starts in the folder of its input, so a relative path would miss.
            java.arg("-jar")
                .arg(path::absolute(jar).unwrap_or_else(|_| jar.clone()));
            java
        }
        None => command("wiremock", &[]),
    };
    let mut tools = vec![
        Tool {
            name: "moto",
            answers: "EC2 `DescribeImages`, one filter, one image",
            command: command("moto_server", &["-H", "127.0.0.1"]),
            request: moto_request(),
        },
        Tool {
            name: "Prism",
            answers: "a fixed example of 10 images",
            command: command("prism", &["mock", "--host", "127.0.0.1", "openapi.json"]),
            request: get("/list"),
        },
        Tool {
            name: "Mockoon",
            answers: "a fixed body of 10 images",
            command: command(
                "mockoon-cli",
                &["start", "--disable-log-to-file", "--data", "mockoon.json"],
            ),
            request: get("/list"),
        },
        Tool {
            name: "WireMock",
            answers: "a fixed body of 10 images",
            command: wiremock,
            request: get("/list"),
        },
        Tool {
            name: "json-server",
            answers: "10 of 10,000 images, one filter",
            command: command("json-server", &["--host", "127.0.0.1", "images.json"]),
            request: get("/CustomImages?RegionId=cn-hangzhou&_page=1&_limit=10"),
        },
    ];
    for tool in &mut tools {
        tool.command.args(at);
    }
    tools
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n")
}

/// A query of the nearest thing that moto has.
fn moto_request() -> String {
    let body = "Action=DescribeImages&Version=2016-11-15&Filter.1.Name=name\
                &Filter.1.Value.1=amzn-ami-hvm-2017.09.1.20171103-x86_64-gp2";
    format!(
        "POST / HTTP/1.1\r\nHost: ec2.us-east-1.amazonaws.com\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=testid/20260101/us-east-1/ec2/aws4_request, \
         SignedHeaders=host, Signature=00\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Writes what the tools answer with: a page of 10 images, and for json-server all of them.
pub(super) fn write_inputs(folder: &Path) -> Result<()> {
    let data = DataSet::new(N_IMAGES);
    let images: Vec<String> = (0..N_IMAGES)
        .map(|idx| {
            let mut image = String::new();
            document::write_json(&data.image(idx), &mut image);
            image
        })
        .collect();
    let all = format!(r#"{{"CustomImages":[{}]}}"#, images.join(","));
    fs::write(folder.join("images.json"), all)?;
    let body = format!(
        r#"{{"CustomImages":[{}],"TotalCount":"1000","PageSize":"10","PageNumber":"1"}}"#,
        images[..PAGE_SIZE].join(",")
    );
    let put = |template: &str, place: &str, value: Value, path: &str| -> Result<()> {
        let mut input: Value = serde_json::from_str(template)?;
        *input.pointer_mut(place).context("a place in a template")? = value;
        Ok(fs::write(folder.join(path), input.to_string())?)
    };
    let example = serde_json::from_str(&body)?;
    let text = Value::from(body);
    let place = "/paths/~1list/get/responses/200/content/application~1json/example";
    put(include_str!("openapi.json"), place, example, "openapi.json")?;
    let place = "/routes/0/responses/0/body";
    put(
        include_str!("mockoon.json"),
        place,
        text.clone(),
        "mockoon.json",
    )?;
    fs::create_dir_all(folder.join("mappings"))?;
    let path = "mappings/list.json";
    put(include_str!("wiremock.json"), "/response/body", text, path)
}
