//! The key store: a database of its own, in which alone wrapped keys of persons lie.
//!
//! A root key, which a [`KeyProvider`] keeps, wraps the key of an epoch, that those of
//! mechanisms, and each of these its own copy of the key of each person whose file the
//! mechanism's officers may open. Nothing of it is kept in memory beyond one opening: a key
//! that was would outlive the deletion of its copy.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use liaison_migrations::{KeyStoreMigrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

use super::{OpenError, connection, guard, sql::Sql};
use crate::confidentiality::vault::VaultError;

mod files;
mod follow;
mod mend;
mod moved;
mod provider;
mod rotation;
mod settle;
mod status;
mod turn;

#[cfg(feature = "pkcs11")]
pub use self::provider::{HsmFault, HsmProvider, HsmSettings, Pin};
pub(super) use self::{
    files::Found,
    moved::left_in,
    settle::{Mark, Owed},
};
pub use self::{
    follow::follow,
    moved::Moving,
    provider::{Between, FileProvider, KeyProvider, ProviderError},
    rotation::Rotation,
    status::{EpochStatus, Status},
};

/// Seconds for which the backups of a key store are kept, and the key of an epoch in which
/// no copy is left.
pub const RETENTION: i64 = 30 * 24 * 3_600;
/// Epochs that are in use at most: the present one, and the one before it while its copies
/// are wrapped anew.
const LIVE: usize = 2;

/// The key store, open; cheap to clone.
#[derive(Clone)]
pub struct KeyStore {
    inner: Arc<Inner>,
}

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    provider: Arc<dyn KeyProvider>,
    statements: AtomicU64,
}

/// Why the key store gave or took no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// Its database failed.
    #[error("the key store failed")]
    Database(#[from] DbErr),
    /// The root key.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A key in it is not what was stored.
    #[error("a key of the key store does not open")]
    Vault(#[from] VaultError),
}

impl KeyStore {
    /// Opens a key store that is up to date.
    ///
    /// # Errors
    /// As [`super::Store::open`]; refuses a database that is the main one, and a root key
    /// that can't be used.
    pub async fn open(url: &str, provider: Arc<dyn KeyProvider>) -> Result<Self, OpenError> {
        guard(url)?;
        provider.health().map_err(OpenError::Provider)?;
        let write = connection(url, true).await?;
        alone(&write).await?;
        let pending = KeyStoreMigrator::get_pending_migrations(&write).await;
        let pending = pending.map_err(OpenError::NoConnection)?.len();
        if pending > 0 {
            return Err(OpenError::NotMigrated { pending });
        }
        let store = Self {
            inner: Arc::new(Inner {
                read: connection(url, false).await?,
                write,
                provider,
                statements: AtomicU64::new(0),
            }),
        };
        store.under_its_root().await?;
        Ok(store)
    }

    /// Refuses a root key that is not the one under which this key store is.
    async fn under_its_root(&self) -> Result<(), OpenError> {
        let mut sql = self.sql();
        sql.push("SELECT DISTINCT root FROM key_epoch WHERE emptied_at IS NULL");
        let rows = self.all(sql).await.map_err(OpenError::NoConnection)?;
        let provider = &self.inner.provider;
        for row in rows {
            let root: String = row.try_get_by_index(0).map_err(OpenError::NoConnection)?;
            if !provider.knows(&root).map_err(OpenError::Provider)? {
                let provider = provider.name();
                return Err(OpenError::OtherRoot { root, provider });
            }
        }
        Ok(())
    }

    /// Who keeps the root key.
    pub fn provider(&self) -> &dyn KeyProvider {
        self.inner.provider.as_ref()
    }

    /// Brings a key store up to date; makes it where there is none.
    ///
    /// # Errors
    /// As [`KeyStore::open`].
    pub async fn migrate(url: &str) -> Result<usize, OpenError> {
        guard(url)?;
        let connection = connection(url, true).await?;
        alone(&connection).await?;
        let failed = OpenError::NoConnection;
        let pending = KeyStoreMigrator::get_pending_migrations(&connection).await;
        let pending = pending.map_err(failed)?.len();
        KeyStoreMigrator::up(&connection, None)
            .await
            .map_err(failed)?;
        connection.close().await.map_err(failed)?;
        Ok(pending)
    }

    /// The key store of an SQLite database where none is named: a file beside it. Another
    /// database has none that goes without saying.
    pub fn beside(database: &str) -> Option<String> {
        let file = database.strip_prefix("sqlite://")?;
        let (path, asked) = match file.split_once('?') {
            Some((path, asked)) => (path, Some(asked)),
            None => (file, None),
        };
        if path.is_empty() || path.starts_with(':') {
            return None;
        }
        let name = path.strip_suffix(".db").unwrap_or(path);
        let asked = asked.map(|asked| format!("?{asked}")).unwrap_or_default();
        Some(format!("sqlite://{name}.keys.db{asked}"))
    }

    /// Ends all connections.
    pub async fn close(&self) {
        for connection in [&self.inner.read, &self.inner.write] {
            if let Err(error) = connection.clone().close().await {
                tracing::warn!(%error, "a connection did not close");
            }
        }
    }

    /// Statements that reads have cost since the start.
    pub(super) fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// Takes what was deleted out of the journal of writes, too.
    ///
    /// PostgreSQL keeps it in dead rows until these are vacuumed, and in its log: there it is
    /// of no use once its epoch is destroyed.
    pub(super) async fn empty_journal(&self) -> Result<(), KeyStoreError> {
        let write = &self.inner.write;
        let sql = match write.get_database_backend() {
            DbBackend::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
            _ => "VACUUM person_key",
        };
        write.execute_unprepared(sql).await?;
        Ok(())
    }

    fn sql(&self) -> Sql {
        Sql::new(self.inner.read.get_database_backend())
    }

    async fn all(&self, sql: Sql) -> Result<Vec<sea_orm::QueryResult>, DbErr> {
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        self.inner.read.query_all_raw(sql.into_statement()).await
    }
}

/// Refuses the main database: keys and what they open never lie together.
async fn alone(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let there = has_table(connection, "audit_leaf").await;
    if there.map_err(OpenError::NoConnection)? {
        return Err(OpenError::KeyStoreShared);
    }
    Ok(())
}

/// Whether a database has a table of this name.
pub(super) async fn has_table(
    connection: &DatabaseConnection,
    name: &'static str,
) -> Result<bool, DbErr> {
    let backend = connection.get_database_backend();
    let mut sql = Sql::new(backend);
    match backend {
        DbBackend::Sqlite => {
            sql.push("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ")
        }
        _ => {
            sql.push("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ")
        }
    };
    sql.bind(name);
    let row = connection.query_one_raw(sql.into_statement()).await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_store_of_a_file_lies_beside_it() {
        let beside = |url: &str| KeyStore::beside(url);
        assert_eq!(
            beside("sqlite:///srv/liaison.db?mode=rwc").as_deref(),
            Some("sqlite:///srv/liaison.keys.db?mode=rwc")
        );
        assert_eq!(
            beside("sqlite://hub").as_deref(),
            Some("sqlite://hub.keys.db")
        );
        assert_eq!(beside("sqlite://:memory:"), None);
        assert_eq!(beside("postgres://hub/liaison"), None);
    }
}
