//! Keys that are gone, and a key store that is away.

use serde_json::json;

use super::{copies, name, open_file, reason};
use crate::{
    persons::{File, KEEPER},
    support::{
        harness::{Backend, Suite},
        house::{House, global, sqlite_url},
    },
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("an_erased_file_opens_in_no_backup", backup);
    suite.test(
        "without_the_key_store_sealed_fields_alone_are_withheld",
        away,
    );
}

pub(super) async fn ready(house: &House) -> u16 {
    let request = axum::http::Request::get("/readyz");
    let request = request.body(axum::body::Body::empty()).unwrap();
    house.send(request).await.status.as_u16()
}

/// The bytes of an SQLite database and of its journal.
fn files(url: &str) -> Vec<u8> {
    let path = url
        .trim_start_matches("sqlite://")
        .trim_end_matches("?mode=rwc");
    let mut all = std::fs::read(path).unwrap();
    all.extend(std::fs::read(format!("{path}-wal")).unwrap_or_default());
    all
}

async fn backup(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let wrapped = house
        .bytes_of_keys(&format!(
            "SELECT wrapped FROM person_key WHERE person = {}",
            file.id()
        ))
        .await;
    // Yesterday's backup of the main database: on SQLite a copy of its file.
    let kept = tempfile::tempdir().unwrap();
    let copied = kept.path().join("liaison.db");
    if backend == Backend::Sqlite {
        assert!(
            files(&house.key_url)
                .windows(wrapped.len())
                .any(|window| window == wrapped)
        );
        house.meddle("PRAGMA wal_checkpoint(TRUNCATE)").await;
        let path = house
            .url
            .trim_start_matches("sqlite://")
            .trim_end_matches("?mode=rwc");
        std::fs::copy(path, &copied).unwrap();
    }
    let scope = format!(
        "{KEEPER} label:communication@SECRETARIAT label:communication_person@SECRETARIAT \
         label:person@SECRETARIAT declassify:request"
    );
    let retire = json!({ "id": file.communication, "reason": "ENTERED_IN_ERROR", "remark": "An error (invented)" });
    let retired = file
        .does(("cat.petitions", &scope), None, "retireRecord", &retire)
        .await;
    assert_eq!(retired["userErrors"], json!([]), "{retired}");
    let over = house.clock.now().plus_seconds(400 * 24 * 3_600);
    assert_eq!(house.store.expunge(over).await.unwrap().records, 1);
    assert_eq!(copies(&file, None).await, 0);
    if backend == Backend::Postgres {
        return;
    }
    // No byte of it is left in the key store's file or journal.
    assert!(
        !files(&house.key_url)
            .windows(wrapped.len())
            .any(|window| window == wrapped)
    );
    let files = [sqlite_url(&copied), house.key_url.clone()];
    let restored = File {
        house: House::on_files(files, kept).await,
        communication: file.communication.clone(),
        person: file.person.clone(),
    };
    let blob = restored.blob("names").await;
    assert!(blob.len() > 50, "what was sealed is in the backup");
    assert!(name(&restored, "cat.petitions").await.is_null());
    assert_ne!(
        reason(&restored, "cat.petitions").await,
        "AUDIT_UNAVAILABLE"
    );
    assert!(name(&restored, "achpr.protection").await.is_null());
    restored
        .house
        .store
        .mend_copies(restored.house.clock.now())
        .await
        .unwrap();
    assert!(name(&restored, "cat.petitions").await.is_null());
    // Everybody else's file opens.
    let opened = others(&restored.house).await;
    assert_eq!(opened, others(house).await);
    assert!(opened > 0);
    drop(file);
}

/// How many names of the demo's persons an officer of CAT is told.
async fn others(house: &House) -> usize {
    let token = house
        .token_up_to("cat.petitions", liaison::confidentiality::Level::Victim)
        .await;
    let query = "{ communications(first: 100, filter: {mechanism: {eq: \"cat\"}}) { edges { node { persons(first: 5) { edges { node { id } } } } } } }";
    let data = house.ask(Some(&token), query).await.data();
    let mut opened = 0;
    for edge in data["communications"]["edges"].as_array().unwrap() {
        for person in edge["node"]["persons"]["edges"].as_array().unwrap() {
            let query = format!(
                "{{ node(id: {}) {{ ... on Person {{ names {{ text }} }} }} }}",
                person["node"]["id"]
            );
            let told = house.ask_for(&token, "EXAMINATION", &query).await.data();
            opened += usize::from(told["node"]["names"].is_array());
        }
    }
    opened
}

async fn away(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    assert_eq!(ready(house).await, 200);
    house
        .meddle_with_keys("ALTER TABLE person_key RENAME TO mislaid")
        .await;
    for holder in ["cat.petitions", "achpr.protection"] {
        assert_eq!(reason(&file, holder).await, "AUDIT_UNAVAILABLE", "{holder}");
    }
    // Who would not be told it anyway is told nothing of it, and what is public goes on.
    let secretary = file.told("cat.secretary", None).await;
    assert!(secretary["node"]["version"].is_string());
    let cat = global(liaison::identity::kind::Kind::Mechanism, "cat");
    let public = house
        .ask(None, &format!("{{ node(id: \"{cat}\") {{ id }} }}"))
        .await
        .data();
    assert_eq!(public["node"]["id"], json!(cat));
    assert_eq!(ready(house).await, 503);
    // No act that owes it something is done by half.
    let people = "SELECT COUNT(*) FROM person";
    let before = house.number(people).await;
    let lodge = json!({ "input": {
        "kind": "INDIVIDUAL_COMMUNICATION", "title": "Q v. Examplia (invented)",
        "persons": [{ "role": "COMPLAINANT", "names": crate::persons::names("Qqx Invented") }],
    } });
    let token = house.token("cat.petitions", KEEPER).await;
    let query = "mutation($input: LodgeCommunicationInput!) { lodgeCommunication(input: $input) { userErrors { code } } }";
    let refused = house
        .post(Some(&token), &json!({ "query": query, "variables": lodge }))
        .await;
    assert!(refused.json().get("errors").is_some(), "{}", refused.json());
    assert_eq!(house.number(people).await, before);
    house
        .meddle_with_keys("ALTER TABLE mislaid RENAME TO person_key")
        .await;
    assert_eq!(ready(house).await, 200);
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
}
