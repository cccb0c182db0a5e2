//! What a connection may do before it says what it wants.

use std::{net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::Instant,
};

use super::house::door;
use crate::http::{listen, router};

const ALIVE: &str = "GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n";

/// A listening door, a connection to it, and what tells it to stop.
async fn opened() -> (TcpStream, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, told) = oneshot::channel::<()>();
    let stopped = async {
        let _ = told.await;
    };
    let listening = tokio::spawn(listen(listener, router(door()), stopped));
    let caller = TcpStream::connect(address).await.expect("a connection");
    (caller, stop, listening)
}

async fn answer(caller: &mut TcpStream) -> String {
    let mut text = [0; 2_000];
    let length = caller.read(&mut text).await.expect("bytes");
    String::from_utf8_lossy(&text[..length]).into_owned()
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_says_nothing_or_half_is_hung_up_on() {
    for said in [
        "",
        "GET /heal",
        "GET /healthz HTTP/1.1\r\nhost: hub\r\n",
        ALIVE,
    ] {
        let (mut caller, _stop, _listening) = opened().await;
        caller.write_all(said.as_bytes()).await.expect("a write");
        let begun = Instant::now();
        let mut told = Vec::new();
        caller.read_to_end(&mut told).await.expect("the end");
        let waited = begun.elapsed();
        assert!(
            (Duration::from_secs(9)..Duration::from_secs(12)).contains(&waited),
            "{said:?}: {waited:?}"
        );
        assert_eq!(told.is_empty(), said != ALIVE, "{said:?}");
    }
}

#[tokio::test]
async fn one_connection_serves_several_requests() {
    let (mut caller, _stop, _listening) = opened().await;
    for _ in 0..3 {
        caller.write_all(ALIVE.as_bytes()).await.expect("a write");
        assert!(answer(&mut caller).await.starts_with("HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_end() {
    let (mut caller, stop, listening) = opened().await;
    let body = "{\"query\":\"{ hello }\"}";
    let (half, rest) = body.split_at(9);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{half}",
        body.len()
    );
    caller.write_all(head.as_bytes()).await.expect("a write");
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).expect("somebody listens");
    tokio::time::sleep(Duration::from_millis(50)).await;
    caller.write_all(rest.as_bytes()).await.expect("a write");
    assert!(answer(&mut caller).await.contains("hello"));
    listening.await.expect("an end");
}
