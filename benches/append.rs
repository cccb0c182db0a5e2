//! What an entry of the log costs: `cargo bench --bench append`.
//!
//! Next to a plain insert of as many bytes with a commit of its own, in the same file and run,
//! and a sealed read next to the same read without the file: the ratios of one run compare,
//! figures of different runs don't. SQLite, synchronous as the hub has it.

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::connect_info::MockConnectInfo,
    http::{Request, header},
};
use liaison::{
    clock::{Clock, Moment},
    demo::load::{CLIENT, load},
    http::{Door, Quota},
    hub::{Hub, router},
    id::RecordId,
    identity::token::{TokenAuthority, TokenRequest},
    journal::{Actor, Entry, EntryKind},
    keys::KeyFile,
    store::{
        Store,
        key_store::{FileProvider, KeyStore},
    },
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, TransactionTrait};
use serde_json::{Value, json};
use tower::ServiceExt;

const NOW: i64 = 1_780_315_200;
const TIMES: usize = 400;
/// Bytes of a plain row: those of an entry.
const BODY: usize = 700;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("append.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    tokio::runtime::Runtime::new()?.block_on(measure(&url))
}

async fn measure(url: &str) -> Outcome<()> {
    let keys = Arc::new(KeyFile::fresh()?);
    let key_url = KeyStore::beside(url).ok_or("a file")?;
    Store::migrate(url, &key_url, None, Moment::from_seconds(NOW)).await?;
    let key_store = KeyStore::open(&key_url, FileProvider::without_file(Arc::clone(&keys)));
    let store = Store::open(url, Arc::clone(&keys), key_store.await?).await?;
    let authority = Arc::new(TokenAuthority::new("liaison", "liaison", &keys)?);
    load(&store, &authority, Moment::from_seconds(NOW), |_, _| {}).await?;
    let plain = plain(url).await?;
    let desk = Desk::open(&store, &authority).await?;

    let mut times: [Vec<Duration>; 4] = Default::default();
    // In turns, so that what else the machine does falls on all of them.
    for _ in 0..TIMES {
        let begun = Instant::now();
        insert(&plain).await?;
        let inserted = begun.elapsed();
        let begun = Instant::now();
        append(&store).await?;
        let appended = begun.elapsed();
        let begun = Instant::now();
        desk.ask("id").await?;
        let unsealed = begun.elapsed();
        let begun = Instant::now();
        desk.ask("id names { text script }").await?;
        let all = [inserted, appended, unsealed, begun.elapsed()];
        times
            .iter_mut()
            .zip(all)
            .for_each(|(to, took)| to.push(took));
    }
    let [plain, append, unsealed, sealed] = times.map(Spread::of);
    println!("\n| SQLite, {TIMES} times, ms | median | p95 | over the line before |");
    println!("| --- | ---: | ---: | ---: |");
    plain.told("a plain insert and its commit", None);
    append.told("an entry of the log", Some(&plain));
    unsealed.told("a person by id", None);
    sealed.told("the same with the file opened", Some(&unsealed));
    let more = sealed.p95 - unsealed.p95;
    println!("\nA sealed read takes {more:.2} ms more at p95 (aim: 2).");
    store.close().await;
    Ok(())
}

/// A second connection to the same file, as durable as the hub's.
async fn plain(url: &str) -> Outcome<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        let sqlite = sqlite.pragma("journal_mode", "WAL");
        let sqlite = sqlite.pragma("synchronous", "FULL");
        sqlite.pragma("busy_timeout", "5000")
    });
    let connection = Database::connect(options).await?;
    connection
        .execute_unprepared("CREATE TABLE plain (n INTEGER PRIMARY KEY, body TEXT NOT NULL)")
        .await?;
    Ok(connection)
}

async fn insert(connection: &DatabaseConnection) -> Outcome<()> {
    let transaction = connection.begin().await?;
    let body = "x".repeat(BODY);
    transaction
        .execute_unprepared(&format!("INSERT INTO plain (body) VALUES ('{body}')"))
        .await?;
    Ok(transaction.commit().await?)
}

async fn append(store: &Store) -> Outcome<()> {
    let entry = Entry {
        kind: EntryKind::Write,
        at: Moment::from_seconds(NOW),
        actor: Actor::bearing("cat", "cat.secretary", "a token"),
        record: Some(RecordId::random()),
        fields: vec!["title"],
        purpose: None,
        ground: "WARRANT",
        reason: None,
        person: None,
        by: None,
        owned: Vec::new(),
        erased: Vec::new(),
        sealed: Vec::new(),
    };
    store.ledger().open_page().await?.commit(&[entry]).await?;
    Ok(())
}

/// An officer with a grant, at the hub's door.
struct Desk {
    router: Router,
    token: String,
    person: Value,
}

impl Desk {
    async fn open(store: &Store, authority: &Arc<TokenAuthority>) -> Outcome<Self> {
        let clock = Clock::fixed(NOW);
        let hub = Hub::new(store.clone(), Arc::clone(authority), clock.clone());
        let mut door = Door::new(hub);
        door.token = Quota::of(u32::MAX, u32::MAX);
        let caller = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        let router = router(door).layer(MockConnectInfo(caller));
        let (holder, client) = store
            .holder("cat.petitions", CLIENT, clock.now())
            .await?
            .ok_or("no such holder")?;
        let scope = "read:communication@SECRETARIAT read:person@VICTIM".parse()?;
        let request = TokenRequest::new(&holder, &client, scope, 600)?;
        let token = authority.issue(&request, clock.now())?.token;
        let mut desk = Self {
            router,
            token,
            person: Value::Null,
        };
        let found = desk
            .sent(
                "{ communications(first: 20, filter: { mechanism: { eq: \"cat\" } }) { edges { node \
                 { persons(first: 1) { edges { node { id names { text } } } } } } } }",
            )
            .await?;
        let edges = found
            .pointer("/data/communications/edges")
            .and_then(Value::as_array);
        let mut persons = edges
            .into_iter()
            .flatten()
            .filter_map(|edge| edge.pointer("/node/persons/edges/0"));
        let open = persons.find(|edge| edge.pointer("/node/names").is_some_and(Value::is_array));
        desk.person = open
            .and_then(|edge| edge.pointer("/node/id"))
            .ok_or("no file is open")?
            .clone();
        Ok(desk)
    }

    async fn ask(&self, fields: &str) -> Outcome<Value> {
        let person = &self.person;
        self.sent(&format!(
            "{{ node(id: {person}) {{ ... on Person {{ {fields} }} }} }}"
        ))
        .await
    }

    async fn sent(&self, query: &str) -> Outcome<Value> {
        let purpose = json!({ "code": "EXAMINATION", "reason": "a measurement" });
        let body = json!({ "query": query, "extensions": { "purpose": purpose } });
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Body::from(body.to_string()))?;
        let response = self.router.clone().oneshot(request).await?;
        let body = to_bytes(response.into_body(), usize::MAX).await?;
        let answer: Value = serde_json::from_slice(&body)?;
        match answer.get("errors") {
            None => Ok(answer),
            Some(errors) => Err(errors.to_string().into()),
        }
    }
}

/// Median and 95th percentile, in milliseconds.
struct Spread {
    median: f64,
    p95: f64,
}

impl Spread {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: usize| {
            let place = all.len() * share / 100;
            all.get(place)
                .map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
        };
        Self {
            median: at(50),
            p95: at(95),
        }
    }

    fn told(&self, what: &str, over: Option<&Self>) {
        let ratio = over.map_or(String::new(), |over| {
            format!("× {:.2}", self.median / over.median)
        });
        println!(
            "| {what} | {:.2} | {:.2} | {ratio} |",
            self.median, self.p95
        );
    }
}
