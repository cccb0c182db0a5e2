//! A turn at the key store: one transaction, beside which no other process writes.

use std::collections::{HashMap, hash_map::Entry};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, TransactionTrait,
};
use uuid::Uuid;

use super::{KeyProvider, KeyStore, KeyStoreError, ProviderError};
use crate::{
    clock::Moment,
    confidentiality::vault::{
        VaultError,
        chain::{EpochKey, KeyCopy, MechanismKey},
    },
    id::{MechanismId, RecordId},
    store::sql::Sql,
};

/// A transaction on the key store; dropped without [`Turn::commit`], it never was.
pub(super) struct Turn<'a> {
    transaction: DatabaseTransaction,
    provider: &'a dyn KeyProvider,
    epochs: HashMap<Uuid, EpochKey>,
    mechanisms: HashMap<(MechanismId, Uuid), MechanismKey>,
}

impl KeyStore {
    pub(super) async fn turn(&self) -> Result<Turn<'_>, KeyStoreError> {
        let transaction = self.inner.write.begin().await?;
        // The lock is taken before anything is read, so that it stays true until the commit.
        let lock = match transaction.get_database_backend() {
            DbBackend::Postgres => "LOCK TABLE key_epoch IN EXCLUSIVE MODE",
            _ => "DELETE FROM key_epoch WHERE 1 = 0",
        };
        transaction.execute_unprepared(lock).await?;
        Ok(Turn {
            transaction,
            provider: self.inner.provider.as_ref(),
            epochs: HashMap::new(),
            mechanisms: HashMap::new(),
        })
    }
}

impl Turn<'_> {
    pub(super) async fn commit(self) -> Result<(), KeyStoreError> {
        Ok(self.transaction.commit().await?)
    }

    pub(super) fn sql(&self) -> Sql {
        Sql::new(self.transaction.get_database_backend())
    }

    pub(super) async fn all(&self, sql: Sql) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction.query_all_raw(sql.into_statement()).await
    }

    pub(super) async fn run(&self, sql: Sql) -> Result<u64, DbErr> {
        let done = self.transaction.execute_raw(sql.into_statement()).await?;
        Ok(done.rows_affected())
    }

    /// The present epoch: its id and its month.
    pub(super) async fn present(&self) -> Result<Option<(Uuid, String)>, DbErr> {
        let mut sql = self.sql();
        sql.push("SELECT id, month FROM key_epoch ORDER BY n DESC LIMIT 1");
        let rows = self.all(sql).await?;
        let row = rows.first();
        row.map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .transpose()
    }

    /// The present epoch, begun where there is none yet.
    pub(super) async fn epoch(&mut self, now: Moment) -> Result<Uuid, KeyStoreError> {
        match self.present().await? {
            Some((id, _)) => Ok(id),
            None => self.begin_epoch(now).await,
        }
    }

    /// Begins an epoch, which is the present one from now on.
    ///
    /// Whoever has not the root key of the present one begins none: two providers would be mixed.
    pub(super) async fn begin_epoch(&mut self, now: Moment) -> Result<Uuid, KeyStoreError> {
        if let Some((present, _)) = self.present().await? {
            match self.epoch_key(present).await {
                Ok(_)
                | Err(
                    KeyStoreError::Vault(_) | KeyStoreError::Provider(ProviderError::DoesNotOpen),
                ) => {}
                Err(error) => return Err(error),
            }
        }
        let key = EpochKey::fresh()?;
        let id = key.id();
        let (root, wrapped) = self.provider.wrap(key.bytes(), &EpochKey::binding(id))?;
        let mut sql = self.sql();
        sql.push("INSERT INTO key_epoch (id, n, month, started_at, root, wrapped) SELECT ");
        sql.bind(id)
            .push(", COALESCE(MAX(n), 0) + 1, ")
            .bind(month(now));
        sql.push(", ").bind(now.seconds());
        sql.push(", ").bind(root).push(", ").bind(wrapped);
        sql.push(" FROM key_epoch");
        self.run(sql).await?;
        self.epochs.insert(id, key);
        Ok(id)
    }

    /// The key of an epoch.
    async fn epoch_key(&mut self, id: Uuid) -> Result<&EpochKey, KeyStoreError> {
        if !self.epochs.contains_key(&id) {
            let mut sql = self.sql();
            sql.push("SELECT root, wrapped FROM key_epoch WHERE id = ")
                .bind(id);
            let rows = self.all(sql).await?;
            let row = rows.first().ok_or(VaultError::DoesNotOpen)?;
            let (root, wrapped): (String, Vec<u8>) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let bound = EpochKey::binding(id);
            let key = self.provider.unwrap(&root, &wrapped, &bound)?;
            self.epochs.insert(id, EpochKey::unwrapped(id, key));
        }
        self.epochs
            .get(&id)
            .ok_or_else(|| VaultError::DoesNotOpen.into())
    }

    /// The key of a mechanism in an epoch, made where there is none.
    pub(super) async fn mechanism_key(
        &mut self,
        mechanism: MechanismId,
        epoch: Uuid,
    ) -> Result<&MechanismKey, KeyStoreError> {
        let at = (mechanism, epoch);
        if !self.mechanisms.contains_key(&at) {
            let mut sql = self.sql();
            sql.push("SELECT wrapped FROM mechanism_key WHERE mechanism = ");
            sql.bind(mechanism.0).push(" AND epoch = ").bind(epoch);
            let rows = self.all(sql).await?;
            let stored: Option<Vec<u8>> = rows
                .first()
                .map(|row| row.try_get_by_index(0))
                .transpose()?;
            let above = self.epoch_key(epoch).await?;
            let key = match stored {
                Some(wrapped) => above.mechanism(mechanism, &wrapped)?,
                None => {
                    let (key, wrapped) = above.for_mechanism(mechanism)?;
                    let mut sql = self.sql();
                    sql.push("INSERT INTO mechanism_key (mechanism, epoch, wrapped) VALUES (");
                    sql.bind(mechanism.0).push(", ").bind(epoch);
                    sql.push(", ").bind(wrapped).push(")");
                    self.run(sql).await?;
                    key
                }
            };
            self.mechanisms.insert(at, key);
        }
        match self.mechanisms.entry(at) {
            Entry::Occupied(found) => Ok(found.into_mut()),
            Entry::Vacant(_) => Err(VaultError::DoesNotOpen.into()),
        }
    }

    /// The copies of a person's key.
    pub(super) async fn copies(&self, person: RecordId) -> Result<Vec<KeyCopy>, DbErr> {
        let mut sql = self.sql();
        sql.push(COPY)
            .push(" FROM person_key p WHERE p.person = ")
            .bind(person.0)
            .push(" ORDER BY p.mechanism");
        self.all(sql).await?.iter().map(copy).collect()
    }

    /// Writes copies, each in the place of the one that is there.
    pub(super) async fn put(&self, copies: Vec<KeyCopy>) -> Result<(), DbErr> {
        if copies.is_empty() {
            return Ok(());
        }
        let mut sql = self.sql();
        sql.push(
            "INSERT INTO person_key (person, mechanism, key_id, epoch, wrapped, commitment) VALUES ",
        );
        sql.joined(", ", copies, |sql, copy| {
            sql.push("(").bind(copy.person.0);
            sql.push(", ").bind(copy.mechanism.0);
            sql.push(", ").bind(copy.key);
            sql.push(", ").bind(copy.epoch);
            sql.push(", ").bind(copy.wrapped);
            sql.push(", ").bind(copy.commitment).push(")");
        });
        sql.push(
            " ON CONFLICT (person, mechanism) DO UPDATE SET key_id = excluded.key_id, \
             epoch = excluded.epoch, wrapped = excluded.wrapped, commitment = excluded.commitment",
        );
        self.run(sql).await.map(|_| ())
    }
}

/// The columns of a copy, of the table called `p`.
pub(super) const COPY: &str =
    "SELECT p.person, p.mechanism, p.key_id, p.epoch, p.wrapped, p.commitment";

/// A copy, of a row that begins with [`COPY`].
pub(super) fn copy(row: &QueryResult) -> Result<KeyCopy, DbErr> {
    Ok(KeyCopy {
        person: RecordId(row.try_get_by_index(0)?),
        mechanism: MechanismId(row.try_get_by_index(1)?),
        key: row.try_get_by_index(2)?,
        epoch: row.try_get_by_index(3)?,
        wrapped: row.try_get_by_index(4)?,
        commitment: row.try_get_by_index(5)?,
    })
}

/// The month of a moment, as in `2026-11`.
pub(super) fn month(at: Moment) -> String {
    at.rfc3339().chars().take(7).collect()
}
