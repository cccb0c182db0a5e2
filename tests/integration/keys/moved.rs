//! A main database of an earlier version has the keys itself: they are moved, and none is lost.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use uuid::Uuid;

use super::{copies, name, open_file, reason};
use crate::{
    persons::File,
    support::{
        harness::{Backend, Suite},
        house::{mechanism, migrate},
    },
};
use liaison::{id::GlobalId, store::Store};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("keys_of_an_earlier_version_move_to_the_key_store", moved);
}

fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    all
}

fn sealed(key: &[u8; 32], aad: &[u8], text: &[u8]) -> Vec<u8> {
    let nonce = [7; 24];
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: text, aad })
        .unwrap();
    [&nonce[..], &sealed].concat()
}

fn derived<const N: usize>(key: &[u8; 32], info: &str) -> [u8; N] {
    let mut derived = [0; N];
    Hkdf::<Sha256>::new(None, key)
        .expand(info.as_bytes(), &mut derived)
        .unwrap();
    derived
}

/// The row of a key and the blob of a name, as the earlier version wrote them.
fn earlier(
    root: &[u8; 32],
    person: Uuid,
    owner: Uuid,
    text: &str,
) -> (Uuid, Vec<u8>, Vec<u8>, Vec<u8>) {
    let (id, key) = (Uuid::from_bytes([9; 16]), [42; 32]);
    let aad = parts(&[b"liaison/data-key/1", id.as_bytes(), person.as_bytes()]);
    let wrapped = sealed(root, &aad, &key);
    let commitment: [u8; 16] = derived(&key, "commit");
    let field: [u8; 32] = derived(&key, "lz/field|person.names");
    let aad = parts(&[
        b"liaison/field/1",
        b"person",
        b"names",
        person.as_bytes(),
        &1_i64.to_be_bytes(),
        b"VICTIM",
        owner.as_bytes(),
        id.as_bytes(),
    ]);
    let mut padded = text.as_bytes().to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(32), 0);
    let mut blob = vec![1, 1];
    blob.extend_from_slice(id.as_bytes());
    blob.extend(sealed(&field, &aad, &padded));
    (id, wrapped, commitment.to_vec(), blob)
}

async fn moved(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let person = GlobalId::parse(&file.person).unwrap().id;
    // Back to the version before: the table, and one key in it; others are where they are.
    let (uuid, bytes) = match backend {
        Backend::Sqlite => ("uuid_text", "blob"),
        Backend::Postgres => ("uuid", "bytea"),
    };
    house.meddle(&format!(
        "CREATE TABLE data_key (id {uuid} PRIMARY KEY, person {uuid} NOT NULL, wrapped {bytes} NOT NULL, commitment {bytes} NOT NULL)"
    )).await;
    house
        .meddle("DELETE FROM seaql_migrations WHERE version = 'm20261124_22_key_store'")
        .await;
    house
        .meddle_with_keys(&format!(
            "DELETE FROM person_key WHERE person = {}",
            file.id()
        ))
        .await;
    let root = house.store.keys().sealing().key().bytes();
    let text = r#"[{"text":"Ppx Of Before","script":"Latn","language":"en"}]"#;
    let (id, wrapped, commitment, blob) = earlier(root, person.0, mechanism("cat").0, text);
    let put = format!(
        "INSERT INTO data_key (id, person, wrapped, commitment) VALUES ({}, {}, {}, {})",
        house.literal(liaison::id::RecordId(id)),
        file.id(),
        house.blob_literal(&wrapped),
        house.blob_literal(&commitment),
    );
    house.meddle(&put).await;
    house
        .meddle(&format!(
            "DELETE FROM sealed_field WHERE record = {}",
            file.id()
        ))
        .await;
    house
        .meddle(&format!(
            "INSERT INTO sealed_field (record, field, version, blob) VALUES ({}, 'names', 1, {})",
            file.id(),
            house.blob_literal(&blob),
        ))
        .await;
    house.store.close().await;

    // A hub of this version does not begin on it, and what moves nothing loses nothing.
    let now = house.clock.now();
    let refused = Store::migrate(&house.url, &house.key_url, None, now)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("keys of 1 persons"),
        "{refused}"
    );
    // Cut off after the copies were written: the key is in both, and it is begun again.
    let hinder = match backend {
        Backend::Sqlite => {
            "CREATE TRIGGER cut BEFORE DELETE ON data_key BEGIN SELECT RAISE(ABORT, 'cut'); END"
        }
        Backend::Postgres => {
            "CREATE TABLE cut (key uuid REFERENCES data_key (id)); INSERT INTO cut SELECT id FROM data_key"
        }
    };
    house.meddle(hinder).await;
    let cut = migrate(&house.url, &house.key_url).await.unwrap_err();
    assert!(cut.to_string().contains("could not be moved"), "{cut}");
    assert_eq!(copies(&file, Some("cat")).await, 1);
    assert_eq!(house.number("SELECT COUNT(*) FROM data_key").await, 1);
    house
        .meddle(match backend {
            Backend::Sqlite => "DROP TRIGGER cut",
            Backend::Postgres => "DROP TABLE cut",
        })
        .await;
    assert_eq!(migrate(&house.url, &house.key_url).await.unwrap(), 1);
    assert_eq!(migrate(&house.url, &house.key_url).await.unwrap(), 0);
    if backend == Backend::Sqlite {
        let path = house
            .url
            .trim_start_matches("sqlite://")
            .trim_end_matches("?mode=rwc");
        for suffix in ["", "-wal"] {
            let bytes = std::fs::read(format!("{path}{suffix}")).unwrap_or_default();
            let found = bytes.windows(wrapped.len()).any(|window| window == wrapped);
            assert!(!found, "the key is still in the main database{suffix}");
        }
    }
    let again = File {
        house: file.house.again().await,
        communication: file.communication.clone(),
        person: file.person.clone(),
    };
    assert_eq!(name(&again, "cat.petitions").await, "Ppx Of Before");
    // A recipient is given a copy by the first look through.
    assert_ne!(reason(&again, "achpr.protection").await, "SEAL_BROKEN");
    again.house.store.mend_copies(now).await.unwrap();
    assert_eq!(name(&again, "achpr.protection").await, "Ppx Of Before");
}
