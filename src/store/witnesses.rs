//! Witnesses of the log: who they are, and what each has signed last.

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use sha2::{Digest, Sha256};

use super::{
    Store, StoreError,
    holders::first_half,
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    clock::Moment,
    id::RecordId,
    journal::{EntryKind, LedgerError, Note, WitnessKey},
};

/// How many mechanisms have to have signed within [`WITHIN`].
pub const ENOUGH: i64 = 2;
/// Seconds for which a cosignature counts: a day.
pub const WITHIN: i64 = 86_400;
/// Seconds by which the clock of a witness may be ahead.
const AHEAD: i64 = 300;

/// A witness that is registered.
#[derive(Clone, Debug)]
pub struct KeptWitness {
    /// Its key, under its name.
    pub key: WitnessKey,
    /// Code of the mechanism whose witness it is.
    pub mechanism: String,
    /// Since when.
    pub since: Moment,
    /// What it has signed last, and when.
    pub signed: Option<(Note, Moment)>,
}

impl Store {
    /// Every witness that is registered: for who administers the hub's machine.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn witnesses(&self) -> Result<Vec<KeptWitness>, StoreError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT w.key, w.mechanism, w.since, c.note, c.at FROM audit_witness w \
             LEFT JOIN audit_cosignature c ON c.witness = w.name ORDER BY w.name",
        );
        let rows = self.all(sql).await?;
        let read = rows.iter().filter_map(|row| kept(row).transpose());
        read.collect()
    }

    /// The key of the witness with this name.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn witness(&self, name: &str) -> Result<Option<WitnessKey>, StoreError> {
        let mut sql = self.sql();
        sql.push("SELECT key FROM audit_witness WHERE name = ")
            .bind(name);
        let rows = self.all(sql).await?;
        let key = rows.first().map(|row| row.try_get_by_index::<String>(0));
        Ok(key.transpose()?.and_then(|key| key.parse().ok()))
    }

    /// Keeps what a witness has signed, in the place of what it has signed before; `false`
    /// where that is no checkpoint of this log, or not signed by it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn cosigned(
        &self,
        by: &WitnessKey,
        note: &Note,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let size = note.checkpoint.size;
        let own = self.ledger().outer_checkpoint(Some(size)).await?;
        let own = own.is_some_and(|own| own.checkpoint == note.checkpoint);
        let at = note.cosigned_by(by);
        let at = at.filter(|at| own && *at <= now.plus_seconds(AHEAD));
        let signed = note.is_signed_by(&self.ledger().key().ticks());
        let Some(at) = at.filter(|_| signed) else {
            return Ok(false);
        };
        let connection = &self.inner.write;
        let values: [Value; 4] = [
            by.name().into(),
            i64::try_from(size).unwrap_or(i64::MAX).into(),
            at.seconds().into(),
            note.to_string().into(),
        ];
        // It may have been taken off the list meanwhile. What was signed earlier takes the
        // place of nothing; two signatures within a second are told apart by their size.
        let sql = "INSERT INTO audit_cosignature (witness, size, at, note) \
                   SELECT name, $2, $3, $4 FROM audit_witness WHERE name = $1 \
                   ON CONFLICT (witness) DO UPDATE SET size = excluded.size, at = excluded.at, \
                   note = excluded.note WHERE excluded.at > audit_cosignature.at \
                   OR (excluded.at = audit_cosignature.at \
                   AND excluded.size > audit_cosignature.size)";
        connection
            .execute_raw(Statement::from_sql_and_values(
                connection.get_database_backend(),
                sql,
                values,
            ))
            .await?;
        Ok(true)
    }

    /// Whether witnesses of enough mechanisms have signed the log within a day.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn is_witnessed(&self, now: Moment) -> Result<bool, StoreError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT COUNT(DISTINCT w.mechanism) FROM audit_cosignature c \
             JOIN audit_witness w ON w.name = c.witness WHERE c.at >= ",
        );
        sql.bind(now.plus_seconds(-WITHIN).seconds());
        let rows = self.all(sql).await?;
        let many = rows.first().map(|row| row.try_get_by_index::<i64>(0));
        Ok(many.transpose()?.unwrap_or(0) >= ENOUGH)
    }
}

/// What this hub does not understand is no witness.
fn kept(row: &QueryResult) -> Result<Option<KeptWitness>, StoreError> {
    let key: String = row.try_get_by_index(0)?;
    let (note, at): (Option<String>, Option<i64>) =
        (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    let note = note.and_then(|note| note.parse().ok());
    let Ok(key) = key.parse() else {
        return Ok(None);
    };
    Ok(Some(KeptWitness {
        key,
        mechanism: row.try_get_by_index(1)?,
        since: Moment::from_seconds(row.try_get_by_index(2)?),
        signed: note.zip(at.map(Moment::from_seconds)),
    }))
}

impl Writer {
    /// Registers a witness of a mechanism; `false` where there is one with this name.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn add_witness(
        &mut self,
        key: &WitnessKey,
        mechanism: &str,
    ) -> Result<bool, WriteError> {
        self.registrars_act()?;
        let mut sql = self.sql();
        sql.push("INSERT INTO audit_witness (name, key, mechanism, since) VALUES (");
        sql.bind(key.name()).push(", ").bind(key.to_string());
        sql.push(", ").bind(mechanism).push(", ");
        sql.bind(self.at.seconds());
        sql.push(") ON CONFLICT (name) DO NOTHING");
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::WitnessAdd,
            to: witness_ref(key.name()),
            fields: Vec::new(),
            sealed: format!("`{key}` of `{mechanism}` witnesses the log"),
        });
        Ok(done.rows_affected() > 0)
    }

    /// Takes a witness off the list, and what it has signed; `false` where there is none.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn remove_witness(&mut self, name: &str) -> Result<bool, WriteError> {
        self.registrars_act()?;
        let mut sql = self.sql();
        sql.push("DELETE FROM audit_cosignature WHERE witness = ")
            .bind(name);
        self.transaction().execute_raw(sql.into_statement()).await?;
        let mut sql = self.sql();
        sql.push("DELETE FROM audit_witness WHERE name = ")
            .bind(name);
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::WitnessRemove,
            to: witness_ref(name),
            fields: Vec::new(),
            sealed: format!("`{name}` witnesses the log no more"),
        });
        Ok(done.rows_affected() > 0)
    }
}

/// By what the log knows a witness.
fn witness_ref(name: &str) -> RecordId {
    let hash = Sha256::new()
        .chain_update(b"witness\0")
        .chain_update(name)
        .finalize();
    RecordId(first_half(&hash))
}
