//! How fast the hub is there and how little it takes: `cargo bench --bench start`.
//!
//! Starts the built program on a migrated database with the demo in it, several times,
//! and prints the time to its first answer, its memory when idle, and its size on disk.

use std::{
    error::Error,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use liaison::{
    clock::Clock,
    demo::load::load,
    identity::token::TokenAuthority,
    keys::KeyFile,
    store::{
        Store,
        key_store::{FileProvider, KeyStore},
    },
};

const STARTS: usize = 11;
const QUERY: &str = r#"{"query":"{ communications(first: 20) { totalCount edges { node { reference status title countries { code } } } } }"}"#;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let keys = folder.path().join("liaison.keys");
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("liaison.db").display()
    );
    prepare(&url, &keys)?;
    let mut starts = Vec::new();
    let mut idle = Vec::new();
    let mut used = Vec::new();
    for _ in 0..STARTS {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let begun = Instant::now();
        let hub = Hub::start(&url, &keys, port)?;
        hub.first_answer()?;
        starts.push(begun.elapsed().as_secs_f64() * 1e3);
        sleep(Duration::from_millis(300));
        idle.extend(hub.memory());
        for _ in 0..200 {
            hub.answer()?;
        }
        sleep(Duration::from_millis(300));
        used.extend(hub.memory());
    }
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_liaison"))?.len();
    println!("\n| measure, median of {STARTS} | |");
    println!("| --- | ---: |");
    println!("| start to first answer | {:.0} ms |", median(starts));
    println!(
        "| idle memory after the first answer | {:.1} MB |",
        median(idle)
    );
    println!(
        "| idle memory after 200 more answers | {:.1} MB |",
        median(used)
    );
    println!("| size of the program | {:.1} MB |", size as f64 / 1e6);
    Ok(())
}

fn prepare(url: &str, keys: &Path) -> Outcome<()> {
    let keys = Arc::new(KeyFile::create(keys)?);
    tokio::runtime::Runtime::new()?.block_on(async {
        let now = Clock::system().now();
        let key_url = KeyStore::beside(url).ok_or("a file")?;
        Store::migrate(url, &key_url, None, now).await?;
        let key_store = KeyStore::open(&key_url, FileProvider::without_file(Arc::clone(&keys)));
        let store = Store::open(url, Arc::clone(&keys), key_store.await?).await?;
        let authority = TokenAuthority::new("liaison", "liaison", &keys)?;
        load(&store, &authority, Clock::system().now(), |_, _| {}).await?;
        store.close().await;
        Ok(())
    })
}

/// The program, at work until it is dropped.
struct Hub {
    child: Child,
    address: SocketAddr,
}

impl Hub {
    fn start(url: &str, keys: &Path, address: SocketAddr) -> Outcome<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_liaison"))
            .args(["serve", "--database-url", url, "--keys"])
            .arg(keys)
            .args(["--rate-anonymous", "100000", "--listen"])
            .arg(address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, address })
    }

    /// Asks until there is an answer, for at most ten seconds.
    fn first_answer(&self) -> Outcome<()> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            match self.answer() {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => sleep(Duration::from_micros(500)),
            }
        }
    }

    /// A question to the database, answered.
    fn answer(&self) -> Outcome<()> {
        let mut stream = TcpStream::connect(self.address)?;
        let head = "POST /graphql HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n";
        let length = QUERY.len();
        write!(
            stream,
            "{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{QUERY}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 200") && answer.contains(r#""reference""#) {
            Ok(())
        } else {
            Err(answer.into())
        }
    }

    /// Resident memory in MB, where the system tells it as Linux does.
    fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024.0 / 1e6)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
