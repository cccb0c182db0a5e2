//! Witnesses see that the log only grows, and nothing of how it does.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use liaison::{
    clock::{Clock, Moment},
    confidentiality::{Level, warrant::Warrant},
    http::{Door, Quota, listen},
    hub::{Hub, router},
    identity::token::TokenAuthority,
    journal::{Asked, Cosigner, Note, tick::CADENCE},
    keys::{KeyFile, SecretKey},
    store::Store,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{audit, done};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, House, Place, key_file, open_key_store},
    postgres,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("every_tick_looks_alike_to_a_witness", alike);
    suite.test("nobody_but_a_witness_finds_the_checkpoint", found_by_nobody);
    suite.test("two_witnesses_sign_a_log_that_grows", signed);
    suite.test("a_forked_hub_is_found_and_both_heads_are_kept", forked);
    suite.test(
        "a_hub_that_went_back_is_found_and_acknowledged_by_hand",
        went_back,
    );
    suite.test(
        "a_restored_log_has_all_that_witnesses_have_signed",
        restored,
    );
    suite.test("whatever_is_done_to_a_tick_is_found", meddled);
    suite.test("a_hub_takes_no_cosignature_but_on_its_own_tree", not_taken);
}

/// A hub that listens, by the machine's clock: a witness has no other.
struct Served {
    store: Store,
    url: String,
    task: JoinHandle<()>,
}

impl Served {
    async fn on(house: &House, database: &str) -> Self {
        Self::at(database, &house.key_url).await
    }

    async fn at(database: &str, key_url: &str) -> Self {
        let keys = Arc::new(KeyFile::open(&key_file()).unwrap());
        let key_store = open_key_store(key_url).await;
        let store = Store::open(database, Arc::clone(&keys), key_store);
        let store = store.await.unwrap();
        let authority = TokenAuthority::new("liaison", "liaison", &keys).unwrap();
        let hub = Hub::new(store.clone(), Arc::new(authority), Clock::system());
        let mut door = Door::new(hub);
        door.anonymous = Quota::of(1_000_000, 1_000_000);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(listen(listener, router(door), std::future::pending()));
        Self { store, url, task }
    }

    /// So many ticks, from a minute on.
    async fn ticks(&self, from: i64, many: i64) {
        for slot in from..from + many {
            let at = Moment::from_millis(slot * CADENCE);
            assert!(self.store.ledger().tick(at).await.unwrap().is_some());
        }
    }

    async fn stop(self) {
        self.task.abort();
        self.store.close().await;
    }
}

/// A witness's command, in a folder; what it says, and with what it ends.
async fn witness(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.arg("witness").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let Output {
        status,
        stdout,
        stderr,
    } = output.await.unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.code().unwrap(), said)
}

async fn once(folder: &Path, url: &str, more: &[&str]) -> (i32, String) {
    let key = LOG_KEY.get_or_init(|| {
        let keys = KeyFile::open(&key_file()).unwrap();
        liaison::journal::LogKey::of(keys.checkpoint()).to_string()
    });
    let arguments = ["once", "--hub", url, "--log-key", key.as_str()];
    witness(folder, &[arguments.as_slice(), more].concat()).await
}

static LOG_KEY: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// A witness of a mechanism that the house has registered, in a folder of its own.
async fn registered(house: &House, mechanism: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{mechanism}.example/witness");
    let (code, key) = witness(folder.path(), &["create", "--name", &name]).await;
    assert_eq!(code, 0, "{key}");
    let add = ["witness", "add", "--key", key.trim(), "--mechanism"];
    done(house, folder.path(), &[&add[..], &[mechanism]].concat());
    folder
}

/// Something is done that the log tells of.
async fn act(store: &Store) {
    let now = Clock::system().now();
    let warrant = Warrant::to_admit_client();
    let mut writer = store.begin(warrant, now).await.unwrap();
    let client = format!("client-{}", liaison::id::RecordId::random().0);
    writer
        .admit_client(&client, Level::Partner, None)
        .await
        .unwrap();
    writer.commit().await.unwrap();
}

async fn alike(backend: Backend) {
    let house = House::open(backend).await;
    let hub = Served::on(&house, &house.url).await;
    let ledger = hub.store.ledger();
    let folder = registered(&house, "cat").await;
    let mut notes = Vec::new();
    for slot in 1..=6 {
        // Much is done before some ticks, nothing before others.
        for _ in 0..[0, 40, 0, 0, 1, 3][usize::try_from(slot - 1).unwrap()] {
            act(&hub.store).await;
        }
        hub.ticks(slot, 1).await;
        notes.push(ledger.outer_checkpoint(None).await.unwrap().unwrap());
    }
    // In one minute there is one, whoever asks for more.
    let again = ledger.tick(Moment::from_millis(6 * CADENCE + 59_999));
    assert_eq!(again.await.unwrap(), None);
    for (size, note) in (1..).zip(&notes) {
        assert_eq!(note.checkpoint.size, size);
        assert_eq!(note.to_string().lines().count(), 5);
    }
    let leaves = house.texts(match backend {
        Backend::Sqlite => "SELECT hex(leaf) FROM audit_tick ORDER BY n",
        Backend::Postgres => "SELECT encode(leaf, 'hex') FROM audit_tick ORDER BY n",
    });
    let mut leaves = leaves.await;
    leaves.sort();
    leaves.dedup();
    assert_eq!(
        leaves.len(),
        6,
        "what did not change looks as new as what did"
    );
    // The owner of the keys follows each of them back into the log.
    let entries = house.number("SELECT MAX(n) FROM audit_leaf").await;
    let entries = u64::try_from(entries).unwrap();
    let (tick, proof) = ledger.tick_with(entries, 6).await.unwrap().unwrap();
    assert_eq!((tick.n, tick.size, tick.slot), (6, entries, 6));
    assert_eq!(proof.len(), 2);
    assert!(ledger.tick_with(entries + 1, 6).await.unwrap().is_none());
    let said = done(&house, folder.path(), &["verify"]);
    assert!(said.contains("6 ticks, of which nobody"), "{said}");
    hub.stop().await;
}

async fn found_by_nobody(backend: Backend) {
    let house = House::open(backend).await;
    let at = |slot: i64| Moment::from_millis(slot * CADENCE);
    house.store.ledger().tick(at(1)).await.unwrap();
    let name = "cat.example/witness";
    let cosigner = Cosigner::of(name, SecretKey::fresh().unwrap());
    let key = cosigner.key().to_string();
    let folder = tempfile::tempdir().unwrap();
    let add = ["witness", "add", "--mechanism", "cat", "--key", &key];
    done(&house, folder.path(), &add);
    let log = house.store.ledger().key().ticks();
    let now = house.clock.now();
    let sent = |by: &Cosigner, method, path, at| {
        let body = b"".as_slice();
        let log = log.name();
        let asked = Asked {
            log,
            method,
            path,
            body,
        };
        by.authorization(asked, at)
    };
    let ask = async |method: &str, path: &str, authorization: Option<&str>| {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        house.send(request.body(Body::empty()).unwrap()).await
    };
    let told = |answer: Answer| {
        let mut headers: Vec<(String, String)> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        (answer.status, headers, answer.body)
    };
    let token = house.token("cat.secretary", "audit:read").await;
    let bearer = format!("Bearer {token}");
    let stranger = Cosigner::of("nobody.example", SecretKey::fresh().unwrap());
    let impostor = Cosigner::of(name, SecretKey::fresh().unwrap());
    for path in ["/audit/checkpoint", "/audit/tile/0/000.p/1"] {
        let late = now.plus_seconds(-301);
        let elsewhere = sent(&cosigner, "GET", "/audit/cosignature", now);
        for (who, authorization) in [
            ("anyone", None),
            ("a holder", Some(bearer.clone())),
            ("a stranger", Some(sent(&stranger, "GET", path, now))),
            ("an impostor", Some(sent(&impostor, "GET", path, now))),
            ("one of old", Some(sent(&cosigner, "GET", path, late))),
            ("one for another page", Some(elsewhere)),
        ] {
            for method in ["GET", "HEAD", "POST", "PUT"] {
                let answer = ask(method, path, authorization.as_deref()).await;
                let unknown = ask(method, "/nowhere", authorization.as_deref()).await;
                assert_eq!(unknown.status, StatusCode::NOT_FOUND);
                assert_eq!(told(answer), told(unknown), "{who}, {method} {path}");
            }
        }
        let answer = ask("GET", path, Some(&sent(&cosigner, "GET", path, now))).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    // A tile that is not there yet, and what is no tile.
    for path in [
        "/audit/tile/0/000",
        "/audit/tile/0/000.p/2",
        "/audit/tile/x",
    ] {
        let answer = ask("GET", path, Some(&sent(&cosigner, "GET", path, now))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    // Taken off the list, it is nobody.
    done(&house, folder.path(), &["witness", "remove", name]);
    let path = "/audit/checkpoint";
    let answer = ask("GET", path, Some(&sent(&cosigner, "GET", path, now))).await;
    assert_eq!(told(answer), told(ask("GET", "/nowhere", None).await));
    let kinds = "SELECT kind FROM audit_leaf WHERE kind LIKE 'WITNESS%' ORDER BY n";
    assert_eq!(house.texts(kinds).await, ["WITNESS_ADD", "WITNESS_REMOVE"]);
    let refused = audit(&house, folder.path(), &["witness", "remove", name]);
    assert!(!refused.status.success());
}

/// What `/readyz` says.
async fn ready(house: &House, hub: &Served) -> String {
    let url = format!("{}/readyz", hub.url);
    assert!(house.store.answers().await);
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn metrics(hub: &Served) -> String {
    let answer = reqwest::get(format!("{}/metrics", hub.url)).await.unwrap();
    answer.text().await.unwrap()
}

async fn signed(backend: Backend) {
    let house = House::open(backend).await;
    let hub = Served::on(&house, &house.url).await;
    let (one, two) = (
        registered(&house, "cat").await,
        registered(&house, "hrc").await,
    );
    // Before the first tick there is nothing to be signed.
    let (code, said) = once(one.path(), &hub.url, &[]).await;
    assert!(code == 1 && said.contains("no such page"), "{said}");
    hub.ticks(1, 3).await;
    let (code, said) = once(one.path(), &hub.url, &[]).await;
    assert!(
        code == 0 && said.contains("signed 3 ticks, the first"),
        "{said}"
    );
    assert!(ready(&house, &hub).await.contains("warning: "));
    assert!(metrics(&hub).await.contains("\nliaison_log_witnessed 0\n"));
    assert!(!audit(&house, one.path(), &["status"]).status.success());
    act(&hub.store).await;
    // Over the edge of a tile.
    hub.ticks(4, 297).await;
    let (code, said) = once(one.path(), &hub.url, &[]).await;
    assert!(
        code == 0 && said.contains("300 ticks, which go on from 3"),
        "{said}"
    );
    let (code, said) = once(two.path(), &hub.url, &[]).await;
    assert!(
        code == 0 && said.contains("signed 300 ticks, the first"),
        "{said}"
    );
    assert_eq!(ready(&house, &hub).await, "ready\n");
    assert!(metrics(&hub).await.contains("\nliaison_log_witnessed 1\n"));
    let status = done(&house, one.path(), &["status"]);
    assert!(
        status.contains("witnesses of 2 mechanisms or more"),
        "{status}"
    );
    let (_, said) = once(two.path(), &hub.url, &[]).await;
    assert!(said.contains("the hub has made none since"), "{said}");
    let (code, said) = witness(one.path(), &["status"]).await;
    assert!(code == 0 && said.contains("300 ticks, signed 20"), "{said}");
    // The hub tells its own who has signed what; anyone verifies it with the public keys.
    let folder = tempfile::tempdir().unwrap();
    let list = done(&house, folder.path(), &["witness", "list"]);
    assert!(list.contains("witnesses of 2 mechanisms or more"), "{list}");
    let keys: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
        .collect();
    let entries = house.number("SELECT MAX(n) FROM audit_leaf").await;
    act(&hub.store).await;
    done(&house, folder.path(), &["copy", "--output", "log.jsonl"]);
    let witnessed = done(&house, folder.path(), &["witnessed"]);
    // A note ends with its signatures; an empty line comes after it.
    let parts: Vec<&str> = witnessed.split("\n\n").collect();
    let note: Note = format!("{}\n\n{}\n", parts[0], parts[1]).parse().unwrap();
    assert_eq!(note.checkpoint.size, 300);
    std::fs::write(folder.path().join("witnessed"), note.to_string()).unwrap();
    let key = done(&house, folder.path(), &["key"]);
    let mut arguments = vec!["verify", "--log", "log.jsonl", "--key", key.trim()];
    arguments.extend([
        "--since",
        "witnessed",
        "--witness",
        keys[0],
        "--witness",
        keys[1],
    ]);
    let said = done(&house, folder.path(), &arguments);
    let up_to = format!("witnessed up to entry {entries}, at ");
    assert_eq!(said.matches(&up_to).count(), 2, "{said}");
    // A witness who has not signed is missed.
    let third = Cosigner::of("third.example", SecretKey::fresh().unwrap());
    let third = third.key().to_string();
    arguments.extend(["--witness", &third]);
    let output = audit(&house, folder.path(), &arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("no cosignature of `third.example`"), "{said}");
    hub.stop().await;
}

async fn restored(backend: Backend) {
    let house = House::open(backend).await;
    let hub = Served::on(&house, &house.url).await;
    let folder = registered(&house, "cat").await;
    let path = folder.path();
    let run = async |url: &str, key_store: &str, keys: &Path, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
        command
            .current_dir(path)
            .env_clear()
            .stdin(Stdio::null())
            .args(arguments);
        command
            .env("LIAISON_DATABASE_URL", url)
            .env("LIAISON_KEY_STORE", key_store);
        command.env("LIAISON_KEYS", keys);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), said)
    };
    hub.ticks(1, 3).await;
    assert_eq!(once(path, &hub.url, &[]).await.0, 0);
    let backed = run(
        &house.url,
        &house.key_url,
        &house.key_file,
        &["backup", "main", "main"],
    );
    assert!(backed.await.0);
    let backed = ["backup", "key-store", "keys"];
    assert!(
        run(&house.url, &house.key_url, &house.key_file, &backed)
            .await
            .0
    );
    done(&house, path, &["copy", "--output", "early.jsonl"]);
    act(&hub.store).await;
    hub.ticks(4, 3).await;
    assert_eq!(once(path, &hub.url, &[]).await.0, 0);
    done(&house, path, &["copy", "--output", "late.jsonl"]);
    std::fs::write(path.join("printed"), done(&house, path, &["witnessed"])).unwrap();
    let heads = std::fs::read_dir(path.join("witness")).unwrap();
    let mut heads = heads.map(|file| file.unwrap().path());
    let head = heads.find(|file| file.extension().is_some_and(|end| end == "head"));
    let head = head.unwrap().display().to_string();
    hub.stop().await;

    let new = Place::empty(backend).await;
    let own = path.join("own.keys");
    std::fs::copy(&house.key_file, &own).unwrap();
    assert!(
        run(&new.url, &new.key_store, &own, &["restore", "keys"])
            .await
            .0
    );
    let restore = async |more: &[&str]| {
        let arguments = [&["restore", "main"], more].concat();
        run(&new.url, &new.key_store, &own, &arguments).await
    };
    let (good, said) = restore(&["--log", "late.jsonl"]).await;
    assert!(!good && said.contains("the log has witnesses"), "{said}");
    for seen in [head.as_str(), "printed"] {
        let (good, said) = restore(&["--log", "early.jsonl", "--witnessed", seen]).await;
        assert!(
            !good && said.contains("not have all that witnesses"),
            "{said}"
        );
    }
    let seen = ["--witnessed", "printed", "--witnessed", &head];
    let (good, said) = restore(&[&["--log", "late.jsonl"], &seen[..]].concat()).await;
    assert!(good, "{said}");
    let verify = ["audit", "verify", "--since", &head];
    let (good, said) = run(&new.url, &new.key_store, &own, &verify).await;
    assert!(good && said.contains("each as it was written"), "{said}");
    let confirm = run(&new.url, &new.key_store, &own, &["restore", "confirm"]).await;
    assert!(confirm.0, "{}", confirm.1);
    // Its witness finds that the log goes on from what it has signed.
    let hub = Served::at(&new.url, &new.key_store).await;
    hub.ticks(7, 2).await;
    let (code, said) = once(path, &hub.url, &[]).await;
    assert!(
        code == 0 && said.contains("8 ticks, which go on from 6"),
        "{said}"
    );
    hub.stop().await;
}

/// The database of a hub that has stopped, twice.
async fn copied(house: &House, folder: &Path) -> String {
    house.store.close().await;
    let Some(file) = house.url.strip_prefix("sqlite://") else {
        let cluster = postgres::shared().unwrap();
        return cluster.create_database(Some(&house.url)).await.unwrap();
    };
    let file = PathBuf::from(file.split('?').next().unwrap());
    let copy = folder.join("copy.db");
    std::fs::copy(&file, &copy).unwrap();
    format!("sqlite://{}?mode=rw", copy.display())
}

/// What is among the evidence.
fn evidence(folder: &Path) -> Vec<(String, String)> {
    let all = std::fs::read_dir(folder.join("witness/evidence")).unwrap();
    let all: Vec<PathBuf> = all.map(|one| one.unwrap().path()).collect();
    assert_eq!(all.len(), 1);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&all[0])
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|file| {
            let text = std::fs::read(&file).unwrap();
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            (name, String::from_utf8_lossy(&text).into_owned())
        })
        .collect();
    files.sort();
    files
}

fn size_of(files: &[(String, String)], name: &str) -> u64 {
    let (_, text) = files.iter().find(|(file, _)| file == name).unwrap();
    let note: Note = text.parse().unwrap();
    note.checkpoint.size
}

async fn forked(backend: Backend) {
    let house = House::open(backend).await;
    let folder = registered(&house, "cat").await;
    let before = Served::on(&house, &house.url).await;
    before.ticks(1, 3).await;
    before.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = copied(&house, elsewhere.path()).await;
    // Both go on: one with what was done, the other without.
    let (one, other) = (
        Served::on(&house, &house.url).await,
        Served::on(&house, &copy).await,
    );
    act(&one.store).await;
    one.ticks(4, 2).await;
    other.ticks(4, 5).await;
    assert_eq!(once(folder.path(), &one.url, &[]).await.0, 0);
    let (code, said) = once(folder.path(), &other.url, &[]).await;
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("NOT SIGNED: the hub has two histories"),
        "{said}"
    );
    let files = evidence(folder.path());
    assert_eq!(size_of(&files, "kept.note"), 5);
    assert_eq!(size_of(&files, "shown.note"), 8);
    let log = one.store.ledger().key().ticks();
    for name in ["kept.note", "shown.note"] {
        let (_, text) = files.iter().find(|(file, _)| file == name).unwrap();
        // What convicts the hub is its own signature under both.
        assert!(text.parse::<Note>().unwrap().is_signed_by(&log), "{name}");
    }
    assert!(
        files.iter().any(|(name, _)| name == "tile-0-000.p-8"),
        "{files:?}"
    );
    // Not even the first history is signed, until somebody has looked.
    one.ticks(6, 1).await;
    let (code, said) = once(folder.path(), &one.url, &[]).await;
    assert!(
        code == 3 && said.contains("nobody has looked yet"),
        "{said}"
    );
    let signed = "SELECT MAX(size) FROM audit_cosignature";
    assert_eq!(house.number(signed).await, 5);
    // A second history of the same length is one, too.
    let second = registered_at(&one.store, "hrc").await;
    let key = second.1.clone();
    register_at(&other.store, &key, "hrc").await;
    one.ticks(9, 2).await;
    assert_eq!(once(second.0.path(), &one.url, &[]).await.0, 0);
    let (code, said) = once(second.0.path(), &other.url, &[]).await;
    assert!(
        code == 3 && said.contains("two histories: the 8 ticks"),
        "{said}"
    );
    one.stop().await;
    other.stop().await;
}

/// A witness that a hub at work has registered, and its key.
async fn registered_at(store: &Store, mechanism: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{mechanism}.example/witness");
    let (_, key) = witness(folder.path(), &["create", "--name", &name]).await;
    register_at(store, key.trim(), mechanism).await;
    (folder, key.trim().to_owned())
}

async fn register_at(store: &Store, key: &str, mechanism: &str) {
    let warrant = Warrant::to_name_witnesses();
    let mut writer = store.begin(warrant, Clock::system().now()).await.unwrap();
    let key = key.parse().unwrap();
    assert!(writer.add_witness(&key, mechanism).await.unwrap());
    writer.commit().await.unwrap();
}

async fn went_back(backend: Backend) {
    let house = House::open(backend).await;
    let folder = registered(&house, "cat").await;
    let before = Served::on(&house, &house.url).await;
    before.ticks(1, 3).await;
    before.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = copied(&house, elsewhere.path()).await;
    let hub = Served::on(&house, &house.url).await;
    act(&hub.store).await;
    hub.ticks(4, 4).await;
    assert_eq!(once(folder.path(), &hub.url, &[]).await.0, 0);
    hub.stop().await;
    // Nothing was refused so far.
    let restored = Served::on(&house, &backup).await;
    restored.ticks(10, 1).await;
    let word = [
        "--acknowledge",
        "restored after a fire, letter of 3 June (invented)",
    ];
    let (code, said) = once(folder.path(), &restored.url, &word).await;
    assert!(
        code == 1 && said.contains("nothing to acknowledge"),
        "{said}"
    );
    let (code, said) = once(folder.path(), &restored.url, &[]).await;
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("signed 7 ticks, and shows 4"), "{said}");
    let files = evidence(folder.path());
    assert_eq!(size_of(&files, "kept.note"), 7);
    assert_eq!(size_of(&files, "shown.note"), 4);
    // However long it goes on, it is not signed without an officer's word.
    restored.ticks(11, 9).await;
    let (code, _) = once(folder.path(), &restored.url, &[]).await;
    assert_eq!(code, 3);
    let (code, said) = witness(folder.path(), &["status"]).await;
    assert!(code == 0 && said.contains("NOT SIGNED any more"), "{said}");
    let (code, said) = once(folder.path(), &restored.url, &word).await;
    assert!(
        code == 0 && said.contains("13 ticks, which go on from 4"),
        "{said}"
    );
    let files = evidence(folder.path());
    let (_, said) = files
        .iter()
        .find(|(name, _)| name == "acknowledged.txt")
        .unwrap();
    assert!(said.contains("letter of 3 June"), "{said}");
    assert_eq!(size_of(&files, "kept.note"), 7);
    restored.stop().await;
}

async fn meddled(backend: Backend) {
    let house = House::open(backend).await;
    let hub = Served::on(&house, &house.url).await;
    let folder = registered(&house, "cat").await;
    hub.ticks(1, 2).await;
    act(&hub.store).await;
    hub.ticks(3, 4).await;
    assert_eq!(once(folder.path(), &hub.url, &[]).await.0, 0);
    hub.stop().await;
    let zero = house.blob_literal(&[0; 32]);
    for table in ["audit_tick", "audit_tick_node"] {
        let keep = format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}");
        house.meddle(&keep).await;
    }
    for (what, meddling, says) in [
        (
            "a leaf",
            format!("UPDATE audit_tick SET leaf = {zero} WHERE n = 2"),
            "tick 2 is not",
        ),
        (
            "a minute",
            "UPDATE audit_tick SET slot = 2000 WHERE n = 6".to_owned(),
            "tick 6 is not",
        ),
        (
            "a size",
            "UPDATE audit_tick SET size = size - 1 WHERE n = 4".to_owned(),
            "tick 4 is not",
        ),
        (
            "a tick is taken out",
            "DELETE FROM audit_tick WHERE n = 3".to_owned(),
            "tick 4 is not",
        ),
        (
            "the last is taken off",
            "DELETE FROM audit_tick WHERE n = 6".to_owned(),
            "the first 6 ticks are not those that were witnessed",
        ),
        (
            "a hash above",
            format!("UPDATE audit_tick_node SET hash = {zero} WHERE level = 1 AND place = 1"),
            "tick 4 is not",
        ),
    ] {
        house.meddle(&meddling).await;
        let output = audit(&house, folder.path(), &["verify"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            !output.status.success() && said.contains(says),
            "{what}: {said}"
        );
        for table in ["audit_tick", "audit_tick_node"] {
            house
                .meddle(&format!(
                    "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table}"
                ))
                .await;
        }
        let said = done(&house, folder.path(), &["verify"]);
        assert!(
            said.contains("witnessed up to entry"),
            "{what}, put back: {said}"
        );
    }
}

async fn not_taken(backend: Backend) {
    let house = House::open(backend).await;
    let hub = Served::on(&house, &house.url).await;
    hub.ticks(1, 5).await;
    let cosigner = Cosigner::of("cat.example/witness", SecretKey::fresh().unwrap());
    let key = cosigner.key();
    let mut writer = house.writer("cat.registry").await;
    assert!(
        writer.add_witness(&key, "cat").await.is_err(),
        "it is the registrar's"
    );
    drop(writer);
    let now = Clock::system().now();
    register_at(&hub.store, &key.to_string(), "cat").await;
    let ledger = hub.store.ledger();
    let note = |size| async move { ledger.outer_checkpoint(Some(size)).await.unwrap().unwrap() };
    let taken = async |note: &Note| hub.store.cosigned(&key, note, now).await.unwrap();
    let good = cosigner.cosign(note(4).await, now);
    assert!(taken(&good).await);
    let own = note(5).await;
    assert!(!taken(&own).await, "nobody has signed it");
    let stranger = Cosigner::of("cat.example/witness", SecretKey::fresh().unwrap());
    assert!(!taken(&stranger.cosign(own.clone(), now)).await);
    let ahead = cosigner.cosign(own.clone(), now.plus_seconds(1_000));
    assert!(!taken(&ahead).await, "a time to come");
    let keys = KeyFile::open(&key_file()).unwrap();
    let other = liaison::journal::Checkpoint::of_ticks(5, &[1; 32], keys.checkpoint());
    let other = cosigner.cosign(other.parse().unwrap(), now);
    assert!(!taken(&other).await, "another root");
    let beyond = liaison::journal::Checkpoint::of_ticks(9, &[1; 32], keys.checkpoint());
    let beyond = cosigner.cosign(beyond.parse().unwrap(), now);
    assert!(!taken(&beyond).await, "a tree to come");
    // What is earlier does not take the place of what is later.
    assert!(taken(&cosigner.cosign(note(5).await, now.plus_seconds(60))).await);
    assert!(taken(&cosigner.cosign(note(4).await, now)).await);
    assert_eq!(house.number("SELECT size FROM audit_cosignature").await, 5);
    // One mechanism is one, however many witnesses it has.
    let second = Cosigner::of("cat.example/second", SecretKey::fresh().unwrap());
    register_at(&hub.store, &second.key().to_string(), "cat").await;
    let signed = second.cosign(note(5).await, now);
    assert!(
        hub.store
            .cosigned(&second.key(), &signed, now)
            .await
            .unwrap()
    );
    assert!(!hub.store.is_witnessed(now).await.unwrap());
    hub.stop().await;
}
