//! How soon a revocation tells: at its commit in the process that makes it, below a second
//! in another, and for a person's file nowhere later.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use liaison::{
    confidentiality::warrant::Warrant,
    demo::load::CLIENT,
    identity::{kind::Kind, viewer::Viewer, watch::Revoked},
    store::{Store, ended::LOOK},
};
use serde_json::{Value, json};

use super::program::{Served, liaison};
use crate::support::{
    harness::{Backend, Suite},
    house::{House, global, key_store_for},
    postgres,
};

const READERS: usize = 64;
const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn register(suite: &mut Suite) {
    suite.test("what_is_being_answered_is_denied_at_the_commit", under_way);
    suite.test(
        "a_revocation_is_immediate_in_two_processes",
        async |backend| {
            two_processes(backend, &REVOKED).await;
        },
    );
    suite.test(
        "what_else_ends_access_is_immediate_in_two_processes",
        async |backend| {
            for ending in &ENDINGS {
                two_processes(backend, ending).await;
            }
        },
    );
}

async fn viewer(house: &House, store: &Store, token: &str) -> Viewer {
    let now = house.clock.now();
    let claims = house.authority.verify(token, now).unwrap();
    store.viewer(&claims, None, now).await.unwrap()
}

/// Viewers that were made before a revocation, as those of requests under way are.
async fn under_way(backend: Backend) {
    let house = House::open(backend).await;
    let elsewhere = house.elsewhere().await;
    let follower = tokio::spawn(elsewhere.clone().follow_revocations(LOOK));
    tokio::time::sleep(2 * LOOK).await;
    let scope = "read:communication@SECRETARIAT";
    let token = house.token("cat.petitions", scope).await;
    let others = house.token("cat.secretary", scope).await;
    let mut here = Vec::new();
    for _ in 0..READERS {
        here.push(Arc::new(viewer(&house, &house.store, &token).await));
    }
    let there = viewer(&house, &elsewhere, &token).await;
    let untouched = [
        viewer(&house, &house.store, &others).await,
        viewer(&house, &elsewhere, &others).await,
    ];
    // Each looks, as each field does, until it is denied.
    let committed = Arc::new(Mutex::new(None::<Instant>));
    let looks = here.iter().cloned().map(|viewer| {
        let committed = Arc::clone(&committed);
        tokio::spawn(async move {
            let mut late = 0;
            while viewer.stands() {
                if committed.lock().unwrap().is_some() {
                    late += 1;
                }
                tokio::task::yield_now().await;
            }
            late
        })
    });
    let looks: Vec<_> = looks.collect();
    let now = house.clock.now();
    let mut writer = house.store.begin(Warrant::to_revoke(), now).await.unwrap();
    let whose = Revoked::Holder("cat.petitions".to_owned());
    assert!(writer.revoke(&whose).await.unwrap());
    assert!(
        here.iter().all(|viewer| viewer.stands()),
        "it is not committed yet"
    );
    writer.commit().await.unwrap();
    let at = Instant::now();
    assert!(
        here.iter().all(|viewer| !viewer.stands()),
        "it is committed"
    );
    *committed.lock().unwrap() = Some(at);
    for look in looks {
        assert_eq!(look.await.unwrap(), 0, "none saw a field after the commit");
    }
    while there.stands() {
        assert!(at.elapsed() < SECOND, "in another process within a second");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!(
        "{backend}: {READERS} viewers under way denied at the commit, in a second store after {:?}",
        at.elapsed()
    );
    tokio::time::sleep(2 * LOOK).await;
    assert!(
        untouched.iter().all(Viewer::stands),
        "others go on as they were"
    );
    // Who comes after it is not held to it.
    let fresh = house.token("cat.petitions", scope).await;
    assert!(viewer(&house, &house.store, &fresh).await.stands());
    assert!(viewer(&house, &elsewhere, &fresh).await.stands());
    follower.abort();
}

/// One answer: when it was asked for, when it came, and whether it told what is not public.
struct Seen {
    asked: Instant,
    came: Instant,
    told: bool,
    /// Whether it asked for files, each of which waits for its entry in the log.
    files: bool,
}

/// What ends access: for whom, by whose act, and as what the log knows it.
struct Ending {
    what: &'static str,
    reader: &'static str,
    scope: &'static str,
    keeper: &'static str,
    keepers_scope: &'static str,
    act: &'static str,
    kind: &'static str,
}

const READS_FILES: &str = "read:communication@CHANNEL read:person@VICTIM";

const REVOKED: Ending = Ending {
    what: "a revocation",
    reader: "cat.petitions",
    scope: "read:communication@SECRETARIAT read:person@VICTIM",
    keeper: "cat.secretary",
    keepers_scope: "read:communication@SECRETARIAT token:issue",
    act: "revokeTokens(input: { of: { holder: \"cat.petitions\" } })",
    kind: "TOKEN_REVOKE",
};

const ENDINGS: [Ending; 3] = [
    Ending {
        what: "an agreement suspended",
        reader: "achpr.protection",
        scope: READS_FILES,
        keeper: "cat.secretary",
        keepers_scope: "read:agreement@SECRETARIAT write:agreement@SECRETARIAT",
        act: "suspendAgreement(input: { id: \"AGREEMENT\" })",
        kind: "CHANNEL_SUSPEND",
    },
    Ending {
        what: "a grant ended",
        reader: "achpr.protection",
        scope: READS_FILES,
        keeper: "cat.grants",
        keepers_scope: "read:person@SECRETARIAT write:person@SECRETARIAT",
        act: "endGrants(input: { person: \"PERSON\", holder: \"achpr.protection\" })",
        kind: "GRANT_END",
    },
    Ending {
        what: "a consent withdrawn",
        reader: "achpr.protection",
        scope: READS_FILES,
        keeper: "cat.petitions",
        keepers_scope: "read:person@VICTIM write:person@VICTIM consent:write",
        act: "recordConsent(input: { person: \"PERSON\", recipient: \"achpr\", purpose: \
              EXAMINATION, fields: [], basis: WITHDRAWN })",
        kind: "CONSENT_RECORD",
    },
];

/// Two hubs in processes of their own on one database, 64 readers at each.
async fn two_processes(backend: Backend, ending: &Ending) {
    let folder = tempfile::tempdir().unwrap();
    let url = match backend {
        Backend::Sqlite => "sqlite://hub.db?mode=rwc".to_owned(),
        Backend::Postgres => {
            let cluster = postgres::shared().unwrap();
            cluster.create_database(None).await.unwrap()
        }
    };
    let key_url = key_store_for(&url).await;
    let rate = ["--rate-token", "1000000", "--rate-anonymous", "1000000"];
    let names = ["--listen", "127.0.0.1:0"];
    let mut demo = liaison(folder.path())
        .args(["demo", "--json", "--data-dir", ".", "--database-url", &url])
        .args(["--key-store", &key_url])
        .args(rate)
        .args(names)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(demo.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let one = Served(demo, format!("{}/graphql", ready["url"].as_str().unwrap()));
    let database = ["--database-url", &url, "--key-store", &key_url];
    let arguments = [&database[..], &rate].concat();
    let two = Served::serve(folder.path(), &arguments);

    let issue = |holder: &str, scope: &str| {
        let output = liaison(folder.path())
            .args(["token", "issue", "--holder", holder, "--scope", scope])
            .args(["--client", CLIENT])
            .args(database)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let officer = issue(ending.reader, ending.scope);
    let keeper = issue(ending.keeper, ending.keepers_scope);
    let client = reqwest::Client::new();
    let ask = async |url: &str, token: &str, request: &Value| -> Value {
        let sent = client.post(url).bearer_auth(token).json(request).send();
        sent.await.unwrap().json().await.unwrap()
    };

    let person = global(Kind::Person, "person-01");
    let query = format!(
        "{{ communications(first: 50, filter: {{mechanism: {{eq: \"cat\"}}}}) {{ edges {{ node {{ \
         id docketNote }} }} }} node(id: \"{person}\") {{ ... on Person {{ names {{ text }} }} }} }}"
    );
    let plain = json!({ "query": query });
    let purpose = json!({ "purpose": { "code": "EXAMINATION", "reason": "a test" } });
    let files = json!({ "query": query, "extensions": purpose });
    let first = ask(&one.1, &officer, &files).await;
    assert!(
        first.to_string().contains("\"text\""),
        "a file is opened: {first}"
    );

    // What is told to the officer and not to anyone.
    let ids = |answer: &Value| -> Vec<String> {
        let edges = answer["data"]["communications"]["edges"]
            .as_array()
            .unwrap();
        let ids = edges
            .iter()
            .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned());
        ids.collect()
    };
    let sent = client.post(&one.1).json(&plain).send();
    let public = ids(&sent.await.unwrap().json().await.unwrap());
    let hidden: Vec<String> = match ending.kind {
        "TOKEN_REVOKE" | "CHANNEL_SUSPEND" => ids(&first),
        _ => Vec::new(),
    };
    let hidden: Arc<Vec<String>> = Arc::new(
        hidden
            .into_iter()
            .filter(|id| !public.contains(id))
            .collect(),
    );
    let seen: [Arc<Mutex<Vec<Seen>>>; 2] = Default::default();
    let stop = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for (place, url) in [&one.1, &two.1].into_iter().enumerate() {
        for reader in 0..READERS {
            // One in eight opens files.
            let request = if reader % 8 == 0 {
                files.clone()
            } else {
                plain.clone()
            };
            let (client, url, officer) = (client.clone(), url.clone(), officer.clone());
            let (seen, stop) = (Arc::clone(&seen[place]), Arc::clone(&stop));
            let hidden = Arc::clone(&hidden);
            readers.push(tokio::spawn(async move {
                while !stop.load(SeqCst) {
                    let asked = Instant::now();
                    let sent = client
                        .post(&url)
                        .bearer_auth(&officer)
                        .json(&request)
                        .send();
                    let text = sent.await.unwrap().text().await.unwrap();
                    let known = hidden.iter().any(|id| text.contains(id));
                    let told = known || text.contains("\"text\":");
                    let came = Instant::now();
                    let files = reader % 8 == 0;
                    let one = Seen {
                        asked,
                        came,
                        told,
                        files,
                    };
                    seen.lock().unwrap().push(one);
                }
            }));
        }
    }
    tokio::time::sleep(2 * SECOND).await;
    let act = ending.act.replace("PERSON", &person);
    let act = act.replace("AGREEMENT", &global(Kind::Agreement, "channel-cat-achpr"));
    let act =
        json!({ "query": format!("mutation {{ {act} {{ userErrors {{ code message }} }} }}") });
    let answer = ask(&one.1, &keeper, &act).await;
    // The commit was before its answer.
    let committed = Instant::now();
    let errors = answer["data"].as_object().unwrap().values();
    assert!(
        errors.clone().all(|told| told["userErrors"] == json!([])),
        "{answer}"
    );
    tokio::time::sleep(2 * SECOND).await;
    stop.store(true, SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    for (seen, name) in seen.iter().zip(["the same process", "a second process"]) {
        let seen = seen.lock().unwrap();
        let told = seen.iter().filter(|seen| seen.told);
        let late = told.clone().filter(|seen| seen.asked > committed).count();
        assert_eq!(late, 0, "{name}: asked after the commit, and told");
        // What an answer with files told before it waited comes with it: those are counted
        // by the log, below.
        let last = told
            .filter(|seen| !seen.files)
            .map(|seen| seen.came.saturating_duration_since(committed))
            .max()
            .unwrap_or_default();
        // When the last answer arrives says how busy the machine is, too, and not when its
        // fields were decided: that is measured above, by the fields themselves.
        assert!(last < 10 * SECOND, "{name}: {last:?}");
        let refused = seen
            .iter()
            .filter(|seen| !seen.told && seen.came > committed);
        let first = refused.map(|seen| seen.came - committed).min().unwrap();
        println!(
            "{backend}, {}, {name}: {} answers; first refusal {first:?} and last telling answer \
             {last:?} after the commit was known",
            ending.what,
            seen.len()
        );
    }
    // The log is in one order: no file was opened after the revocation, in either process.
    let store_url = if backend == Backend::Sqlite {
        format!("sqlite://{}", folder.path().join("hub.db").display())
    } else {
        url.clone()
    };
    let sql = format!(
        "SELECT COUNT(*) FROM audit_leaf WHERE kind = 'OPEN_VICTIM' AND n > (SELECT MAX(n) FROM \
         audit_leaf WHERE kind = '{}')",
        ending.kind
    );
    assert_eq!(number(&store_url, &sql).await, 0);
    let opened = "SELECT COUNT(*) FROM audit_leaf WHERE kind = 'OPEN_VICTIM'";
    println!(
        "{backend}, {}: {} openings before it, none after",
        ending.what,
        number(&store_url, opened).await
    );
}

async fn number(url: &str, sql: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let connection = sea_orm::Database::connect(url).await.unwrap();
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
