//! Mending: who is to have a copy of which key, as the main database says now.
//!
//! It finds grants that have run out, and what a cut between the two commits has left.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::{Owed, settle::Entitled};
use crate::{
    clock::Moment,
    confidentiality::grant::Grant,
    id::{MechanismId, RecordId},
    identity::purpose::PurposeCode,
    store::{
        Store,
        standing::{On, sealed_fields},
        writer::WriteError,
    },
    vocabulary::codes::Coded,
};

impl Store {
    /// Gives copies of persons' keys to whom they are due, and takes them from everyone else;
    /// says on how many files something had to be mended.
    ///
    /// A key of a person who is not in the main database is left alone: that database may be an
    /// older one, put back, and the last copy of a key is not taken on such a word.
    ///
    /// # Errors
    /// Fails where one of the databases does.
    pub async fn mend_copies(&self, now: Moment) -> Result<usize, WriteError> {
        let suspects = self.suspects(now).await?;
        if suspects.is_empty() {
            return Ok(0);
        }
        // Looked at again where nobody gives or takes leave meanwhile.
        let page = self.ledger().open_page().await?;
        let on = On {
            store: self,
            connection: page.transaction(),
        };
        let entitled = on.entitled(Some(&suspects), now).await?;
        let owed = Owed::default();
        self.key_store().settle(&owed, &entitled, now).await?;
        self.mend_marks(&on).await?;
        Ok(suspects.len())
    }

    /// Persons whose copies are not those that are due, and whose fields have several marks.
    async fn suspects(&self, now: Moment) -> Result<BTreeSet<RecordId>, WriteError> {
        let mut sql = self.key_store().sql();
        sql.push("SELECT person, mechanism FROM person_key");
        let mut copies: HashMap<RecordId, BTreeSet<MechanismId>> = HashMap::new();
        for row in self.key_store().all(sql).await? {
            let (person, mechanism) = pair(&row)?;
            copies.entry(person).or_default().insert(mechanism);
        }
        let on = On {
            store: self,
            connection: &self.inner.read,
        };
        let entitled = on.entitled(None, now).await?;
        let differs = |(person, has): (&RecordId, &BTreeSet<MechanismId>)| {
            let due = entitled.get(person)?;
            let due: BTreeSet<_> = due.owners.union(&due.recipients).copied().collect();
            (due != *has).then_some(*person)
        };
        let mut found: BTreeSet<_> = copies.iter().filter_map(differs).collect();
        found.extend(
            self.with_several_marks()
                .await?
                .into_iter()
                .map(|(id, _)| id),
        );
        Ok(found)
    }

    async fn with_several_marks(&self) -> Result<Vec<(RecordId, String)>, DbErr> {
        let mut sql = self.key_store().sql();
        sql.push("SELECT person, field FROM field_mark GROUP BY person, field HAVING COUNT(*) > 1");
        let rows = self.key_store().all(sql).await?;
        let read =
            |row: &QueryResult| Ok((RecordId(row.try_get_by_index(0)?), row.try_get_by_index(1)?));
        rows.iter().map(read).collect()
    }

    /// Of the marks of a writing that was cut off, keeps that of the version that stands.
    async fn mend_marks<C: ConnectionTrait>(&self, on: &On<'_, C>) -> Result<(), WriteError> {
        for (person, field) in self.with_several_marks().await? {
            let mut sql = self.sql();
            sql.push("SELECT version FROM sealed_field WHERE record = ")
                .bind(person.0);
            sql.push(" AND field = ").bind(field.as_str());
            let rows = on.all(sql).await?;
            let Some(row) = rows.first() else { continue };
            let version: i64 = row.try_get_by_index(0)?;
            let turn = self.key_store().turn().await?;
            let mut sql = turn.sql();
            sql.push("SELECT 1 FROM field_mark WHERE person = ")
                .bind(person.0);
            sql.push(" AND field = ").bind(field.as_str());
            sql.push(" AND version = ").bind(version);
            // Of an earlier version that was put back there is none: nothing is kept for it.
            if !turn.all(sql).await?.is_empty() {
                turn.keep_mark(person, &field, version).await?;
            }
            turn.commit().await?;
        }
        Ok(())
    }
}

impl<C: ConnectionTrait> On<'_, C> {
    /// Who is to have a copy of the key of each of these persons' files, or of all: the owners,
    /// and the mechanisms whose officers have grants that consent covers, now or later.
    pub(in crate::store) async fn entitled(
        &self,
        persons: Option<&BTreeSet<RecordId>>,
        now: Moment,
    ) -> Result<HashMap<RecordId, Entitled>, WriteError> {
        let mut sql = self.store.sql();
        sql.push(
            "SELECT o.record, o.mechanism FROM record_owner o JOIN person t ON t.id = o.record",
        );
        if let Some(persons) = persons {
            sql.push(" WHERE t.id");
            sql.among(persons.iter().map(|person| person.0));
        }
        let mut entitled: HashMap<RecordId, Entitled> = HashMap::new();
        for row in self.all(sql).await? {
            let (person, owner) = pair(&row)?;
            entitled.entry(person).or_default().owners.insert(owner);
        }
        let mut sql = self.store.sql();
        sql.push(
            "SELECT person, mechanism, fields, purposes, valid_from, valid_until \
             FROM disclosure_grant WHERE ended_at IS NULL AND valid_until > ",
        );
        sql.bind(now.seconds());
        if let Some(persons) = persons {
            sql.push(" AND person");
            sql.among(persons.iter().map(|person| person.0));
        }
        let rows = self.all(sql).await?;
        let mut grants = rows.iter().map(grant).collect::<Result<Vec<_>, _>>()?;
        grants.retain(|grant| {
            let file = entitled.get(&grant.person);
            file.is_some_and(|file| !file.owners.contains(&grant.mechanism))
        });
        for some in grants.chunks_mut(1_000) {
            self.add_consents(some).await?;
        }
        for grant in grants.iter().filter(|grant| grant.may_rest(now)) {
            if let Some(file) = entitled.get_mut(&grant.person) {
                file.recipients.insert(grant.mechanism);
            }
        }
        Ok(entitled)
    }
}

fn pair(row: &QueryResult) -> Result<(RecordId, MechanismId), DbErr> {
    let (one, other): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok((RecordId(one), MechanismId(other)))
}

fn grant(row: &QueryResult) -> Result<Grant, DbErr> {
    let (fields, purposes): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let list = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap_or_default();
    let purposes = list(&purposes);
    Ok(Grant {
        person: RecordId(row.try_get_by_index(0)?),
        mechanism: MechanismId(row.try_get_by_index(1)?),
        fields: sealed_fields(&list(&fields)),
        purposes: purposes
            .iter()
            .filter_map(|code| PurposeCode::from_code(code))
            .collect(),
        from: Moment::from_seconds(row.try_get_by_index(4)?),
        until: Moment::from_seconds(row.try_get_by_index(5)?),
        consents: Vec::new(),
    })
}
