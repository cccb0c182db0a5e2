//! The ledger: appends entries in a hash chain, each durable before it counts.
//!
//! One page is open at a time, so that numbers and chain have no gaps. A page is one
//! transaction: what it was opened for is read again inside it, and either the entry
//! is on the disk when [`Page::commit`] returns its receipt, or there is no receipt.

use std::sync::Arc;

use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait,
};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::entry::Entry;
use crate::keys::{KeyFile, SecretKey};

/// Why an entry is not on record.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database did not take it.
    #[error("the log did not take the entry")]
    Database(#[from] DbErr),
    /// The system has no randomness to give.
    #[error("no randomness for the entry")]
    NoRandomness,
    /// The reason could not be sealed.
    #[error("the reason of the entry did not seal")]
    ReasonNotSealed,
}

/// The record of disclosures and acts. A struct, not a trait: it can't be replaced by
/// one that forgets.
pub struct Ledger {
    connection: DatabaseConnection,
    audit: Arc<KeyFile>,
    turn: Arc<Mutex<()>>,
}

/// A page of the ledger: a transaction that may still be dropped.
pub struct Page {
    transaction: DatabaseTransaction,
    keys: Arc<KeyFile>,
    _turn: OwnedMutexGuard<()>,
}

/// The proof that an entry is durable; only [`Page::commit`] gives one.
#[derive(Debug)]
pub struct Receipt {
    n: i64,
}

impl Receipt {
    /// The number of the last entry that it is for.
    pub fn number(&self) -> i64 {
        self.n
    }
}

impl Ledger {
    /// The ledger in this database.
    pub fn on(connection: DatabaseConnection, keys: &Arc<KeyFile>) -> Self {
        Self {
            connection,
            audit: Arc::clone(keys),
            turn: Arc::default(),
        }
    }

    /// Opens a page: a transaction that nobody else writes beside.
    ///
    /// # Errors
    /// Fails where the database does; nothing may be opened then.
    pub async fn open_page(&self) -> Result<Page, LedgerError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let transaction = self.connection.begin().await?;
        // Takes the write lock before anything is read: what is read then stays true
        // until the commit, and other processes wait for their number.
        match transaction.get_database_backend() {
            DbBackend::Postgres => {
                transaction
                    .execute_unprepared("LOCK TABLE audit_leaf IN EXCLUSIVE MODE")
                    .await?;
            }
            _ => {
                transaction
                    .execute_unprepared("DELETE FROM audit_leaf WHERE 1 = 0")
                    .await?;
            }
        }
        Ok(Page {
            transaction,
            keys: Arc::clone(&self.audit),
            _turn: turn,
        })
    }

    /// Recomputes the chain and says how many entries it holds, or where it breaks.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn verify(&self) -> Result<Result<i64, i64>, DbErr> {
        let rows = self
            .connection
            .query_all_raw(Statement::from_string(
                self.connection.get_database_backend(),
                "SELECT n, body, leaf, chain FROM audit_leaf ORDER BY n",
            ))
            .await?;
        let mut chain = [0u8; 32];
        let mut last = 0;
        for row in rows {
            let n: i64 = row.try_get_by_index(0)?;
            let body: String = row.try_get_by_index(1)?;
            let leaf = leaf_hash(&body);
            chain = chained(&chain, &leaf);
            let kept: (Vec<u8>, Vec<u8>) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
            if n != last + 1 || kept.0 != leaf || kept.1 != chain {
                return Ok(Err(last + 1));
            }
            last = n;
        }
        Ok(Ok(last))
    }
}

impl Page {
    /// The transaction, for what must be read again or written with the entry.
    pub fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Writes entries and commits: when this returns, they are durable.
    ///
    /// # Errors
    /// Fails where the database does; then nothing of the page is written.
    pub async fn commit(self, entries: &[Entry]) -> Result<Receipt, LedgerError> {
        let backend = self.transaction.get_database_backend();
        let last = self
            .transaction
            .query_one_raw(Statement::from_string(
                backend,
                "SELECT n, chain FROM audit_leaf ORDER BY n DESC LIMIT 1",
            ))
            .await?;
        let (mut n, mut chain) = match last {
            Some(row) => (
                row.try_get_by_index::<i64>(0)?,
                row.try_get_by_index::<Vec<u8>>(1)?,
            ),
            None => (0, vec![0; 32]),
        };
        for entry in entries {
            n += 1;
            let mut nonce = [0u8; 16];
            getrandom::fill(&mut nonce).map_err(|_| LedgerError::NoRandomness)?;
            let body = entry.body(n, nonce, self.keys.audit());
            let leaf = leaf_hash(&body);
            chain = chained(&chain, &leaf).to_vec();
            self.transaction
                .execute_raw(Statement::from_sql_and_values(
                    backend,
                    "INSERT INTO audit_leaf (n, time, kind, body, leaf, chain) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                    [
                        n.into(),
                        entry.at.millis().into(),
                        entry.kind.code().into(),
                        body.into(),
                        leaf.to_vec().into(),
                        chain.clone().into(),
                    ],
                ))
                .await?;
            if let Some(reason) = &entry.reason {
                let sealed = seal_reason(self.keys.audit(), reason)?;
                self.transaction
                    .execute_raw(Statement::from_sql_and_values(
                        backend,
                        "INSERT INTO audit_reason (n, sealed) VALUES ($1, $2)",
                        [n.into(), sealed.into()],
                    ))
                    .await?;
            }
        }
        self.transaction.commit().await?;
        Ok(Receipt { n })
    }
}

fn leaf_hash(body: &str) -> [u8; 32] {
    // The leading zero marks a leaf, as in RFC 6962.
    Sha256::new()
        .chain_update([0])
        .chain_update(body.as_bytes())
        .finalize()
        .into()
}

fn chained(before: &[u8], leaf: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update([1])
        .chain_update(before)
        .chain_update(leaf)
        .finalize()
        .into()
}

/// The officer's reason, readable with the audit key alone.
fn seal_reason(key: &SecretKey, reason: &str) -> Result<Vec<u8>, LedgerError> {
    let mut nonce = [0u8; 24];
    getrandom::fill(&mut nonce).map_err(|_| LedgerError::NoRandomness)?;
    let sealed = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt(&XNonce::from(nonce), reason.as_bytes())
        .map_err(|_| LedgerError::ReasonNotSealed)?;
    Ok([nonce.as_slice(), &sealed].concat())
}
