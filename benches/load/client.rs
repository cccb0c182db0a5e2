//! A small HTTP client that keeps connections busy: one request after the other on each.
//!
//! It reads no more of an answer than its status and its length, so that what is measured
//! is the server and not the client.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime,
};

/// A request as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// A GraphQL request by `POST`, with a token or without.
    pub(crate) fn post(token: Option<&str>, body: &serde_json::Value) -> Self {
        let body = body.to_string();
        let token = token.map_or_else(String::new, |token| {
            format!("authorization: Bearer {token}\r\n")
        });
        let length = body.len();
        let head = "POST /graphql HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n";
        Self(format!("{head}{token}content-length: {length}\r\n\r\n{body}").into_bytes())
    }

    /// A request by `GET`.
    pub(crate) fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nhost: hub\r\n\r\n").into_bytes())
    }
}

/// What a while of requests has given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Answers a second, over all connections.
    pub(crate) per_second: f64,
    /// The median time of one answer.
    pub(crate) median: Duration,
}

/// Keeps `connections` busy with `requests` for `time`, on a thread of its own.
pub(crate) fn load(
    to: SocketAddr,
    requests: &[Request],
    connections: usize,
    time: Duration,
) -> io::Result<Load> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let end = Instant::now() + time;
        let begun = Instant::now();
        let tasks: Vec<_> = (0..connections)
            .map(|number| {
                let requests = requests.to_vec();
                tokio::spawn(async move { busy(to, &requests, number, end).await })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.append(&mut task.await??);
        }
        let per_second = times.len() as f64 / begun.elapsed().as_secs_f64();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        Ok(Load { per_second, median })
    })
}

/// The body of one answer.
pub(crate) fn ask(to: SocketAddr, request: &Request) -> io::Result<Vec<u8>> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(to).await?;
        connection.send(request).await?;
        Ok(std::mem::take(&mut connection.body))
    })
}

async fn busy(
    to: SocketAddr,
    requests: &[Request],
    number: usize,
    end: Instant,
) -> io::Result<Vec<Duration>> {
    let mut connection = Connection::open(to).await?;
    let mut times = Vec::new();
    // Each connection begins elsewhere, so that they do not all ask for the same.
    for request in requests.iter().cycle().skip(number * 7) {
        let begun = Instant::now();
        if begun >= end {
            break;
        }
        connection.send(request).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    body: Vec<u8>,
}

impl Connection {
    async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(64 * 1024),
            body: Vec::new(),
        })
    }

    /// Sends a request and takes its answer, which must be `200`.
    async fn send(&mut self, request: &Request) -> io::Result<()> {
        self.stream.write_all(&request.0).await?;
        self.read.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(refused("the connection ended"));
            }
            if let Some(head) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(self.read.get(..head).unwrap_or_default());
                break (head + 4, length(&text)?);
            }
        };
        while self.read.len() < head + length {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(refused("the connection ended"));
            }
        }
        self.body.clear();
        self.body
            .extend_from_slice(self.read.get(head..).unwrap_or_default());
        Ok(())
    }
}

/// The length of the body, of an answer that went well.
fn length(head: &str) -> io::Result<usize> {
    if !head.starts_with("HTTP/1.1 200") {
        return Err(refused(head));
    }
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(|| refused("an answer without a length"))
}

fn refused(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}
