//! Writing: a transaction that owes the journal the act that it was begun for.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};
use zeroize::Zeroizing;

use super::{
    Store, StoreError, edition,
    key_store::{KeyStore, KeyStoreError, Owed},
    sql::Sql,
    standing::On,
    texts::NewTranslation,
};
use crate::{
    clock::Moment,
    confidentiality::{
        Domain, Level,
        declare::place,
        label::Overrides,
        vault::VaultError,
        warrant::{Warrant, WriteRefused},
    },
    id::{MechanismId, RecordId},
    identity::{kind::Kind, watch::Revocation},
    journal::{Entry, EntryKind, LedgerError, Owned, Page, Receipt},
    keys::KeyFile,
    language::fields::texts_of,
};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The act is not allowed.
    #[error(transparent)]
    Refused(#[from] WriteRefused),
    /// A record without an owner would be nobody's.
    #[error("a record of kind `{0}` has no owner")]
    NoOwner(Kind),
    /// A record says something of its label that can't be.
    #[error("the label of a record of kind `{kind}` sets `{field}` to what it can't be")]
    WrongLabel {
        /// The kind of the record.
        kind: Kind,
        /// The field, or `existence`.
        field: &'static str,
    },
    /// A value is for a column that the kind has not.
    #[error("records of kind `{kind}` have no column `{column}`")]
    UnknownColumn {
        /// The kind of the record.
        kind: Kind,
        /// The column.
        column: &'static str,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
    /// The log did not take the act.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A value did not seal.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key store did not take what it is owed.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The system has no randomness to give.
    #[error("no randomness")]
    NoRandomness,
}

/// A record to be written whole: its label, what it concerns, its values, its links.
#[derive(Debug)]
pub struct NewRecord {
    /// Its id.
    pub id: RecordId,
    /// Its owners; at least one.
    pub owners: Vec<MechanismId>,
    /// Level needed to know that it is there.
    pub existence: Level,
    /// Levels of single fields.
    pub overrides: Vec<(&'static str, Level)>,
    /// Embargo.
    pub public_from: Option<Moment>,
    /// Mechanisms named on it, each until a moment.
    pub named: Vec<(MechanismId, Moment)>,
    /// States that it concerns, as ISO alpha-3 codes.
    pub countries: Vec<String>,
    /// Topics that it concerns.
    pub topics: Vec<String>,
    /// Values of columns and keys.
    pub values: Vec<(&'static str, Value)>,
    /// Links to other records.
    pub links: Vec<(&'static str, RecordId)>,
    /// Values to be sealed, as JSON.
    pub sealed: Vec<(&'static str, Zeroizing<String>)>,
    /// What fields say in other languages, and in which they are themselves.
    pub texts: Vec<(&'static str, NewTranslation)>,
}

impl NewRecord {
    /// A record of these owners that exists at a level, without a value yet.
    pub fn of(id: RecordId, owners: Vec<MechanismId>, existence: Level) -> Self {
        Self {
            id,
            owners,
            existence,
            overrides: Vec::new(),
            public_from: None,
            named: Vec::new(),
            countries: Vec::new(),
            topics: Vec::new(),
            values: Vec::new(),
            links: Vec::new(),
            sealed: Vec::new(),
            texts: Vec::new(),
        }
    }
}

/// A transaction of one act; dropped without [`Writer::commit`], it never was.
pub struct Writer {
    page: Page,
    store: Store,
    pub(super) warrant: Warrant,
    pub(super) at: Moment,
    pub(super) written: Vec<(Kind, RecordId)>,
    /// What else is told otherwise after it, or to others.
    pub(super) moved: Vec<(Kind, RecordId)>,
    /// Whether anyone may see something of it.
    pub(super) public: bool,
    pub(super) deed: Deed,
    /// The records of an act on several, each with its fields: each has an entry of its own.
    pub(super) each: Vec<(RecordId, Vec<&'static str>)>,
    /// What the log is told, where the act is no writing of records.
    pub(super) told: Option<ToldAct>,
    /// Levels that the author has chosen, by the fields' names in the API.
    pub(super) chosen: Vec<(String, Level)>,
    /// Whose tokens are revoked with it.
    pub(super) revoking: Vec<Revocation>,
    /// The entries whose words are gone with it.
    pub(super) erased: Vec<i64>,
    /// To whom its entry is told, where nobody owns any more what it is about.
    pub(super) owned_before: Option<Vec<Owned>>,
    /// What the key store is owed before the commit.
    pub(super) owed: Owed,
}

/// What the log is to say of an act, where it is more than that records were written.
#[derive(Default)]
pub(super) struct Deed {
    pub(super) kind: Option<EntryKind>,
    pub(super) record: Option<RecordId>,
    pub(super) fields: Vec<&'static str>,
    pub(super) purpose: Option<&'static str>,
    pub(super) reason: Option<String>,
}

/// An act that is no writing of records, as the log is told of it.
pub(super) struct ToldAct {
    pub(super) kind: EntryKind,
    /// What it was done to: a holder, or a token.
    pub(super) to: RecordId,
    /// What was changed.
    pub(super) fields: Vec<&'static str>,
    /// Names and scope: sealed, beside the entry.
    pub(super) sealed: String,
}

impl Store {
    /// Begins the transaction of an act that the warrant allows.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn begin(&self, warrant: Warrant, at: Moment) -> Result<Writer, WriteError> {
        let page = self.ledger().open_page().await?;
        Ok(Writer {
            page,
            store: self.clone(),
            warrant,
            at,
            written: Vec::new(),
            moved: Vec::new(),
            public: false,
            deed: Deed::default(),
            each: Vec::new(),
            told: None,
            chosen: Vec::new(),
            revoking: Vec::new(),
            erased: Vec::new(),
            owned_before: None,
            owed: Owed::default(),
        })
    }
}

impl Writer {
    /// Writes a record, if it is not there already; says whether it was written.
    ///
    /// # Errors
    /// Refuses what the warrant does not allow and what can't be a label; fails where
    /// the database does. Nothing is written then.
    pub async fn add<D: Domain>(&mut self, record: &NewRecord) -> Result<bool, WriteError> {
        self.check::<D>(record)?;
        if self.is_there::<D>(record.id).await? {
            return Ok(false);
        }
        let mut columns = vec!["id", "existence", "public_from", "overrides"];
        let mut values = vec![
            record.id.0.into(),
            record.existence.rank().into(),
            record.public_from.map(Moment::seconds).into(),
            Overrides::text(&record.overrides).into(),
        ];
        for (column, value) in &record.values {
            columns.push(column);
            values.push(value.clone());
        }
        self.insert(D::TABLE, &columns, values).await?;
        for owner in &record.owners {
            self.insert(
                "record_owner",
                &["record", "mechanism"],
                vec![record.id.0.into(), owner.0.into()],
            )
            .await?;
        }
        for (mechanism, until) in &record.named {
            let row = vec![
                record.id.0.into(),
                mechanism.0.into(),
                until.seconds().into(),
            ];
            self.insert("record_named", &["record", "mechanism", "until"], row)
                .await?;
        }
        for country in &record.countries {
            let row = vec![record.id.0.into(), country.clone().into()];
            self.insert("record_country", &["record", "country"], row)
                .await?;
        }
        for topic in &record.topics {
            let row = vec![record.id.0.into(), topic.clone().into()];
            self.insert("record_topic", &["record", "topic"], row)
                .await?;
        }
        for (name, target) in &record.links {
            let row = vec![record.id.0.into(), (*name).into(), target.0.into()];
            self.insert("link", &["source", "name", "target"], row)
                .await?;
        }
        self.put_texts(record).await?;
        self.seal::<D>(record).await?;
        // Embargoed, it changes nothing before its moment.
        let now = record.public_from.is_none_or(|from| from <= self.at);
        self.public |= record.existence == Level::Public && now;
        self.written.push((D::KIND, record.id));
        Ok(true)
    }

    /// Commits the act and its entry together, or neither.
    ///
    /// # Errors
    /// Fails where the database does; nothing is written then.
    pub async fn commit(mut self) -> Result<Receipt, WriteError> {
        let Deed {
            kind,
            record,
            fields,
            purpose,
            reason,
        } = std::mem::take(&mut self.deed);
        let kind = kind.unwrap_or_else(|| self.warrant.entry_kind());
        let mut kinds: Vec<&'static str> =
            self.written.iter().map(|(kind, _)| kind.code()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut records: Vec<RecordId> = self.written.iter().map(|(_, id)| *id).collect();
        records.sort_unstable();
        records.dedup();
        let one = match records.as_slice() {
            [id] => Some(*id),
            _ => None,
        };
        let record = record.or(one);
        let owned = match self.owned_before.take() {
            Some(owned) => owned,
            None => self.owned(record, &self.written).await?,
        };
        let person = owned.iter().find(|one| one.kind == Kind::Person);
        let mut entry = Entry {
            kind,
            at: self.at,
            actor: self.warrant.actor().clone(),
            by: self.warrant.mechanism(),
            person: person
                .and_then(|one| one.record)
                .filter(|id| record == Some(*id)),
            owned,
            erased: std::mem::take(&mut self.erased),
            sealed: self.owed.marks.iter().map(|mark| mark.mark).collect(),
            record,
            fields: if fields.is_empty() { kinds } else { fields },
            purpose,
            ground: if self.warrant.is_registrars() {
                "REGISTRAR"
            } else {
                "WARRANT"
            },
            reason,
        };
        if let Some(told) = self.told.take() {
            (entry.kind, entry.record) = (told.kind, Some(told.to));
            (entry.fields, entry.reason) = (told.fields, Some(told.sealed));
        }
        let mut entries = Vec::with_capacity(self.each.len());
        for (record, fields) in &self.each {
            // Each is told to the owners of its own record: how many there are is not theirs.
            let one = self.written.iter().filter(|(_, id)| id == record);
            let one: Vec<(Kind, RecordId)> = one.copied().collect();
            entries.push(Entry {
                record: Some(*record),
                owned: self.owned(Some(*record), &one).await?,
                person: one
                    .first()
                    .filter(|(kind, _)| *kind == Kind::Person)
                    .map(|(_, id)| *id),
                fields: fields.clone(),
                ..entry.clone()
            });
        }
        if self.public {
            edition::next(self.page.transaction()).await?;
        }
        self.post(entry.kind).await?;
        // Denied from before the commit on: there is no moment at which it is neither.
        let revoking = !self.revoking.is_empty();
        let _denied =
            revoking.then(|| self.store.watch().begin(std::mem::take(&mut self.revoking)));
        if entries.is_empty() {
            entries.push(entry);
        }
        let owed = std::mem::take(&mut self.owed);
        self.settle(&owed).await?;
        let receipt = self.page.commit(&entries).await?;
        if let Err(error) = self.store.key_store().forget_earlier(&owed.marks).await {
            // Until it is mended, the version before would open, too, if it were put back.
            tracing::warn!(cause = %error, "marks of earlier versions were not forgotten");
        }
        Ok(receipt)
    }

    /// Pays what the key store is owed, before the commit: `key_store/settle.rs` says why.
    async fn settle(&self, owed: &Owed) -> Result<(), WriteError> {
        if owed.is_nothing() {
            return Ok(());
        }
        let on = On {
            store: &self.store,
            connection: self.page.transaction(),
        };
        let entitled = if owed.leave.is_empty() {
            HashMap::new()
        } else {
            on.entitled(Some(&owed.leave), self.at).await?
        };
        Ok(self
            .store
            .key_store()
            .settle(owed, &entitled, self.at)
            .await?)
    }

    /// Whether tokens may be issued.
    ///
    /// # Errors
    /// Refuses a warrant that issues none.
    pub fn may_issue(&self) -> Result<(), WriteRefused> {
        self.warrant.may_issue()
    }

    pub(super) fn key_store(&self) -> &KeyStore {
        self.store.key_store()
    }

    pub(super) fn keys(&self) -> &KeyFile {
        self.store.keys()
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    pub(super) fn transaction(&self) -> &DatabaseTransaction {
        self.page.transaction()
    }

    pub(super) fn sql(&self) -> Sql {
        self.store.sql()
    }

    /// Whether the warrant and the declaration allow the record.
    fn check<D: Domain>(&self, record: &NewRecord) -> Result<(), WriteError> {
        if record.owners.is_empty() {
            return Err(WriteError::NoOwner(D::KIND));
        }
        let wrong = |field| WriteError::WrongLabel {
            kind: D::KIND,
            field,
        };
        if record.existence > Level::Secretariat {
            return Err(wrong("existence"));
        }
        for (field, level) in &record.overrides {
            let rule = D::RULES
                .iter()
                .find(|rule| rule.name == *field)
                .ok_or(wrong(field))?;
            if *level < rule.floor || D::LISTS.contains(field) {
                return Err(wrong(field));
            }
        }
        for (column, _) in &record.values {
            let known = D::RULES
                .iter()
                .take(D::COLUMNS.len())
                .any(|rule| rule.name == *column)
                || D::KEYS.contains(column);
            if !known {
                return Err(WriteError::UnknownColumn {
                    kind: D::KIND,
                    column,
                });
            }
        }
        for (column, _) in &record.texts {
            if !texts_of(D::KIND).contains(column) {
                let kind = D::KIND;
                return Err(WriteError::UnknownColumn { kind, column });
            }
        }
        // Writing takes a scope up to what is written: sealed fields are the highest.
        let level = if record.sealed.is_empty() {
            let values = record.values.iter().map(|(column, _)| *column);
            let written = values.chain(record.links.iter().map(|(name, _)| *name));
            let written = written.chain(record.texts.iter().map(|(name, _)| *name));
            let rules = written.filter_map(|name| D::rule(place(D::RULES, name)));
            rules.fold(record.existence, |level, rule| level.max(rule.level))
        } else {
            Level::Victim
        };
        self.warrant.may_write(D::KIND, &record.owners, level)?;
        let (owners, countries) = (&record.owners, &record.countries);
        Ok(self
            .warrant
            .may_concern(owners, countries, &record.topics)?)
    }

    async fn is_there<D: Domain>(&self, id: RecordId) -> Result<bool, WriteError> {
        let mut sql = self.store.sql();
        sql.push("SELECT 1 FROM ")
            .push(D::TABLE)
            .push(" WHERE id = ")
            .bind(id.0);
        let row = self
            .page
            .transaction()
            .query_one_raw(sql.into_statement())
            .await?;
        Ok(row.is_some())
    }

    pub(super) async fn insert(
        &self,
        table: &'static str,
        columns: &[&'static str],
        values: Vec<Value>,
    ) -> Result<(), WriteError> {
        self.page
            .transaction()
            .execute_raw(self.insertion(table, columns, values))
            .await?;
        Ok(())
    }

    fn insertion(
        &self,
        table: &'static str,
        columns: &[&'static str],
        values: Vec<Value>,
    ) -> Statement {
        let mut sql = self.store.sql();
        sql.push("INSERT INTO ").push(table).push(" (");
        sql.joined(", ", columns.iter().copied(), |sql, column| {
            sql.push(column);
        });
        sql.push(") VALUES (");
        sql.joined(", ", values, |sql, value| {
            sql.bind(value);
        });
        sql.push(")");
        sql.into_statement()
    }

    /// Adds a row if its key is not taken; says nothing of what is there.
    pub(super) async fn admit(
        &self,
        table: &'static str,
        key: &'static str,
        columns: &[&'static str],
        values: Vec<Value>,
    ) -> Result<(), WriteError> {
        let mut sql = self.store.sql();
        sql.push("SELECT 1 FROM ")
            .push(table)
            .push(" WHERE ")
            .push(key)
            .push(" = ");
        sql.bind(values.first().cloned().unwrap_or(Value::String(None)));
        let there = self
            .page
            .transaction()
            .query_one_raw(sql.into_statement())
            .await?;
        if there.is_none() {
            self.insert(table, columns, values).await?;
        }
        Ok(())
    }
}
