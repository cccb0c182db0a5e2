//! The ledger: appends entries to a Merkle tree, each durable before it counts.
//!
//! One page is open at a time, so that numbers and tree have no gaps. A page is one
//! transaction: what it was opened for is read again inside it, and either the entry
//! is on the disk when [`Page::commit`] returns its receipt, or there is no receipt.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    checkpoint::Checkpoint,
    entry::Entry,
    nodes::{self, Nodes, Tree},
    owned::{self, Doer},
    receipt::Receipt,
    tree::{Edge, Hash, leaf_hash},
};
use crate::{
    clock::Moment,
    keys::{KeyFile, SecretKey},
    vocabulary::codes::Coded,
};

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
    /// The key of a person did not seal, or did not open.
    #[error("the key of a person's entries did not open")]
    SubjectKey,
    /// What is there is not what was written: nothing is appended to it.
    #[error("the log is not as it was written; run `liaison audit verify`")]
    Torn,
}

/// The record of disclosures and acts. A struct, not a trait: it can't be replaced by
/// one that forgets.
pub struct Ledger {
    connection: DatabaseConnection,
    keys: Arc<KeyFile>,
    turn: Arc<Mutex<Tail>>,
    /// Whether the last entry was taken.
    well: Arc<AtomicBool>,
}

/// The end of the tree as this process has last seen it, so that it need not be read again.
#[derive(Debug, Default)]
pub(super) struct Tail {
    edge: Edge,
    last: Option<Hash>,
}

/// A page of the ledger: a transaction that may still be dropped.
pub struct Page {
    transaction: DatabaseTransaction,
    keys: Arc<KeyFile>,
    tail: OwnedMutexGuard<Tail>,
    well: Arc<AtomicBool>,
}

impl Ledger {
    /// The ledger in this database.
    pub fn on(connection: DatabaseConnection, keys: &Arc<KeyFile>) -> Self {
        Self {
            connection,
            keys: Arc::clone(keys),
            turn: Arc::default(),
            well: Arc::new(AtomicBool::new(true)),
        }
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(super) fn keys(&self) -> &KeyFile {
        &self.keys
    }

    /// Signs a checkpoint of the log as it stands, if it has grown since the last.
    ///
    /// # Errors
    /// Fails where the database does, and where the log is not as it was written.
    pub async fn sign(&self, at: Moment) -> Result<Option<String>, LedgerError> {
        let page = self.open_page().await?;
        let (_, note) = page.signed(at).await?;
        if note.is_some() {
            page.transaction.commit().await?;
        }
        Ok(note)
    }

    /// The latest signed checkpoint.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn checkpoint(&self) -> Result<Option<String>, DbErr> {
        let row = self
            .connection
            .query_one_raw(Statement::from_string(
                self.connection.get_database_backend(),
                "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1",
            ))
            .await?;
        row.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Opens a page: a transaction that nobody else writes beside.
    ///
    /// # Errors
    /// Fails where the database does; nothing may be opened then.
    pub async fn open_page(&self) -> Result<Page, LedgerError> {
        let page = self.page().await;
        if page.is_err() {
            self.well.store(false, Ordering::Relaxed);
        }
        page
    }

    /// Whether entries are taken: as the last one was, or as it is tried now.
    pub async fn takes_entries(&self) -> bool {
        if self.well.load(Ordering::Relaxed) {
            return true;
        }
        let tried = self.tried().await;
        self.well.store(tried.is_ok(), Ordering::Relaxed);
        tried.is_ok()
    }

    /// Writes an entry and takes it back: what can't be written now fails at the commit.
    ///
    /// What is there is not written again: SQLite leaves a page alone that stays as it is, and
    /// would say of a full disk that it takes entries.
    async fn tried(&self) -> Result<(), LedgerError> {
        let page = self.page().await?;
        end_of(&page.transaction, &page.tail).await?;
        let backend = page.transaction.get_database_backend();
        let insert = "INSERT INTO audit_leaf (n, time, kind, body, leaf) VALUES (0, 0, '', '', $1)";
        let none = [Hash::default().to_vec().into()];
        let insert = Statement::from_sql_and_values(backend, insert, none);
        page.transaction.execute_raw(insert).await?;
        let delete = "DELETE FROM audit_leaf WHERE n = 0";
        page.transaction.execute_unprepared(delete).await?;
        Ok(page.transaction.commit().await?)
    }

    async fn page(&self) -> Result<Page, LedgerError> {
        let tail = Arc::clone(&self.turn).lock_owned().await;
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
            keys: Arc::clone(&self.keys),
            tail,
            well: Arc::clone(&self.well),
        })
    }
}

impl Page {
    pub(super) fn audit_key(&self) -> &SecretKey {
        self.keys.audit()
    }

    /// The transaction, for what must be read again or written with the entry.
    pub fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Commits what was added as it was written elsewhere; the tree is read anew after it.
    pub(super) async fn carried(self) -> Result<(), DbErr> {
        let Self {
            transaction,
            mut tail,
            ..
        } = self;
        transaction.commit().await?;
        *tail = Tail::default();
        Ok(())
    }

    /// Writes entries and commits: when this returns, they are durable.
    ///
    /// # Errors
    /// Fails where the database does, and where the log is not as it was written; then
    /// nothing of the page is written.
    pub async fn commit(self, entries: &[Entry]) -> Result<Receipt, LedgerError> {
        let well = Arc::clone(&self.well);
        let receipt = self.written(entries).await;
        well.store(receipt.is_ok(), Ordering::Relaxed);
        receipt
    }

    /// Signs a checkpoint in this transaction, if the log has grown; the edge as it stands.
    pub(super) async fn signed(&self, at: Moment) -> Result<(Edge, Option<String>), LedgerError> {
        let edge = end_of(&self.transaction, &self.tail).await?;
        let size = number(edge.size())?;
        let backend = self.transaction.get_database_backend();
        let last = self
            .transaction
            .query_one_raw(Statement::from_string(
                backend,
                "SELECT COALESCE(MAX(size), 0) FROM audit_checkpoint",
            ))
            .await?;
        let last = last.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
        let last = last.unwrap_or(0);
        if last > size {
            // Signed beyond its end, it was cut short: the verification says where.
            return Err(LedgerError::Torn);
        }
        if last == size {
            return Ok((edge, None));
        }
        let note = Checkpoint::signed(edge.size(), &edge.root(), self.keys.checkpoint());
        self.transaction
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "INSERT INTO audit_checkpoint (size, at, note) VALUES ($1, $2, $3)",
                [size.into(), at.millis().into(), note.as_str().into()],
            ))
            .await?;
        Ok((edge, Some(note)))
    }

    /// Commits what is no entry.
    pub(super) async fn kept(self) -> Result<(), LedgerError> {
        Ok(self.transaction.commit().await?)
    }

    async fn written(self, entries: &[Entry]) -> Result<Receipt, LedgerError> {
        let (transaction, keys) = (&self.transaction, &self.keys);
        let mut edge = end_of(transaction, &self.tail).await?;
        let backend = transaction.get_database_backend();
        let (mut n, mut last) = (number(edge.size())?, Hash::default());
        let mut at = Moment::from_millis(0);
        let mut nodes = Nodes::default();
        for entry in entries {
            n += 1;
            let mut nonce = [0u8; 16];
            getrandom::fill(&mut nonce).map_err(|_| LedgerError::NoRandomness)?;
            let subject = match entry.person {
                Some(person) => self.subject_key(person).await?,
                None => None,
            };
            let subject = subject.map(|key| key.tag());
            let body = entry.body((n, nonce), subject, keys.audit());
            (last, at) = (leaf_hash(body.as_bytes()), entry.at);
            nodes.extend(edge.append(last));
            transaction
                .execute_raw(Statement::from_sql_and_values(
                    backend,
                    "INSERT INTO audit_leaf (n, time, kind, body, leaf) \
                     VALUES ($1, $2, $3, $4, $5)",
                    [
                        n.into(),
                        entry.at.millis().into(),
                        entry.kind.code().into(),
                        body.into(),
                        last.to_vec().into(),
                    ],
                ))
                .await?;
            let doer = Doer {
                mechanism: entry.by,
                subject: &entry.actor.subject,
            };
            owned::put(transaction, (n, &entry.owned), doer, keys.audit()).await?;
            if let Some(reason) = &entry.reason {
                let sealed = seal_reason(keys.audit(), reason)?;
                transaction
                    .execute_raw(Statement::from_sql_and_values(
                        backend,
                        "INSERT INTO audit_reason (n, sealed) VALUES ($1, $2)",
                        [n.into(), sealed.into()],
                    ))
                    .await?;
            }
        }
        nodes.write(transaction, Tree::Entries).await?;
        let Self {
            transaction,
            mut tail,
            ..
        } = self;
        transaction.commit().await?;
        *tail = Tail {
            edge,
            last: Some(last),
        };
        Ok(Receipt { n, leaf: last, at })
    }
}

/// The right edge of the tree as it stands, read anew where another process has appended.
pub(super) async fn end_of<C: ConnectionTrait>(
    connection: &C,
    known: &Tail,
) -> Result<Edge, LedgerError> {
    let (size, leaf) = nodes::last(connection).await?;
    if size < known.edge.size() {
        return Err(LedgerError::Torn);
    }
    if size == known.edge.size() && (leaf == known.last || size == 0) {
        return Ok(known.edge.clone());
    }
    nodes::edge(connection, Tree::Entries, size)
        .await?
        .ok_or(LedgerError::Torn)
}

/// A size as the number of its last entry.
pub(super) fn number(size: u64) -> Result<i64, LedgerError> {
    i64::try_from(size).map_err(|_| LedgerError::Torn)
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
