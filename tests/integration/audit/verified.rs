//! `liaison audit verify` finds whatever was done to the log, and names it by number.

use std::{path::Path, process::Command};

use liaison::{
    clock::Moment,
    journal::{Note, tree},
    store::Store,
};
use liaison_migrations::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::audit;
use crate::support::{
    harness::{Backend, Suite},
    house::{House, empty, key_store_for, mechanism, migrate, open_key_store},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_log_that_was_not_touched_is_whole", whole);
    suite.test("whatever_is_done_to_an_entry_is_found_and_numbered", found);
    suite.test(
        "a_log_rewritten_from_end_to_end_is_not_the_one_that_was_signed",
        rewritten,
    );
    suite.test(
        "a_copy_of_the_log_is_verified_with_its_public_key_alone",
        copied,
    );
    suite.test("a_log_that_was_cut_short_takes_no_entry", cut);
    suite.test("the_chain_of_earlier_versions_becomes_a_tree", migrated);
    suite.test("a_hub_whose_log_takes_nothing_is_not_ready", unready);
}

/// A house whose log has ten entries more, and a signed checkpoint before the last three.
async fn written(backend: Backend) -> (House, TempDir) {
    let house = House::open(backend).await;
    entries(&house, 7).await;
    let note = house.store.ledger().sign(house.clock.now()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kept.txt"), note.unwrap()).unwrap();
    entries(&house, 3).await;
    (house, folder)
}

async fn entries(house: &House, many: u32) {
    for _ in 0..many {
        house.token("cat.secretary", "read:mechanism@PARTNER").await;
        let mut writer = house.writer("cat.registry").await;
        let id = liaison::id::RecordId::random();
        let mut record = liaison::store::writer::NewRecord::of(
            id,
            vec![mechanism("cat")],
            liaison::confidentiality::Level::Partner,
        );
        record.values.push(("title", "A paper (invented)".into()));
        assert!(
            writer
                .add::<liaison::document::Document>(&record)
                .await
                .unwrap()
        );
        writer.commit().await.unwrap();
    }
}

/// What the verification says, and whether it is content.
fn verified(house: &House, folder: &Path, more: &[&str]) -> (bool, String) {
    let output = audit(house, folder, &[&["verify"], more].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), said)
}

async fn whole(backend: Backend) {
    let (house, folder) = written(backend).await;
    let many = house.number("SELECT MAX(n) FROM audit_leaf").await;
    let since = ["--since", "kept.txt"];
    let (good, said) = verified(&house, folder.path(), &since);
    assert!(good, "{said}");
    assert!(said.contains(&format!("{many} entries")), "{said}");
    assert!(said.contains("the last 3 are not signed yet"), "{said}");
    let printed = audit(&house, folder.path(), &["checkpoint"]);
    let note: Note = String::from_utf8(printed.stdout).unwrap().parse().unwrap();
    assert_eq!(note.checkpoint.size, u64::try_from(many).unwrap());
    let (good, said) = verified(&house, folder.path(), &since);
    assert!(
        good && said.contains(&format!("up to entry {many}\n")),
        "{said}"
    );
    // Another signature of the same size is not asked for.
    assert_eq!(
        house.store.ledger().sign(house.clock.now()).await.unwrap(),
        None
    );
}

async fn found(backend: Backend) {
    let (house, folder) = written(backend).await;
    let last = house.number("SELECT MAX(n) FROM audit_leaf").await;
    let (n, next) = (last - 5, last - 4);
    let of = |n: i64| format!("one of the entries {n} to {} was changed", n + 1);
    let pair = |n: i64| if n % 2 == 1 { of(n) } else { of(n - 1) };
    let swap = format!(
        "UPDATE audit_leaf SET n = -1 WHERE n = {n}; UPDATE audit_leaf SET n = {n} WHERE n = \
         {next}; UPDATE audit_leaf SET n = {next} WHERE n = -1"
    );
    let body = house
        .texts(&format!("SELECT body FROM audit_leaf WHERE n = {n}"))
        .await
        .remove(0);
    let changed = body.replace("\"WRITE\"", "\"WROTE\"");
    assert_ne!(changed, body);
    let leaf = house.blob_literal(&tree::leaf_hash(changed.as_bytes()));
    let rehashed = format!("UPDATE audit_leaf SET body = '{changed}', leaf = {leaf} WHERE n = {n}");
    let flipped = format!("UPDATE audit_leaf SET leaf = {leaf} WHERE n = {n}");
    let copy = audit(&house, folder.path(), &["copy", "--output", "good.jsonl"]);
    assert!(copy.status.success());
    for (what, meddling, says) in [
        (
            "a byte of an entry",
            format!("UPDATE audit_leaf SET body = '{changed}' WHERE n = {n}"),
            format!("entry {n} was changed"),
        ),
        ("its hash", flipped, format!("entry {n} was changed")),
        ("both", rehashed, pair(n)),
        (
            "an entry is taken away",
            format!("DELETE FROM audit_leaf WHERE n = {n}"),
            format!("entry {n} is missing"),
        ),
        (
            "the last entries are taken away",
            format!("DELETE FROM audit_leaf WHERE n > {}", last - 4),
            format!("entries {} to", last - 3),
        ),
        (
            "two change places",
            swap,
            format!("entry {n} stands where another was"),
        ),
        (
            "a checkpoint is changed",
            "UPDATE audit_checkpoint SET note = replace(note, 'liaison-log-', 'liaison-lag-')"
                .to_owned(),
            format!("the checkpoint at {} is not signed", last - 3),
        ),
        (
            "a hash of the tree",
            "UPDATE audit_node SET hash = (SELECT hash FROM audit_node WHERE level = 1 AND \
             place = 1) WHERE level = 1 AND place = 0"
                .to_owned(),
            "one of the entries 1 to 2 was changed".to_owned(),
        ),
    ] {
        let before = Saved::of(&house).await;
        house.meddle(&meddling).await;
        let (good, said) = verified(&house, folder.path(), &["--since", "kept.txt"]);
        assert!(!good && said.contains(&says), "{what}: {said}");
        before.put_back(&house).await;
        let (good, said) = verified(&house, folder.path(), &[]);
        assert!(good, "{what}, put back: {said}");
    }
}

/// The log's tables as they were.
struct Saved;

const TABLES: [&str; 3] = ["audit_leaf", "audit_node", "audit_checkpoint"];

impl Saved {
    async fn of(house: &House) -> Self {
        for table in TABLES {
            house
                .meddle(&format!(
                    "CREATE TABLE saved_{table} AS SELECT * FROM {table}"
                ))
                .await;
        }
        Self
    }

    async fn put_back(self, house: &House) {
        for table in TABLES {
            house
                .meddle(&format!(
                    "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table}; \
                     DROP TABLE saved_{table}"
                ))
                .await;
        }
    }
}

async fn rewritten(backend: Backend) {
    let (house, folder) = written(backend).await;
    let size = house.number("SELECT MAX(size) FROM audit_checkpoint").await;
    // Who has the whole database makes hashes and tree anew, and forgets what was signed.
    let bodies = house.texts("SELECT body FROM audit_leaf ORDER BY n").await;
    house
        .meddle("DELETE FROM audit_node; DELETE FROM audit_checkpoint")
        .await;
    let mut edge = tree::Edge::default();
    for (n, body) in (1..).zip(bodies) {
        let body = if n == 3 {
            body.replace("WRITE", "WROTE")
        } else {
            body
        };
        let leaf = tree::leaf_hash(body.as_bytes());
        let bytes = house.blob_literal(&leaf);
        house
            .meddle(&format!(
                "UPDATE audit_leaf SET body = '{body}', leaf = {bytes} WHERE n = {n}"
            ))
            .await;
        for (place, hash) in edge.append(leaf) {
            let (level, index, hash) = (place.level, place.index, house.blob_literal(&hash));
            house
                .meddle(&format!(
                    "INSERT INTO audit_node VALUES ({level}, {index}, {hash})"
                ))
                .await;
        }
    }
    let (good, said) = verified(&house, folder.path(), &["--since", "kept.txt"]);
    let says = format!("entries 1 to {size} are not those that were signed");
    assert!(!good && said.contains(&says), "{said}");
    // Without what somebody has kept, nothing shows: hence the checkpoints.
    assert!(verified(&house, folder.path(), &[]).0);
}

async fn copied(backend: Backend) {
    let (house, folder) = written(backend).await;
    audit(&house, folder.path(), &["copy", "--output", "log.jsonl"]);
    let file = folder.path().join("log.jsonl");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let key = audit(&house, folder.path(), &["key"]).stdout;
    let key = String::from_utf8(key).unwrap();
    // Away from the hub: no key file, no database.
    let away = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
        command.current_dir(folder.path()).env_clear();
        command.args(["audit", "verify", "--log", "log.jsonl", "--key", key.trim()]);
        let output = command.args(more).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let (good, said) = away(&["--since", "kept.txt"]);
    assert!(good, "{said}");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |at: usize| {
        let kept = lines.iter().enumerate().filter(|(place, _)| *place != at);
        kept.map(|(_, line)| format!("{line}\n"))
            .collect::<String>()
    };
    let mut swapped = lines.clone();
    swapped.swap(1, 4);
    for (what, file_now, says) in [
        (
            "a byte",
            text.replacen("\\\"v\\\":1", "\\\"v\\\":7", 1),
            "entry 1 was changed",
        ),
        ("a line less", without(2), "entry 3 is missing"),
        (
            "two lines change places",
            swapped.join("\n") + "\n",
            "entry 2",
        ),
        (
            "no log",
            "nothing\n".to_owned(),
            "line 1 of the file is no line of a log",
        ),
    ] {
        std::fs::write(&file, file_now).unwrap();
        let (good, said) = away(&[]);
        assert!(!good && said.contains(says), "{what}: {said}");
    }
    std::fs::write(&file, &text).unwrap();
    let another = liaison::keys::KeyFile::fresh().unwrap();
    let another = liaison::journal::LogKey::of(another.checkpoint()).to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder.path()).env_clear();
    command.args(["audit", "verify", "--log", "log.jsonl", "--key", &another]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("is not signed with this log's key"), "{said}");
}

async fn cut(backend: Backend) {
    let (house, _folder) = written(backend).await;
    let last = house.number("SELECT MAX(n) FROM audit_leaf").await;
    house
        .meddle(&format!("DELETE FROM audit_leaf WHERE n = {last}"))
        .await;
    let mut writer = house.writer("cat.registry").await;
    let id = liaison::id::RecordId::random();
    let mut record = liaison::store::writer::NewRecord::of(
        id,
        vec![mechanism("cat")],
        liaison::confidentiality::Level::Partner,
    );
    record
        .values
        .push(("title", "Another paper (invented)".into()));
    writer
        .add::<liaison::document::Document>(&record)
        .await
        .unwrap();
    let refused = writer.commit().await.unwrap_err();
    assert!(
        refused.to_string().contains("liaison audit verify"),
        "{refused}"
    );
    // A hub that starts then has not seen the end, and still appends nothing below what was
    // signed once that is cut, too.
    let signed = house.number("SELECT MAX(size) FROM audit_checkpoint").await;
    house
        .meddle(&format!("DELETE FROM audit_leaf WHERE n >= {signed}"))
        .await;
    let store = house.elsewhere().await;
    assert!(store.ledger().sign(house.clock.now()).await.is_err());
    store.close().await;
}

async fn unready(backend: Backend) {
    let house = House::open(backend).await;
    let ready = async || {
        let request = axum::http::Request::get("/readyz");
        house
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await
            .status
            .as_u16()
    };
    assert_eq!(ready().await, 200);
    house
        .meddle("ALTER TABLE audit_leaf RENAME TO mislaid_leaf")
        .await;
    assert!(house.store.ledger().open_page().await.is_err());
    assert_eq!(ready().await, 503);
    house
        .meddle("ALTER TABLE mislaid_leaf RENAME TO audit_leaf")
        .await;
    assert_eq!(ready().await, 200);
}

async fn migrated(backend: Backend) {
    let (url, _folder) = empty(backend).await;
    let connection = sea_orm::Database::connect(&url).await.unwrap();
    Migrator::up(&connection, Some(16)).await.unwrap();
    let literal = |bytes: &[u8]| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match backend {
            Backend::Sqlite => format!("X'{hex}'"),
            Backend::Postgres => format!("'\\x{hex}'"),
        }
    };
    let mut chain = [0u8; 32];
    for n in 1..=1_203_u32 {
        let body = format!("{{\"v\":1,\"n\":{n}}}");
        let leaf = tree::leaf_hash(body.as_bytes());
        chain = Sha256::new()
            .chain_update([1])
            .chain_update(chain)
            .chain_update(leaf)
            .finalize()
            .into();
        let (leaf, chain) = (literal(&leaf), literal(&chain));
        connection
            .execute_unprepared(&format!(
                "INSERT INTO audit_leaf (n, time, kind, body, leaf, chain) \
                 VALUES ({n}, 0, 'WRITE', '{body}', {leaf}, {chain})"
            ))
            .await
            .unwrap();
    }
    // What the chain shows to be changed is not made good.
    let change = |from: &str, to: &str| {
        format!("UPDATE audit_leaf SET body = replace(body, '{from}', '{to}') WHERE n = 1101")
    };
    connection
        .execute_unprepared(&change(":1,", ":2,"))
        .await
        .unwrap();
    let key_url = key_store_for(&url).await;
    let refused = migrate(&url, &key_url).await.unwrap_err().to_string();
    assert!(refused.contains("changed at entry 1101"), "{refused}");
    connection
        .execute_unprepared(&change(":2,", ":1,"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    migrate(&url, &key_url).await.unwrap();
    let keys = std::sync::Arc::new(liaison::keys::KeyFile::fresh().unwrap());
    let key_store = open_key_store(&key_url).await;
    let store = Store::open(&url, keys, key_store).await.unwrap();
    let report = store.ledger().verify(None).await.unwrap();
    assert!(report.is_whole() && report.size == 1_203, "{report:?}");
    let mut edge = tree::Edge::default();
    for n in 1..=1_203 {
        edge.append(tree::leaf_hash(format!("{{\"v\":1,\"n\":{n}}}").as_bytes()));
    }
    assert_eq!(report.root, edge.root());
    // It goes on from there.
    let at = Moment::from_seconds(1);
    let note: Note = store
        .ledger()
        .sign(at)
        .await
        .unwrap()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(note.checkpoint.root, edge.root());
    store.close().await;
}
