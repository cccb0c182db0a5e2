//! Killed at any moment, the hub has told nothing of a file that is not on record (A1).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use liaison::{journal::Promise, keys::KeyFile};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::{
    sync::Notify,
    task::{JoinSet, spawn_blocking},
};

use super::{OFFICER, Program, done, liaison, purpose, sealed_question, token};
use crate::{
    support::{
        harness::{Backend, Suite},
        house::{Place, key_file},
    },
    twin::canaries::sealed,
};

/// Rounds, in each of which the hubs on one database are killed.
const ROUNDS: u32 = 34;
const HUBS: u32 = 3;
/// Readers of each hub.
const READERS: u32 = 3;
/// Milliseconds for which a hub lives at most, from its first answer on; one in eight has not
/// answered at all.
const LIFE: u32 = 100;

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "no_kill_leaves_an_opening_that_is_not_on_record",
        |backend| async move { killed(backend).await },
    );
}

/// What readers have received: whole answers, and the beginnings of others.
type Received = Arc<Mutex<Vec<Vec<u8>>>>;

async fn killed(backend: Backend) {
    let place = Arc::new(Place::today(backend).await);
    let token = token(&place, OFFICER, "VICTIM");
    let received = Received::default();
    let began = Instant::now();
    for _ in 0..ROUNDS {
        let mut hubs = JoinSet::new();
        for _ in 0..HUBS {
            let (place, token) = (Arc::clone(&place), token.clone());
            let received = Arc::clone(&received);
            hubs.spawn(async move {
                let hub = spawn_blocking(move || Program::serve(&place));
                let mut hub = hub.await.unwrap();
                let (mut readers, told) = (JoinSet::new(), Arc::new(Notify::new()));
                for _ in 0..READERS {
                    let (url, token) = (hub.url.clone(), token.clone());
                    let received = Arc::clone(&received);
                    readers.spawn(read(url, token, received, Arc::clone(&told)));
                }
                if !getrandom::u32().unwrap().is_multiple_of(8) {
                    told.notified().await;
                }
                let life = getrandom::u32().unwrap() % LIFE;
                tokio::time::sleep(Duration::from_millis(u64::from(life))).await;
                hub.child.kill().unwrap();
                readers.join_all().await;
                hub.child.wait().unwrap();
            });
        }
        hubs.join_all().await;
    }
    let took = began.elapsed();
    let words: Vec<String> = sealed()
        .into_iter()
        .map(|word| json!(word).to_string())
        .collect();
    let leaves = leaves(&place.url).await;
    let keys = KeyFile::open(&key_file()).unwrap();
    let (mut opened, mut begun) = (0, 0);
    for answer in received.lock().unwrap().iter() {
        let text = String::from_utf8_lossy(answer);
        if !words.iter().any(|word| text.contains(word.as_str())) {
            continue;
        }
        opened += 1;
        let Ok(answer) = serde_json::from_str::<Value>(&text) else {
            begun += 1;
            continue;
        };
        let receipts = answer["extensions"]["receipts"].as_array().unwrap();
        assert_eq!(receipts.len(), 1, "{answer}");
        let promise = Promise::read(receipts[0].as_str().unwrap(), &keys).unwrap();
        let (kind, leaf) = &leaves[&promise.n];
        assert_eq!(
            (kind.as_str(), leaf.as_slice()),
            ("OPEN_VICTIM", promise.leaf.as_slice())
        );
    }
    let openings = leaves
        .values()
        .filter(|(kind, _)| kind == "OPEN_VICTIM")
        .count();
    assert!(
        opened <= openings,
        "{opened} were told, {openings} are on record"
    );
    assert!(opened > 50, "too few were told to say anything: {opened}");
    assert!(openings > opened, "no kill came between record and answer");
    let verified = done(liaison(&place).args(["audit", "verify"]));
    println!(
        "{backend}: {} kills in {took:?}; {opened} openings told, {begun} of them in part, each of the \
         others with its entry; {openings} on record; {}",
        ROUNDS * HUBS,
        verified.lines().next().unwrap_or_default()
    );
}

/// Reads a file again and again until the hub is gone; keeps whatever bytes come.
async fn read(url: String, token: String, received: Received, told: Arc<Notify>) {
    let client = reqwest::Client::new();
    let question = json!({ "query": sealed_question(), "extensions": purpose() });
    loop {
        let sent = client.post(&url).bearer_auth(&token).json(&question).send();
        let Ok(mut answer) = sent.await else { return };
        let mut bytes = Vec::new();
        let whole = loop {
            match answer.chunk().await {
                Ok(Some(part)) => bytes.extend_from_slice(&part),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        received.lock().unwrap().push(bytes);
        told.notify_one();
        if !whole {
            return;
        }
    }
}

/// The entries that are there: number, kind, hash.
pub(super) async fn leaves(url: &str) -> HashMap<i64, (String, Vec<u8>)> {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    let backend = connection.get_database_backend();
    let all = Statement::from_string(backend, "SELECT n, kind, leaf FROM audit_leaf");
    let rows = connection.query_all_raw(all).await.unwrap();
    connection.close().await.unwrap();
    let leaf = |row: &sea_orm::QueryResult| {
        let of = (
            row.try_get_by_index(1).unwrap(),
            row.try_get_by_index(2).unwrap(),
        );
        (row.try_get_by_index(0).unwrap(), of)
    };
    rows.iter().map(leaf).collect()
}
