//! The keys of persons' files: in a database of their own, a copy for each mechanism that may
//! open, and gone when it may not.

use serde_json::{Value, json};

use crate::{
    persons::{FAR, File},
    support::{
        harness::{Backend, Suite},
        house::mechanism,
    },
};

mod cut;
mod gone;
mod moved;
mod rotated;
mod start;

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_copy_of_a_key_opens_in_its_own_place_only", places);
    suite.test(
        "one_changed_byte_and_a_copy_of_a_key_does_not_open",
        flipped,
    );
    suite.test("a_value_put_back_with_its_version_does_not_open", put_back);
    suite.test("a_recipients_copy_comes_and_goes_with_its_leave", leave);
    suite.test("without_a_copy_nothing_opens_whatever_was_decided", decided);
    suite.test("the_main_database_has_no_key", apart);
    cut::register(suite);
    gone::register(suite);
    moved::register(suite);
    rotated::register(suite);
    start::register(suite);
}

const PURPOSE: Option<&str> = Some("EXAMINATION");

/// A file that one officer of CAT's and one of the ACHPR's may open.
async fn open_file(file: &File) {
    file.open_channel().await;
    assert_eq!(
        file.grant("cat.petitions", &["NAMES", "CONTACT"], FAR)
            .await,
        "DONE"
    );
    assert_eq!(file.say("GIVEN", &["NAMES"], FAR).await, "DONE");
    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], FAR).await,
        "DONE"
    );
}

/// The name that an officer is told.
async fn name(file: &File, holder: &str) -> Value {
    let told = file.told(holder, PURPOSE).await;
    told["node"]["names"][0]["text"].clone()
}

/// What an officer is told of why the name is withheld.
async fn reason(file: &File, holder: &str) -> Value {
    let token = file.house.token(holder, "read:person@VICTIM").await;
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on Person {{ names {{ text }} }} }} }}",
        file.person
    );
    let answer = file.house.ask_for(&token, "EXAMINATION", &query).await;
    assert!(answer.data()["node"]["names"].is_null());
    let json = answer.json();
    let withheld = json["extensions"]["withheld"].as_array().unwrap();
    assert_eq!(withheld.len(), 1, "{json}");
    withheld[0]["reason"].clone()
}

/// How many copies of the person's key there are, of a mechanism or of all.
async fn copies(file: &File, of: Option<&str>) -> i64 {
    let of = of.map(|code| file.house.literal(mechanism(code).into()));
    let of = of.map(|id| format!(" AND mechanism = {id}"));
    let sql = format!(
        "SELECT COUNT(*) FROM person_key WHERE person = {}{}",
        file.id(),
        of.unwrap_or_default()
    );
    file.house.number_of_keys(&sql).await
}

async fn places(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let id = file.id();
    let (cat, achpr) = (
        house.literal(mechanism("cat").into()),
        house.literal(mechanism("achpr").into()),
    );
    let copy = format!("WHERE person = {id} AND mechanism = {achpr}");
    house
        .store
        .key_store()
        .rotate_epoch(house.clock.now())
        .await
        .unwrap();
    for table in ["person_key", "mechanism_key"] {
        let kept = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
        house.meddle_with_keys(&kept).await;
    }
    let all = "wrapped = k.wrapped, commitment = k.commitment, key_id = k.key_id, epoch = k.epoch";
    for (what, way) in [
        (
            "another person's copy",
            format!(
                "UPDATE person_key SET {all} FROM (SELECT * FROM kept_person_key WHERE person <> {id} LIMIT 1) k {copy}"
            ),
        ),
        (
            "the owner's copy",
            format!(
                "UPDATE person_key SET {all} FROM (SELECT * FROM kept_person_key WHERE person = {id} AND mechanism = {cat}) k {copy}"
            ),
        ),
        (
            "the owner's copy under the owner's key",
            format!(
                "UPDATE mechanism_key SET wrapped = k.wrapped FROM (SELECT * FROM kept_mechanism_key WHERE mechanism = {cat} LIMIT 1) k WHERE mechanism_key.mechanism = {achpr}"
            ),
        ),
        (
            "an epoch that is none",
            format!(
                "UPDATE person_key SET epoch = (SELECT id FROM key_epoch ORDER BY n LIMIT 1) {copy}"
            ),
        ),
    ] {
        assert_eq!(
            name(&file, "achpr.protection").await,
            "Ppx Wrongly Invented",
            "before {what}"
        );
        assert!(house.meddle_with_keys(&way).await >= 1, "{what}");
        assert_eq!(
            reason(&file, "achpr.protection").await,
            "SEAL_BROKEN",
            "{what}"
        );
        for table in ["person_key", "mechanism_key"] {
            house
                .meddle_with_keys(&format!("DELETE FROM {table}"))
                .await;
            let back = format!("INSERT INTO {table} SELECT * FROM kept_{table}");
            house.meddle_with_keys(&back).await;
        }
    }
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
}

async fn flipped(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let achpr = house.literal(mechanism("achpr").into());
    let copy = format!("WHERE person = {} AND mechanism = {achpr}", file.id());
    for (table, column, at) in [
        ("person_key", "wrapped", copy.clone()),
        ("person_key", "commitment", copy),
        (
            "mechanism_key",
            "wrapped",
            format!("WHERE mechanism = {achpr}"),
        ),
        ("key_epoch", "wrapped", String::new()),
        (
            "field_mark",
            "mark",
            format!("WHERE person = {} AND field = 'names'", file.id()),
        ),
    ] {
        let whole = house
            .bytes_of_keys(&format!("SELECT {column} FROM {table} {at}"))
            .await;
        let put = async |bytes: &[u8]| {
            let bytes = house.blob_literal(bytes);
            let sql = format!("UPDATE {table} SET {column} = {bytes} {at}");
            assert_eq!(house.meddle_with_keys(&sql).await, 1);
        };
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            put(&changed).await;
            let told = reason(&file, "achpr.protection").await;
            assert_eq!(told, "SEAL_BROKEN", "byte {place} of {table}.{column}");
        }
        put(&whole[1..]).await;
        assert_eq!(reason(&file, "achpr.protection").await, "SEAL_BROKEN");
        put(&whole).await;
        assert_eq!(
            name(&file, "achpr.protection").await,
            "Ppx Wrongly Invented"
        );
    }
}

async fn put_back(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let put = async |blob: &[u8], version: i64| {
        let blob = house.blob_literal(blob);
        let sql = format!(
            "UPDATE sealed_field SET blob = {blob}, version = {version} \
             WHERE field = 'names' AND record = {}",
            file.id()
        );
        assert_eq!(house.meddle(&sql).await, 1);
    };
    let mut earlier = vec![file.blob("names").await];
    for said in ["Ppx Rightly Invented", "Ppx Invented Anew"] {
        let said = json!({ "names": crate::persons::names(said) });
        assert_eq!(file.correct(said).await, "DONE");
        earlier.push(file.blob("names").await);
    }
    let (last, earlier) = earlier.split_last().unwrap();
    for (version, blob) in (1..).zip(earlier) {
        put(blob, version).await;
        assert_eq!(
            reason(&file, "achpr.protection").await,
            "SEAL_BROKEN",
            "version {version}"
        );
        // Nor does what is there become the last by a look through.
        house.store.mend_copies(house.clock.now()).await.unwrap();
        assert_eq!(reason(&file, "cat.petitions").await, "SEAL_BROKEN");
    }
    put(last, 3).await;
    assert_eq!(name(&file, "achpr.protection").await, "Ppx Invented Anew");
    let marks = format!(
        "SELECT COUNT(*) FROM field_mark WHERE person = {} AND field = 'names'",
        file.id()
    );
    assert_eq!(
        house.number_of_keys(&marks).await,
        1,
        "none is kept of a version before"
    );
}

async fn leave(backend: Backend) {
    let file = File::of(backend).await;
    let house = &file.house;
    file.open_channel().await;
    assert_eq!(
        [copies(&file, Some("cat")).await, copies(&file, None).await],
        [1, 1]
    );
    assert_eq!(file.say("GIVEN", &["NAMES"], FAR).await, "DONE");
    assert_eq!(
        copies(&file, Some("achpr")).await,
        0,
        "consent alone gives none"
    );
    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], FAR).await,
        "DONE"
    );
    assert_eq!(
        [
            copies(&file, Some("achpr")).await,
            copies(&file, None).await
        ],
        [1, 2]
    );
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
    let grants = (
        "cat.grants",
        "read:person@SECRETARIAT write:person@SECRETARIAT",
    );
    let end = json!({ "person": file.person, "holder": "achpr.protection" });
    let ended = file.does(grants, None, "endGrants", &end).await;
    assert_eq!(ended["userErrors"], json!([]), "{ended}");
    assert_eq!(copies(&file, Some("achpr")).await, 0, "the grant was ended");

    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], FAR).await,
        "DONE"
    );
    assert_eq!(copies(&file, Some("achpr")).await, 1);
    assert_eq!(file.say("WITHDRAWN", &[], FAR).await, "DONE");
    assert_eq!(
        [
            copies(&file, Some("achpr")).await,
            copies(&file, None).await
        ],
        [0, 1]
    );

    // What runs out by itself opens nothing from then on, and its copy goes at the next look.
    assert_eq!(file.say("GIVEN", &["NAMES"], FAR).await, "DONE");
    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], "2026-06-02T00:00:00Z")
            .await,
        "DONE"
    );
    house.clock.advance(24 * 3_600);
    assert_eq!(copies(&file, Some("achpr")).await, 1);
    assert!(house.store.mend_copies(house.clock.now()).await.unwrap() >= 1);
    assert_eq!(
        [
            copies(&file, Some("achpr")).await,
            copies(&file, None).await
        ],
        [0, 1]
    );
    assert_eq!(house.store.mend_copies(house.clock.now()).await.unwrap(), 0);
}

async fn decided(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let grants = format!(
        "SELECT COUNT(*) FROM disclosure_grant WHERE ended_at IS NULL AND person = {}",
        file.id()
    );
    let said = file.say("WITHDRAWN", &[], FAR).await;
    assert_eq!((said.as_str(), house.number(&grants).await), ("DONE", 1));
    let plainly = reason(&file, "achpr.protection").await;
    // Somebody who can write in the main database undoes it all there.
    house
        .meddle(&format!(
            "DELETE FROM consent WHERE basis = 'WITHDRAWN' AND person = {}",
            file.id()
        ))
        .await;
    house
        .meddle(&format!(
            "UPDATE disclosure_grant SET ended_at = NULL WHERE person = {}",
            file.id()
        ))
        .await;
    let achpr = house.literal(mechanism("achpr").into());
    house
        .meddle(&format!(
            "INSERT INTO record_named (record, mechanism, until) VALUES ({}, {achpr}, 4000000000)",
            file.id()
        ))
        .await;
    house.clock.advance(2);
    assert_eq!(
        reason(&file, "achpr.protection").await,
        plainly,
        "as if it was not decided"
    );
    assert_eq!(name(&file, "cat.petitions").await, "Ppx Wrongly Invented");
}

async fn apart(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let tables = match backend {
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Backend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables = house.texts(tables).await;
    assert!(tables.contains(&"sealed_field".to_owned()));
    for table in [
        "data_key",
        "key_epoch",
        "mechanism_key",
        "person_key",
        "field_mark",
    ] {
        assert!(!tables.contains(&table.to_owned()), "{table}");
    }
    if backend == Backend::Sqlite {
        let path = house
            .url
            .trim_start_matches("sqlite://")
            .trim_end_matches("?mode=rwc");
        let wrapped = format!(
            "SELECT wrapped FROM person_key WHERE person = {}",
            file.id()
        );
        let wrapped = house.bytes_of_keys(&wrapped).await;
        let mut looked = 0;
        for suffix in ["", "-wal"] {
            let bytes = std::fs::read(format!("{path}{suffix}")).unwrap_or_default();
            looked += bytes.len();
            let found = bytes.windows(wrapped.len()).any(|window| window == wrapped);
            assert!(!found, "a wrapped key is in the main database's file");
        }
        assert!(looked > 100_000);
    }
}
