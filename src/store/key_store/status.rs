//! How the key store stands, for who runs the hub: counts, never a key.

use sea_orm::QueryResult;

use super::{KeyStore, KeyStoreError, LIVE};
use crate::clock::Moment;

/// How the key store stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// The provider of the root key, as settings call it.
    pub provider: &'static str,
    /// The name of the root key.
    pub root: String,
    /// Its epochs, the present one first.
    pub epochs: Vec<EpochStatus>,
    /// Persons whose file has a key.
    pub persons: i64,
    /// Former root keys that the provider keeps until they are destroyed on word.
    pub former: Vec<String>,
    /// What hinders the provider.
    pub fault: Option<String>,
}

/// How one epoch stands.
#[derive(Clone, Debug)]
pub struct EpochStatus {
    /// Its number.
    pub n: i64,
    /// The month in which it began.
    pub month: String,
    /// When it began.
    pub started: Moment,
    /// Since when no copy is left in it.
    pub emptied: Option<Moment>,
    /// The root key that wraps it.
    pub root: String,
    /// Mechanisms that have a key in it.
    pub mechanisms: i64,
    /// Copies of persons' keys in it.
    pub copies: i64,
}

impl Status {
    /// Whether the provider works, and no more epochs are in use than there are to be.
    pub fn is_well(&self) -> bool {
        let live = self.epochs.iter().filter(|epoch| epoch.emptied.is_none());
        self.fault.is_none() && live.count() <= LIVE
    }
}

impl KeyStore {
    /// How it stands.
    ///
    /// # Errors
    /// Fails where its database does.
    pub async fn status(&self) -> Result<Status, KeyStoreError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT e.n, e.month, e.started_at, e.emptied_at, e.root, \
             (SELECT COUNT(*) FROM mechanism_key m WHERE m.epoch = e.id), \
             (SELECT COUNT(*) FROM person_key p WHERE p.epoch = e.id) \
             FROM key_epoch e ORDER BY e.n DESC",
        );
        let mut epochs = Vec::new();
        for row in self.all(sql).await? {
            let emptied: Option<i64> = row.try_get_by_index(3)?;
            epochs.push(EpochStatus {
                n: row.try_get_by_index(0)?,
                month: row.try_get_by_index(1)?,
                started: Moment::from_seconds(row.try_get_by_index(2)?),
                emptied: emptied.map(Moment::from_seconds),
                root: row.try_get_by_index(4)?,
                mechanisms: row.try_get_by_index(5)?,
                copies: row.try_get_by_index(6)?,
            });
        }
        let mut sql = self.sql();
        sql.push("SELECT COUNT(DISTINCT person) FROM person_key");
        let rows = self.all(sql).await?;
        let persons = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let provider = &self.inner.provider;
        let fault = provider.health().err().map(|error| error.to_string());
        Ok(Status {
            provider: provider.name(),
            // A provider that does not answer has no key to name, and its fault says why.
            root: provider.root().unwrap_or_default(),
            former: provider.former().unwrap_or_default(),
            epochs,
            persons,
            fault,
        })
    }

    /// Whether files can be opened, and no rotation has got stuck.
    pub async fn is_ready(&self) -> bool {
        let mut sql = self.sql();
        // Looks at the copies, too: without them nothing opens.
        sql.push(
            "SELECT root, (SELECT COUNT(*) FROM (SELECT 1 FROM person_key LIMIT 1) p) \
             FROM key_epoch WHERE emptied_at IS NULL",
        );
        let Ok(live) = self.all(sql).await else {
            return false;
        };
        let provider = &self.inner.provider;
        let knows = |row: &QueryResult| {
            let root = row.try_get_by_index::<String>(0);
            root.is_ok_and(|root| provider.knows(&root).unwrap_or(false))
        };
        live.len() <= LIVE && provider.health().is_ok() && live.iter().all(knows)
    }
}
