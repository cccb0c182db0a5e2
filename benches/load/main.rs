//! What the hub bears, next to hand-written SQL on the same database, in one run:
//! `cargo bench --bench load`, or `cargo bench --bench load -- --help`.
//!
//! It makes a database with the demo and 200,000 generated communications, starts the hub
//! on a port of its own and the yardsticks on another, and asks both the same questions
//! from 32 connections. Everything runs in one process on one machine, client included:
//! figures of different runs don't compare, the ratios of one run do. On PostgreSQL it
//! needs the server's programs, as the tests do, and nothing else.
#![cfg(test)]

mod client;
mod data;
mod plain;
#[path = "../../tests/integration/support/postgres.rs"]
mod postgres;
mod workload;

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::body::Bytes;
use clap::Parser;
use liaison::{
    clock::{Clock, Moment},
    confidentiality::Level,
    demo::load::{CLIENT, load},
    http::{Door, Quota, listen},
    hub::{Hub, router},
    id::RecordId,
    identity::{
        kind::Kind,
        token::{TokenAuthority, TokenRequest},
    },
    keys::KeyFile,
    store::{
        Store,
        key_store::{FileProvider, KeyStore},
    },
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use self::{
    client::{Load, Request},
    plain::Pool,
    workload::{NOW, Workload},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures the hub against hand-written SQL on the same database.
#[derive(Parser)]
struct Options {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// How often each is measured, in turns; the median is told.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections that ask at the same time.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Generated communications in the end.
    #[arg(long, default_value_t = 200_000)]
    rows: u128,
    /// Only this database: `sqlite` or `postgres`.
    #[arg(long)]
    only: Option<String>,
    /// Only these parts: `size`, `rates`, `pages`, `gate`, `sealed`.
    #[arg(long, value_delimiter = ',')]
    parts: Vec<String>,
    /// Of the rates, only the hub's own and of these workloads, as `A,B`: for a profiler.
    #[arg(long, value_delimiter = ',')]
    alone: Vec<char>,
    /// `cargo bench` says so; it changes nothing.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }

    fn time(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

fn main() -> Outcome<()> {
    let options = Options::parse();
    let runtime = Runtime::new()?;
    let folder = tempfile::tempdir()?;
    for name in ["sqlite", "postgres"] {
        if options.only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let url = if name == "sqlite" {
            format!(
                "sqlite://{}?mode=rwc",
                folder.path().join("load.db").display()
            )
        } else {
            match postgres::shared() {
                Ok(cluster) => runtime.block_on(cluster.create_database(None))?,
                Err(missing) => {
                    eprintln!("{missing}");
                    continue;
                }
            }
        };
        println!("\n## {name}");
        let key_url = match KeyStore::beside(&url) {
            Some(beside) => beside,
            None => runtime.block_on(postgres::shared()?.create_database(None))?,
        };
        let street = Street::open(&runtime, &options, url, &key_url)?;
        street.measure(&options)?;
        street.close();
    }
    postgres::stop_shared();
    Ok(())
}

/// The hub and the yardsticks, each on a port, on one database.
struct Street<'a> {
    runtime: &'a Runtime,
    store: Store,
    authority: Arc<TokenAuthority>,
    hub: SocketAddr,
    plain: SocketAddr,
    bulk: DatabaseConnection,
    /// The page on the small table, if that was measured.
    small: Option<[Load; 2]>,
}

impl<'a> Street<'a> {
    fn open(runtime: &'a Runtime, options: &Options, url: String, key_url: &str) -> Outcome<Self> {
        let keys = Arc::new(KeyFile::fresh()?);
        let clock = Clock::fixed(NOW);
        let authority = Arc::new(TokenAuthority::new("liaison", "liaison", &keys)?);
        let known = RecordId::derived(Kind::Mechanism, "cat").into();
        let (store, bulk, pool) = runtime.block_on(async {
            let now = Moment::from_seconds(NOW);
            Store::migrate(&url, key_url, None, now).await?;
            let provider = FileProvider::without_file(Arc::clone(&keys));
            let key_store = KeyStore::open(key_url, provider).await?;
            let store = Store::open(&url, keys, key_store).await?;
            eprintln!("loading the demo");
            load(&store, &authority, Moment::from_seconds(NOW), |_, _| {}).await?;
            let bulk = bulk(&url).await?;
            data::plans(&bulk).await?;
            // As many connections as the hub reads with.
            let pool = if url.starts_with("sqlite") {
                let options = sea_orm::sqlx::sqlite::SqlitePoolOptions::new().max_connections(4);
                Pool::Sqlite(options.connect(&url).await?)
            } else {
                let options = sea_orm::sqlx::postgres::PgPoolOptions::new().max_connections(8);
                Pool::Postgres(options.connect(&url).await?)
            };
            Ok::<_, Box<dyn Error>>((store, bulk, pool))
        })?;
        let mut door = Door::new(Hub::new(store.clone(), Arc::clone(&authority), clock));
        door.anonymous = Quota::of(u32::MAX, u32::MAX);
        door.token = Quota::of(u32::MAX, u32::MAX);
        let hub = serve(runtime, router(door))?;

        let small = (options.rows / 10).min(20_000);
        eprintln!("adding {small} communications");
        runtime.block_on(data::communications(&bulk, known, 0, small))?;
        runtime.block_on(settle(&bulk))?;
        let mut street = Self {
            runtime,
            store,
            authority,
            hub,
            plain: hub,
            bulk,
            small: None,
        };
        if options.wants("size") {
            street.small = Some(street.pages(options)?);
        }
        eprintln!("adding communications up to {}", options.rows);
        runtime.block_on(data::communications(
            &street.bulk,
            known,
            small,
            options.rows,
        ))?;
        runtime.block_on(settle(&street.bulk))?;

        // What is answered as bytes is what the hub itself has answered.
        let statics = [Workload::record(), Workload::list("", 50), Workload::tree()]
            .into_iter()
            .map(|workload| {
                let posts = workload.posts(None);
                let first = posts.first().ok_or("no request")?;
                Ok((workload.path, Bytes::from(client::ask(hub, first)?)))
            })
            .collect::<Outcome<Vec<_>>>()?;
        street.plain = serve(runtime, plain::router(pool, statics.into()))?;
        Ok(street)
    }

    fn close(self) {
        self.runtime.block_on(async {
            self.store.close().await;
            // The database is thrown away in any case.
            let _ = self.bulk.close().await;
        });
    }

    fn measure(&self, options: &Options) -> Outcome<()> {
        if options.wants("rates") {
            self.rates(options)?;
        }
        if options.wants("size") {
            self.table_size(options)?;
        }
        if options.wants("pages") {
            self.page_sizes(options)?;
        }
        if options.wants("gate") {
            self.gate(options)?;
        }
        if options.wants("sealed") {
            self.sealed(options)?;
        }
        Ok(())
    }

    /// Requests a second of each workload, of the hub and of the yardsticks.
    fn rates(&self, options: &Options) -> Outcome<()> {
        println!(
            "\n{} connections, requests a second, median of {} × {} s; in brackets the hub's \
             POST over it:\n",
            options.connections, options.rounds, options.seconds
        );
        println!(
            "| workload | bytes | hub, POST | hub, GET | SQL, rows by hand | SQL makes the JSON | static bytes |"
        );
        println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        let workloads = [
            Workload::record(),
            Workload::list("B: list of 50 × 8 fields", 50),
            Workload::tree(),
            // A list of 1,000 is over the published page.
            Workload::list("D: list of 100 × 8 fields, the largest page", 100),
        ];
        if !options.alone.is_empty() {
            for workload in workloads {
                if options
                    .alone
                    .iter()
                    .any(|letter| workload.name.starts_with(*letter))
                {
                    let asked = [(self.hub, workload.posts(None))];
                    let [post] = rates(&self.in_turns(options, options.connections, &asked)?);
                    println!("| {} | | {post:.0} | | | | |", workload.name);
                }
            }
            return Ok(());
        }
        for workload in workloads {
            let asked = [
                (self.hub, workload.posts(None)),
                (self.hub, workload.gets()),
                (self.plain, workload.yardstick("rows")),
                (self.plain, workload.yardstick("json")),
                (self.plain, workload.yardstick("static")),
            ];
            let bytes = same_answers(&workload, asked.iter().take(4))?;
            let loads = self.in_turns(options, options.connections, &asked)?;
            let [post, get, rows, json, fixed] = rates(&loads);
            println!(
                "| {} | {bytes} | {post:.0} | {get:.0} | {rows:.0} ({:.2}) | {json:.0} ({:.2}) | {fixed:.0} ({:.2}) |",
                workload.name,
                post / rows,
                post / json,
                post / fixed,
            );
        }
        Ok(())
    }

    /// The first page, and a page far into the list, one after the other.
    fn pages(&self, options: &Options) -> Outcome<[Load; 2]> {
        let mut after = Value::Null;
        for _ in 0..80 {
            let request = Request::post(None, &page(100, &after));
            let answer: Value = serde_json::from_slice(&client::ask(self.hub, &request)?)?;
            after = answer["data"]["communications"]["pageInfo"]["endCursor"].clone();
        }
        let asked = [
            (self.hub, vec![Request::post(None, &page(50, &Value::Null))]),
            (self.hub, vec![Request::post(None, &page(50, &after))]),
        ];
        let loads = self.in_turns(options, 1, &asked)?;
        match loads.as_slice() {
            [first, far] => Ok([*first, *far]),
            _ => Err("two were measured".into()),
        }
    }

    /// A page's time does not depend on how many records there are.
    fn table_size(&self, options: &Options) -> Outcome<()> {
        let Some(small) = self.small else {
            return Ok(());
        };
        let large = self.pages(options)?;
        println!("\nOne page of 50, one connection, µs, by the number of communications:\n");
        println!("| page | a tenth of the rows | all rows | ratio |");
        println!("| --- | ---: | ---: | ---: |");
        for (name, (small, large)) in ["first", "the 81st"]
            .into_iter()
            .zip(small.iter().zip(&large))
        {
            let ratio = large.median.as_secs_f64() / small.median.as_secs_f64();
            println!(
                "| {name} | {} | {} | {ratio:.2} |",
                small.median.as_micros(),
                large.median.as_micros()
            );
        }
        Ok(())
    }

    /// A page's time grows with the page and not faster.
    fn page_sizes(&self, options: &Options) -> Outcome<()> {
        println!("\nOne connection, µs for one answer, by the size of the page:\n");
        println!("| records | µs | µs a record beyond the first |");
        println!("| --- | ---: | ---: |");
        let asked = [1, 10, 25, 50, 100].map(|first| {
            let list = Workload::list("", first);
            (self.hub, list.posts(None))
        });
        let loads = self.in_turns(options, 1, &asked)?;
        let micros: Vec<f64> = loads
            .iter()
            .map(|load| load.median.as_secs_f64() * 1e6)
            .collect();
        let base = micros.first().copied().unwrap_or_default();
        for (size, micros) in [1, 10, 25, 50, 100].into_iter().zip(micros) {
            let each = (micros - base) / f64::from((size - 1).max(1));
            println!("| {size} | {micros:.0} | {each:.2} |");
        }
        Ok(())
    }

    /// The same list, for viewers of whom ever more must be asked.
    fn gate(&self, options: &Options) -> Outcome<()> {
        let partner = self.token("iachr.sync", Level::Partner)?;
        let channel = self.token("achpr.liaison", Level::Channel)?;
        let owner = self.token("cat.secretary", Level::Secretariat)?;
        let list = Workload::list("", 50);
        let viewers = [
            ("anonymous", None),
            ("partner", Some(partner)),
            ("channel partner", Some(channel)),
            ("secretariat that owns 2 %", Some(owner)),
        ];
        let asked: Vec<_> = viewers
            .iter()
            .map(|(_, token)| (self.hub, list.posts(token.as_deref())))
            .collect();
        let alone = self.in_turns(options, 1, &asked)?;
        let loads = self.in_turns(options, options.connections, &asked)?;
        println!("\nB by viewer:\n");
        println!("| viewer | µs, one connection | requests a second | of anonymous |");
        println!("| --- | ---: | ---: | ---: |");
        let base = loads.first().map_or(f64::NAN, |load| load.per_second);
        for ((name, _), (alone, load)) in viewers.iter().zip(alone.iter().zip(&loads)) {
            println!(
                "| {name} | {} | {:.0} | {:.2} |",
                alone.median.as_micros(),
                load.per_second,
                load.per_second / base
            );
        }
        Ok(())
    }

    /// A person's file opened, with its entry durable, over the same read without it.
    fn sealed(&self, options: &Options) -> Outcome<()> {
        self.runtime.block_on(durable(&self.bulk))?;
        let token = self.token("cat.petitions", Level::Victim)?;
        let purpose = json!({ "purpose": { "code": "EXAMINATION", "reason": "a measurement" } });
        let search = json!({
            "query": "{ communications(first: 20, filter: { mechanism: { eq: \"cat\" } }, \
                orderBy: [{ field: REFERENCE, direction: ASC }]) \
                { edges { node { persons(first: 1) { edges { node { id names { text } } } } } } } }",
            "extensions": purpose,
        });
        let found = client::ask(self.hub, &Request::post(Some(&token), &search))?;
        let found: Value = serde_json::from_slice(&found)?;
        let edges = found["data"]["communications"]["edges"].as_array();
        let person = edges
            .into_iter()
            .flatten()
            .filter_map(|edge| edge["node"]["persons"]["edges"].as_array()?.first())
            .find(|edge| edge["node"]["names"].is_array())
            .ok_or_else(|| format!("no file is open to the officer: {found}"))?;
        let ask = |fields: &str| {
            let body = json!({
                "query": format!("query($id: ID!) {{ node(id: $id) {{ ... on Person {{ {fields} }} }} }}"),
                "variables": { "id": person["node"]["id"] },
                "extensions": purpose,
            });
            (self.hub, vec![Request::post(Some(&token), &body)])
        };
        let asked = [ask("id"), ask("id names { text script }")];
        let loads = self.in_turns(options, 1, &asked)?;
        let [unsealed, sealed] = loads.as_slice() else {
            return Err("two were measured".into());
        };
        let millis = |load: &Load| load.median.as_secs_f64() * 1e3;
        println!("\nOne person by id, one connection, the log durable on the disk, ms:\n");
        println!("| without the file | with the file opened | more |");
        println!("| ---: | ---: | ---: |");
        println!(
            "| {:.2} | {:.2} | {:.2} |",
            millis(unsealed),
            millis(sealed),
            millis(sealed) - millis(unsealed)
        );
        Ok(())
    }

    /// A token of a holder of the demo, that reads everything up to a level.
    fn token(&self, holder: &str, level: Level) -> Outcome<String> {
        let scope = Kind::ALL
            .map(|kind| {
                let most = match kind {
                    Kind::Person => level,
                    _ => level.min(Level::Secretariat),
                };
                format!("read:{kind}@{most}")
            })
            .join(" ");
        let now = Moment::from_seconds(NOW);
        let (holder, client) = self
            .runtime
            .block_on(self.store.holder(holder, CLIENT, now))?
            .ok_or("no such holder")?;
        let request = TokenRequest::new(&holder, &client, scope.parse()?, 600)?;
        Ok(self.authority.issue(&request, now)?.token)
    }

    /// Measures each in turn, several times over, and gives the median of each.
    fn in_turns(
        &self,
        options: &Options,
        connections: usize,
        asked: &[(SocketAddr, Vec<Request>)],
    ) -> Outcome<Vec<Load>> {
        for (to, requests) in asked {
            client::load(*to, requests, connections, options.time().mul_f64(0.3))?;
        }
        let mut all: Vec<Vec<Load>> = vec![Vec::new(); asked.len()];
        for _ in 0..options.rounds {
            for ((to, requests), loads) in asked.iter().zip(&mut all) {
                loads.push(client::load(*to, requests, connections, options.time())?);
            }
        }
        all.into_iter()
            .map(|mut loads| {
                loads.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
                let median = loads.get(loads.len() / 2).copied();
                Ok(median.ok_or("nothing was measured")?)
            })
            .collect()
    }
}

/// A page with what is needed to go on from it.
fn page(first: u32, after: &Value) -> Value {
    json!({
        "query": "query($first: Int, $after: String) { communications(first: $first, after: $after) \
            { edges { node { reference kind status title receivedOn registeredOn decidedOn symbol } } \
            pageInfo { endCursor } } }",
        "variables": { "first": first, "after": after },
    })
}

/// Checks that all give the same answer, and says how long it is.
fn same_answers<'a>(
    workload: &Workload,
    asked: impl Iterator<Item = &'a (SocketAddr, Vec<Request>)>,
) -> Outcome<usize> {
    let answers: Vec<Vec<u8>> = asked
        .map(|(to, requests)| Ok(client::ask(*to, requests.first().ok_or("no request")?)?))
        .collect::<Outcome<_>>()?;
    let parsed: Vec<Value> = answers
        .iter()
        .map(|answer| serde_json::from_slice(answer))
        .collect::<Result<_, _>>()?;
    let first = parsed.first().ok_or("no answer")?;
    if first["data"].is_null() {
        return Err(format!("{}: {first}", workload.name).into());
    }
    if let Some(other) = parsed.iter().find(|other| *other != first) {
        let short = |value: &Value| value.to_string().chars().take(600).collect::<String>();
        return Err(format!(
            "{}: {} is not {}",
            workload.name,
            short(first),
            short(other)
        )
        .into());
    }
    Ok(answers.first().map_or(0, Vec::len))
}

fn rates<const N: usize>(loads: &[Load]) -> [f64; N] {
    let mut rates = [f64::NAN; N];
    for (rate, load) in rates.iter_mut().zip(loads) {
        *rate = load.per_second;
    }
    rates
}

fn serve(runtime: &Runtime, router: axum::Router) -> Outcome<SocketAddr> {
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    runtime.spawn(listen(listener, router, std::future::pending()));
    Ok(address)
}

/// A connection for rows in bulk, which waits for no disk.
async fn bulk(url: &str) -> Outcome<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .pragma("synchronous", "OFF")
            .pragma("foreign_keys", "OFF")
    });
    Ok(Database::connect(options).await?)
}

/// What a database that has been running for a while has done of itself.
async fn settle(connection: &DatabaseConnection) -> Outcome<()> {
    match connection.get_database_backend() {
        DbBackend::Postgres => {
            connection.execute_unprepared("VACUUM ANALYZE").await?;
        }
        _ => {
            connection
                .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
                .await?;
        }
    }
    Ok(())
}

/// Makes the cluster of the tests wait for the disk, as one in earnest does.
async fn durable(connection: &DatabaseConnection) -> Outcome<()> {
    if connection.get_database_backend() == DbBackend::Postgres {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            connection
                .execute_unprepared(&format!("ALTER SYSTEM SET {setting} = on"))
                .await?;
        }
        connection
            .execute_unprepared("SELECT pg_reload_conf()")
            .await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
