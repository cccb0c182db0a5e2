//! The only door to the database.
//!
//! Reads go through a [`Reader`], which is made for one viewer and puts that viewer's
//! scope into every statement; writes through a [`Writer`], which owes the journal the
//! act that it was begun for. No raw handle leaves this room but to the journal.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use liaison_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, QueryResult,
    sqlx::{self, Connection, SqliteConnection},
};

use crate::{clock::Moment, identity::watch::Watch, journal::Ledger, keys::KeyFile};

pub mod act;
pub mod audit;
pub mod backup;
pub mod batch;
pub mod calendar_feeds;
mod changes;
mod chosen;
pub mod consent;
pub mod disclosure;
pub mod docket;
mod due;
mod edition;
pub mod ended;
mod evaluated;
pub mod feed;
pub mod files;
mod grants;
pub mod history;
pub mod holders;
pub mod key_acts;
pub mod key_store;
pub mod labels;
mod lapse;
pub mod lowering;
pub mod mappings;
pub mod matter;
pub mod notices;
pub mod page;
mod parties;
pub mod predicate;
pub mod provenance;
pub mod reader;
pub mod refresh;
pub mod registry;
pub mod restored;
pub mod retirement;
pub mod revocation;
mod scope;
pub mod seal;
mod sql;
pub mod standing;
pub mod statistics;
pub mod texts;
pub mod tokens;
pub mod values;
pub mod visit_overlap;
pub mod vital;
pub mod witnesses;
pub mod writer;

use self::{
    edition::Edition,
    key_store::{KeyStore, KeyStoreError, Moving, ProviderError},
    sql::Sql,
};
pub use self::{files::Files, reader::Reader, writer::Writer};

/// The database, open; cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    ledger: Ledger,
    keys: Arc<KeyFile>,
    key_store: KeyStore,
    watch: Watch,
    edition: Edition,
    restored: std::sync::RwLock<restored::Restored>,
    statements: AtomicU64,
}

/// Why the database could not be opened, in words for an administrator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of another kind.
    #[error("the database URL must begin with `sqlite://` (a file) or `postgres://`")]
    UnknownDatabase,
    /// It did not answer.
    #[error("the database did not open: {0}")]
    NoConnection(DbErr),
    /// Others on the machine can read the file.
    #[error("the database `{path}` is open to others (mode {mode:04o}); run `chmod 600` on it")]
    Exposed {
        /// Its path.
        path: String,
        /// Its mode.
        mode: u32,
    },
    /// Its tables are not those of this version.
    #[error(
        "the database is not up to date ({pending} migrations are missing): run `liaison migrate` first"
    )]
    NotMigrated {
        /// How many migrations it lacks.
        pending: usize,
    },
    /// A database that is no file has no key store beside it.
    #[error("name the key store, a database of its own, with `--key-store` or `LIAISON_KEY_STORE`")]
    KeyStoreUnnamed,
    /// Keys and what they open would lie in one database.
    #[error("the key store must be a database of its own, and not the main one")]
    KeyStoreShared,
    /// The root key can't be used.
    #[error("the root key can't be used: {0}")]
    Provider(ProviderError),
    /// It is not the root key of this key store.
    #[error(
        "the key store is under the root key `{root}`, and the provider `{provider}` has none of that name: another provider has it, or it is another hub's, or of before a rotation"
    )]
    OtherRoot {
        /// The root key.
        root: String,
        /// The provider that was asked.
        provider: &'static str,
    },
    /// The main database still has keys itself.
    #[error("the database has keys of {0} persons, which go to the key store: name the key file")]
    KeysToMove(i64),
    /// They could not be moved.
    #[error("the keys of persons could not be moved to the key store: {0}")]
    NotMoved(KeyStoreError),
}

/// What went wrong while reading or writing.
///
/// The text of the database goes to the log; a caller never sees it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed or holds what this hub does not understand.
    #[error("the database failed")]
    Database(#[source] Arc<DbErr>),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl Store {
    /// Opens a migrated database.
    ///
    /// # Errors
    /// Refuses a URL of an unknown kind, a database that does not answer, and one
    /// that is not up to date.
    pub async fn open(
        url: &str,
        keys: Arc<KeyFile>,
        key_store: KeyStore,
    ) -> Result<Self, OpenError> {
        guard(url)?;
        let store = Self::connect(url, keys, key_store).await?;
        let pending = Migrator::get_pending_migrations(&store.inner.write)
            .await
            .map_err(OpenError::NoConnection)?
            .len();
        if pending > 0 {
            return Err(OpenError::NotMigrated { pending });
        }
        let looked = store.look_whether_restored().await;
        looked.map_err(|StoreError::Database(error)| {
            OpenError::NoConnection(DbErr::Custom(error.to_string()))
        })?;
        Ok(store)
    }

    /// Brings a database and its key store up to date, and says how many migrations that took.
    ///
    /// `moving` is needed where the main database is of a version that had keys itself.
    ///
    /// # Errors
    /// As [`Store::open`], and where a migration fails.
    pub async fn migrate(
        url: &str,
        key_store: &str,
        moving: Option<Moving<'_>>,
        now: Moment,
    ) -> Result<usize, OpenError> {
        if url == key_store {
            return Err(OpenError::KeyStoreShared);
        }
        guard(url)?;
        let failed = OpenError::NoConnection;
        let connection = connection(url, true).await?;
        if key_store::has_table(&connection, "key_epoch")
            .await
            .map_err(failed)?
        {
            return Err(OpenError::KeyStoreShared);
        }
        let of_keys = KeyStore::migrate(key_store).await?;
        let pending = Migrator::get_pending_migrations(&connection).await;
        let pending = pending.map_err(failed)?;
        // Up to where the keys can be read, whatever version they are of.
        let before = pending.iter().take_while(|one| one.name() != KEYS_GO);
        let before = u32::try_from(before.count()).unwrap_or(u32::MAX);
        Migrator::up(&connection, Some(before))
            .await
            .map_err(failed)?;
        let left = key_store::left_in(&connection).await;
        let left = left.map_err(OpenError::NotMoved)?;
        if left > 0 {
            let moving = moving.ok_or(OpenError::KeysToMove(left))?;
            let keys = KeyStore::open(key_store, moving.provider).await?;
            let moved = keys.take_over(&connection, moving.root, now).await;
            keys.close().await;
            moved.map_err(OpenError::NotMoved)?;
        }
        Migrator::up(&connection, None).await.map_err(failed)?;
        connection.close().await.map_err(failed)?;
        Ok(pending.len() + of_keys)
    }

    async fn connect(
        url: &str,
        keys: Arc<KeyFile>,
        key_store: KeyStore,
    ) -> Result<Self, OpenError> {
        let write = connection(url, true).await?;
        let read = connection(url, false).await?;
        let ledger = Ledger::on(write.clone(), &keys);
        Ok(Self {
            inner: Arc::new(Inner {
                read,
                write,
                ledger,
                keys,
                key_store,
                watch: Watch::default(),
                edition: Edition::default(),
                restored: std::sync::RwLock::default(),
                statements: AtomicU64::new(0),
            }),
        })
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        self.inner.read.ping().await.is_ok()
    }

    /// The edition of what is public, whichever process on this database has written it: it
    /// moves in the transaction of an act that changes what anyone may see, and in no other.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn edition(&self) -> Result<i64, StoreError> {
        self.inner.edition.number(&self.inner.read).await
    }

    /// The count of revocations that every viewer of this process watches.
    pub fn watch(&self) -> &Watch {
        &self.inner.watch
    }

    /// Keys that are not the database's.
    pub fn keys(&self) -> &Arc<KeyFile> {
        &self.inner.keys
    }

    /// The keys of persons' files.
    pub fn key_store(&self) -> &KeyStore {
        &self.inner.key_store
    }

    /// Statements that reads have cost since the start, for the tests that hold them down.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed) + self.key_store().statements()
    }

    /// The record of disclosures and acts.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    /// Ends all connections, after what is under way.
    pub async fn close(&self) {
        for connection in [&self.inner.read, &self.inner.write] {
            if let Err(error) = connection.clone().close().await {
                tracing::warn!(%error, "a connection did not close");
            }
        }
        self.inner.key_store.close().await;
    }

    fn sql(&self) -> Sql {
        Sql::new(self.inner.read.get_database_backend())
    }

    async fn all(&self, sql: Sql) -> Result<Vec<QueryResult>, StoreError> {
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        Ok(self.inner.read.query_all_raw(sql.into_statement()).await?)
    }
}

/// The migration with which keys go from the main database.
const KEYS_GO: &str = "m20261124_22_key_store";
/// Time that a read may take: that of a whole request.
const PATIENCE: Duration = Duration::from_secs(10);

async fn connection(url: &str, writes: bool) -> Result<DatabaseConnection, OpenError> {
    let mut options = ConnectOptions::new(url);
    // The ping before each use costs more than it finds: a dead connection fails the
    // statement, and the request says so.
    options.sqlx_logging(false).test_before_acquire(false);
    if url.starts_with("sqlite://") {
        options.max_connections(if writes { 1 } else { 4 });
        options.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                // The leaf of a disclosure must be on the disk before the key is used.
                .pragma("synchronous", "FULL")
                .pragma("foreign_keys", "ON")
                .pragma("secure_delete", "ON")
                .pragma("busy_timeout", "5000")
                .pragma("query_only", if writes { "OFF" } else { "ON" })
                // A page of the largest size is read without waiting for who reads it.
                .row_buffer_size(256)
        });
        options.map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| ended(connection))
        });
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        options.max_connections(if writes { 4 } else { 8 });
        if !writes {
            // A request that was given up must not go on costing.
            options.statement_timeout(PATIENCE);
        }
    } else {
        return Err(OpenError::UnknownDatabase);
    }
    Database::connect(options)
        .await
        .map_err(OpenError::NoConnection)
}

/// Whether a connection that comes back has ended its transaction; one that has not is closed.
///
/// When a commit fails (a full disk), SQLite has rolled back by itself, and the driver, whose
/// own rollback then fails, goes on to count a transaction as open: the next would be a
/// savepoint inside it, and its commit would reach no disk and report success.
fn ended(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    Box::pin(async move {
        // The rollback of what was dropped is in the queue: this waits for it.
        connection.ping().await?;
        Ok(!connection.is_in_transaction())
    })
}

/// Makes a new database file for its owner alone, and refuses one that others can read: what
/// is not sealed in it is in the clear. Its journal gets the same mode.
#[cfg(unix)]
fn guard(url: &str) -> Result<(), OpenError> {
    use std::{
        fs::OpenOptions,
        os::unix::fs::{MetadataExt, OpenOptionsExt},
    };

    let Some(file) = url.strip_prefix("sqlite://") else {
        return Ok(());
    };
    let (path, asked) = file.split_once('?').unwrap_or((file, ""));
    if path.is_empty() || path.starts_with(':') {
        return Ok(());
    }
    if asked.contains("mode=rwc") {
        // Whatever hinders it hinders the database in a moment, and that says why.
        let _ = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
    }
    let mode = std::fs::metadata(path).map_or(0, |facts| facts.mode() & 0o7777);
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(OpenError::Exposed { path, mode });
    }
    Ok(())
}

/// Elsewhere the folder has to keep it.
#[cfg(not(unix))]
fn guard(_: &str) -> Result<(), OpenError> {
    Ok(())
}

/// Whether the database is SQLite, for the few words in which the dialects differ.
fn is_sqlite(backend: DbBackend) -> bool {
    backend == DbBackend::Sqlite
}
