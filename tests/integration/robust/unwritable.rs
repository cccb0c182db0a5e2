//! A database that can't be written opens no file, says so, and is good again by itself (A2).

use std::{
    future::Future,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use liaison::{clock::Clock, journal::Promise, keys::KeyFile};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::{
    OFFICER, Program, SERVE, killed::leaves, liaison, sealed_question, token, with_places,
};
use crate::support::{
    harness::{Backend, Suite},
    house::{Place, fill_with, key_file},
    postgres::Cluster,
};

/// A question that anyone may ask.
const PUBLIC: &str =
    "{ communications(first: 3) { totalCount edges { node { reference status } } } }";
/// What hinders where the log is not hindered.
pub(super) const NO_TOKEN: &str = "no token";
/// How soon it is seen that the database can be written again.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_database_that_cannot_be_written_opens_nothing_and_recovers_alone",
        |backend| async move {
            match backend {
                Backend::Sqlite => full().await,
                Backend::Postgres => read_only().await,
            }
        },
    );
}

/// No file of the hub takes another byte, as on a disk that is full.
async fn full() {
    let place = Place::today(Backend::Sqlite).await;
    let mut command = Command::new("/bin/sh");
    command
        .current_dir(place.folder.path())
        .env_clear()
        .stdin(Stdio::null());
    with_places(&mut command, &place);
    // A limit that is reached is an error, and does not end the process.
    command.args([
        "-c",
        "trap '' XFSZ; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_liaison"),
    ]);
    let officer = token(&place, OFFICER, "VICTIM");
    let owner = token(&place, "cat.secretary", "SECRETARIAT");
    let hub = Program::begin(command.args(SERVE));
    let pid = Pid::from_child(&hub.child);
    let limit = |to: Option<u64>| async move {
        let maximum = getrlimit(Resource::Fsize).maximum;
        let current = to.or(maximum);
        prlimit(Some(pid), Resource::Fsize, Rlimit { current, maximum }).unwrap();
    };
    hindered(
        "full",
        hub,
        &place,
        (&officer, &owner),
        || limit(Some(0)),
        || limit(None),
    )
    .await;
}

/// The server takes no writing transaction, as a standby does.
async fn read_only() {
    let cluster = tokio::task::spawn_blocking(|| Cluster::start().unwrap());
    let cluster = cluster.await.unwrap();
    let url = cluster.create_database(None).await.unwrap();
    let key_store = cluster.create_database(None).await.unwrap();
    fill_with(&url, &key_store, Clock::system().now()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = Place {
        url,
        key_store,
        env: Vec::new(),
        folder,
    };
    let officer = token(&place, OFFICER, "VICTIM");
    let owner = token(&place, "cat.secretary", "SECRETARIAT");
    let hub = Program::begin(liaison(&place).args(SERVE));
    let set = async |to: &str| {
        let server = sea_orm::Database::connect(cluster.url("postgres"))
            .await
            .unwrap();
        for sql in [
            &format!("ALTER SYSTEM SET default_transaction_read_only = {to}"),
            "SELECT pg_reload_conf()",
        ] {
            server.execute_unprepared(sql).await.unwrap();
        }
        server.close().await.unwrap();
        // The server's processes take it one by one.
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    hindered(
        "read only",
        hub,
        &place,
        (&officer, &owner),
        || set("on"),
        || set("off"),
    )
    .await;
    tokio::task::spawn_blocking(move || cluster.stop())
        .await
        .unwrap();
}

/// What holds while a hub can open no file, and when it can again.
pub(super) async fn hindered<A: Future<Output = ()>, B: Future<Output = ()>>(
    what: &str,
    hub: Program,
    place: &Place,
    (officer, owner): (&str, &str),
    hinder: impl FnOnce() -> A,
    let_go: impl FnOnce() -> B,
) {
    let client = reqwest::Client::new();
    let question = sealed_question();
    let before = hub.ask(&client, Some(officer), &question).await;
    assert!(before["data"]["node"]["names"].is_array(), "{before}");
    let public = hub.ask(&client, None, PUBLIC).await;
    assert!(
        public["data"]["communications"]["totalCount"].as_i64() > Some(0),
        "{public}"
    );
    let withheld = hub.ask(&client, Some(owner), &question).await;
    assert!(hub.is_ready(&client).await);

    hinder().await;
    for _ in 0..3 {
        let closed = hub.ask(&client, Some(officer), &question).await;
        assert!(closed.get("errors").is_none(), "{what}: {closed}");
        let node = &closed["data"]["node"];
        assert!(node.is_object() && node["names"].is_null() && node["contact"].is_null());
        assert_eq!(
            reasons(&closed),
            ["AUDIT_UNAVAILABLE"; 2],
            "{what}: {closed}"
        );
        // Where the log could be written, the entry came before the key was missed.
        let receipts = closed["extensions"].get("receipts").is_some();
        assert_eq!(receipts, what == NO_TOKEN, "{closed}");
        assert!(
            !hub.is_ready(&client).await,
            "{what}: it says that it is ready"
        );
        // Who would not be told it anyway is told nothing of the log, and what is public stays.
        assert_eq!(
            hub.ask(&client, Some(owner), &question).await,
            withheld,
            "{what}"
        );
        assert_eq!(hub.ask(&client, None, PUBLIC).await, public, "{what}");
    }

    let_go().await;
    let began = Instant::now();
    let again = loop {
        let again = hub.ask(&client, Some(officer), &question).await;
        if again["data"] == before["data"] && hub.is_ready(&client).await {
            break again;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: {again}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    println!("{what}: opens again after {:?}", began.elapsed());

    // What it has answered is on record when it is killed: no commit only seemed to be one.
    drop(hub);
    let keys = KeyFile::open(&key_file()).unwrap();
    let leaves = leaves(&place.url).await;
    for answer in [before, again] {
        let receipt = answer["extensions"]["receipts"][0].as_str().unwrap();
        let promise = Promise::read(receipt, &keys).unwrap();
        assert_eq!(
            leaves[&promise.n].1, promise.leaf,
            "{what}: entry {}",
            promise.n
        );
    }
}

fn reasons(answer: &Value) -> Vec<&str> {
    let withheld = answer["extensions"]["withheld"].as_array().unwrap();
    withheld
        .iter()
        .map(|one| one["reason"].as_str().unwrap_or_default())
        .collect()
}
