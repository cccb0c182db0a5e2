//! The key by which a person finds the entries about the own file, and nobody else does.
//!
//! It is drawn when the first entry is made, is kept sealed, and is destroyed with the file:
//! then no entry can be told to be about that person any more.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sea_orm::{ConnectionTrait, Statement};
use zeroize::Zeroizing;

use super::{LedgerError, Page, entry::hex, entry::keyed};
use crate::{id::RecordId, keys::SecretKey};

/// Bytes before the sealed key.
const NONCE: usize = 24;

/// The key of one person.
pub struct SubjectKey(Zeroizing<[u8; 32]>);

impl SubjectKey {
    /// The key that stands in a text of 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        super::log::unhex(text.trim()).map(Zeroizing::new).map(Self)
    }

    /// The key as it is handed over.
    pub fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(self.0.as_slice()))
    }

    /// What entries about the person carry.
    pub fn tag(&self) -> String {
        // INVARIANT: a key of 32 bytes is a key to the HMAC.
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.as_slice());
        let key = SecretKey::of(bytes);
        hex(&keyed(&key, "audit", &[]))
    }
}

impl Page {
    /// The key of a person, drawn where there is none yet; none once the file was erased, and
    /// for what is no person.
    ///
    /// # Errors
    /// Fails where the database does, or the key does not open.
    pub async fn subject_key(&self, person: RecordId) -> Result<Option<SubjectKey>, LedgerError> {
        let connection = self.transaction();
        let backend = connection.get_database_backend();
        let row = connection
            .query_one_raw(Statement::from_sql_and_values(
                backend,
                "SELECT sealed FROM audit_subject WHERE person = $1",
                [person.0.into()],
            ))
            .await?;
        if let Some(row) = row {
            let sealed: Vec<u8> = row.try_get_by_index(0)?;
            if sealed.is_empty() {
                return Ok(None);
            }
            return Ok(Some(opened(self.audit_key(), person, &sealed)?));
        }
        let there = connection
            .query_one_raw(Statement::from_sql_and_values(
                backend,
                "SELECT 1 FROM person WHERE id = $1 AND erased_at IS NULL",
                [person.0.into()],
            ))
            .await?;
        if there.is_none() {
            return Ok(None);
        }
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| LedgerError::NoRandomness)?;
        let sealed = sealed(self.audit_key(), person, key.as_slice())?;
        connection
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "INSERT INTO audit_subject (person, sealed) VALUES ($1, $2)",
                [person.0.into(), sealed.into()],
            ))
            .await?;
        Ok(Some(SubjectKey(key)))
    }

    /// Takes from the log what it says of a person: key, words and reasons go, hashes stay, so
    /// that the log is whole as before. The numbers go into the entry that says so.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn erase(&self, person: RecordId) -> Result<Vec<i64>, LedgerError> {
        let connection = self.transaction();
        let backend = connection.get_database_backend();
        // What says that words are gone stays.
        let about = "SELECT e.n FROM audit_entry e JOIN audit_leaf l ON l.n = e.n \
                     WHERE e.record = $1 AND l.kind <> 'ERASE'";
        let of = |sql: &str| Statement::from_sql_and_values(backend, sql, [person.0.into()]);
        let rows = connection
            .query_all_raw(of(&format!("{about} GROUP BY e.n ORDER BY e.n")))
            .await?;
        let numbers = rows.iter().map(|row| row.try_get_by_index(0));
        let numbers = numbers.collect::<Result<Vec<i64>, _>>()?;
        for sql in [
            format!("UPDATE audit_leaf SET body = '' WHERE n IN ({about})"),
            format!("DELETE FROM audit_reason WHERE n IN ({about})"),
            format!("DELETE FROM audit_entry WHERE record = $1 AND n IN ({about})"),
            "DELETE FROM audit_subject WHERE person = $1".to_owned(),
        ] {
            connection.execute_raw(of(&sql)).await?;
        }
        connection
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "INSERT INTO audit_subject (person, sealed) VALUES ($1, $2)",
                [person.0.into(), Vec::<u8>::new().into()],
            ))
            .await?;
        Ok(numbers)
    }
}

fn sealed(key: &SecretKey, person: RecordId, plain: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let mut nonce = [0u8; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| LedgerError::NoRandomness)?;
    let payload = Payload {
        msg: plain,
        aad: person.0.as_bytes(),
    };
    let sealed = cipher(key)
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| LedgerError::SubjectKey)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn opened(key: &SecretKey, person: RecordId, sealed: &[u8]) -> Result<SubjectKey, LedgerError> {
    let fault = || LedgerError::SubjectKey;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(fault)?;
    let payload = Payload {
        msg: sealed,
        aad: person.0.as_bytes(),
    };
    let plain = cipher(key).decrypt(&XNonce::from(*nonce), payload);
    let plain = Zeroizing::new(plain.map_err(|_| fault())?);
    let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| fault())?;
    Ok(SubjectKey(Zeroizing::new(key)))
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    let key = Zeroizing::new(keyed(key, "subject", &[]));
    XChaCha20Poly1305::new((&*key).into())
}
