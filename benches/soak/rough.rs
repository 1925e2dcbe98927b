//! Connections that break: every fault's effect, streams that are dropped, requests that are cut.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::Run;
use crate::control::own;
use crate::draw::Draw;
use crate::lane::Connection;
use crate::tally::Tally;

/// The effects, each of them short.
const EFFECTS: [&str; 12] = [
    "{\"error\":\"Throttling.User\"}",
    "{\"error\":{\"status\":503,\"code\":\"X\",\"message\":\"slow down\"}}",
    "{\"error\":\"InternalError\",\"x-acs-retry-after\":5}",
    "{\"delay\":\"2ms\"}",
    "{\"reset\":true}",
    "{\"empty\":true}",
    "{\"truncate\":true}",
    "{\"dribble\":\"5ms\"}",
    "{\"malformed\":true}",
    "{\"html502\":true}",
    "{\"wrongType\":true}",
    "{\"paging\":\"insert-before\"}",
];

/// Beginnings of requests that never go on.
const CUT: [&str; 5] = [
    "",
    "GET /?Acti",
    "GET / HTTP/1.1\r\nHost: x\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nAction=",
    "PUT /_emulator/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n[{",
];

/// Requests between two looks at the tally of all.
const N_TOGETHER: u64 = 3;

/// Breaks connections until the run is over.
pub(crate) fn drive(run: &Run) -> Result<Tally> {
    let mut draw = Draw::new(0);
    let mut tally = Tally::default();
    let mut control = Connection::open(run.process.address)?;
    let mut streams = Vec::new();
    while run.goes_on_after(N_TOGETHER) {
        let name = format!("rough-{}", draw.below(20));
        let effect = draw.pick(&EFFECTS);
        let rules = format!("[{{\"effect\":{effect}}}]");
        let path = format!("/_emulator/faults?sandbox={name}");
        control.send(own("PUT", &path, &rules).as_bytes())?;
        let status = control.answer()?;
        ensure!(status == 200, "a fault was refused with {status}: {effect}");
        tally.count("set a fault", status);
        tally.count_rough("fault", faulty(run, &name)?);
        cut(run, draw.pick(&CUT))?;
        tally.count_rough("cut request", None);
        let stream = stream(run, &name)?;
        tally.count_rough("stream", Some(if stream.is_some() { 200 } else { 404 }));
        streams.extend(stream);
        // At most 32 listen at once; some are open while others come.
        if streams.len() > 8 {
            let oldest = usize::try_from(draw.below(8))?;
            drop(streams.swap_remove(oldest));
        }
    }
    Ok(tally)
}

/// Sends a listing that a fault strikes; gives its status, if one comes.
fn faulty(run: &Run, name: &str) -> Result<Option<u16>> {
    let query = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";
    let mut connection = Connection::open(run.process.address)?;
    let request = format!(
        "GET /?{query}&PageNumber=2&AccessKeyId={name} HTTP/1.1\r\nHost: swas.test\r\n\r\n"
    );
    connection.send(request.as_bytes())?;
    Ok(connection.answer().ok())
}

/// Opens a stream, reads its status, and leaves it open.
///
/// Gives nothing if the sandbox was pushed out meanwhile.
fn stream(run: &Run, name: &str) -> Result<Option<TcpStream>> {
    let mut stream = TcpStream::connect(run.process.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let path = format!("/_emulator/requests/stream?sandbox={name}");
    stream.write_all(own("GET", &path, "").as_bytes())?;
    let mut begin = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut begin)?;
    let begin = String::from_utf8_lossy(&begin);
    if begin == "HTTP/1.1 404" {
        return Ok(None);
    }
    ensure!(begin == "HTTP/1.1 200", "a stream begins with {begin:?}");
    Ok(Some(stream))
}

fn cut(run: &Run, begin: &str) -> Result<()> {
    let mut stream = TcpStream::connect(run.process.address)?;
    Ok(stream.write_all(begin.as_bytes())?)
}
