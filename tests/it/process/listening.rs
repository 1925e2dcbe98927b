//! The addresses that the emulator listens on.

use std::net::{SocketAddr, TcpListener, TcpStream};

use swas_emulator::Emulator;

use crate::support::{LIST, Process, Raw, binary, folder, run};

/// Whether this machine has an IPv6 loopback address.
fn has_ipv6() -> bool {
    TcpListener::bind("[::1]:0").is_ok()
}

fn with_port(host: &str, port: u16) -> SocketAddr {
    format!("{host}:{port}").parse().unwrap()
}

/// Asserts that both loopback addresses answer on a port, where there are two.
fn assert_both_answer(port: u16) {
    for host in ["127.0.0.1", "[::1]"] {
        if host == "[::1]" && !has_ipv6() {
            continue;
        }
        let answer = Raw::connect(with_port(host, port)).get(LIST);
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn by_default_an_embedded_emulator_listens_on_both_loopback_addresses() {
    let emulator = Emulator::builder().start().await.unwrap();
    let address = emulator.address();
    assert_eq!(address.ip().to_string(), "127.0.0.1");
    assert_eq!(emulator.addresses().len(), if has_ipv6() { 2 } else { 1 });
    assert_eq!(emulator.addresses()[0], address);
    assert_both_answer(address.port());
    let addresses = emulator.addresses().to_vec();
    emulator.shutdown().await;
    for address in addresses {
        TcpListener::bind(address).expect("a port is free at once");
    }
}

#[tokio::test]
async fn an_embedded_emulator_listens_on_each_address_that_it_is_given() {
    let address = |text: &str| text.parse().unwrap();
    let emulator = Emulator::builder()
        .listen(address("127.0.0.2:0"))
        .listen(address("127.0.0.3:0"))
        .start()
        .await
        .unwrap();
    let port = emulator.address().port();
    let expected = [with_port("127.0.0.2", port), with_port("127.0.0.3", port)];
    assert_eq!(emulator.addresses(), expected);
    for address in expected {
        assert_eq!(Raw::connect(address).get(LIST).status, 200);
    }
    TcpStream::connect(with_port("127.0.0.1", port)).expect_err("it was not asked for");
}

#[test]
fn localhost_is_both_loopback_addresses_and_the_first_is_named() {
    let mut command = binary();
    command.args(["--listen", "localhost:0"]);
    let mut process = Process::ready(command);
    assert_eq!(process.address().ip().to_string(), "127.0.0.1");
    assert_both_answer(process.address().port());
    process.signal("TERM");
    process.wait();
    assert_eq!(process.rest_of_stdout(), "");
    TcpListener::bind(process.address()).expect("a port is free at once");
}

#[test]
fn listen_may_be_repeated_and_its_variable_is_a_list() {
    let mut by_flag = binary();
    by_flag.args(["--listen", "127.0.0.2:0", "--listen", "127.0.0.3:0"]);
    let mut by_variable = binary();
    by_variable.env("SWAS_EMULATOR_LISTEN", "127.0.0.2:0,127.0.0.3:0");
    for command in [by_flag, by_variable] {
        let process = Process::ready(command);
        assert_eq!(process.address().ip().to_string(), "127.0.0.2");
        let second = with_port("127.0.0.3", process.address().port());
        assert_eq!(Raw::connect(second).get(LIST).status, 200);
    }
}

#[test]
fn a_port_that_is_taken_on_the_second_address_alone_is_refused_by_name() {
    if !has_ipv6() {
        return;
    }
    let taken = TcpListener::bind("[::1]:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = folder(&[]);
    let listen = format!("localhost:{}", address.port());
    let outcome = run(folder.path(), &["--listen", &listen], "");
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome
            .stderr
            .contains(&format!("address {address} is in use")),
        "{outcome:?}"
    );
    assert_eq!(outcome.stdout, "");
}

#[test]
fn an_address_that_is_none_is_refused_with_examples() {
    let folder = folder(&[]);
    for wrong in [
        "localhost",
        "localhost:65536",
        "127.0.0.1",
        "example.com:80",
        "8808",
        "",
    ] {
        let outcome = run(folder.path(), &["--listen", wrong], "");
        assert_eq!(outcome.code, Some(2), "{wrong}");
        assert!(
            outcome.stderr.contains("`localhost:8808`"),
            "{wrong}: {outcome:?}"
        );
    }
}
