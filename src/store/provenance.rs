//! Provenance: the record that an imported row has become, and what that row said.
//!
//! A row is found again by its provider and the provider's id for it, among those that the
//! viewer's own mechanism has imported, and never among those of others.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, Value};

use super::{
    Writer,
    act::{Act, ActError},
    writer::{NewRecord, WriteError},
};
use crate::{
    confidentiality::{Domain, Known, Level, declare::place, warrant::WriteRefused},
    id::{MechanismId, RecordId},
    language::LanguageTag,
};

/// Ids that one statement asks for.
const BATCH: usize = 400;
/// Ids over which all that was imported of the provider is read at once: a database that
/// has not counted its rows yet would read it for each statement.
const MANY: usize = 2_000;

/// What an earlier import has made of a row.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The record.
    pub record: RecordId,
    /// Code of its kind.
    pub kind: String,
    /// What the row said, as a keyed hash.
    pub hash: Vec<u8>,
}

/// A row that is imported, as a record.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The record to be.
    pub record: &'a NewRecord,
    /// Whose id it is.
    pub provider: &'a str,
    /// The provider's id.
    pub external_id: &'a str,
    /// The file.
    pub file: &'a str,
    /// The line in it.
    pub line: i64,
    /// What the row says, as a keyed hash.
    pub hash: &'a [u8],
    /// Whether it says which States it concerns.
    pub says_countries: bool,
    /// Whether it says which topics it concerns.
    pub says_topics: bool,
    /// Which fields it says in which languages, and whether that is the original's.
    pub says_texts: &'a [(&'static str, LanguageTag, bool)],
}

impl Act {
    /// The mechanism for which the act is done.
    ///
    /// # Errors
    /// Refuses who has no token of one.
    pub fn own(&self) -> Result<MechanismId, ActError> {
        let own = self.reader().viewer().mechanism();
        Ok(own.ok_or(WriteRefused::TokenNeeded)?)
    }

    /// Whether records of one's own may be written up to a level.
    ///
    /// # Errors
    /// Refuses what lies beyond the token's scope.
    pub fn may_import<D: Domain>(&self, level: Level) -> Result<(), ActError> {
        let own = self.own()?;
        Ok(self.writer.warrant.may_write(D::KIND, &[own], level)?)
    }

    /// A keyed hash of what a row says.
    pub fn fingerprint(&self, text: &str) -> Vec<u8> {
        self.reader().store().tag("import", text)
    }

    /// What one's own mechanism has imported of a provider under these ids.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn imported(
        &self,
        provider: &str,
        ids: &[&str],
    ) -> Result<HashMap<String, Imported>, ActError> {
        let mut found = HashMap::new();
        if ids.len() > MANY {
            self.add_imported(provider, None, &mut found).await?;
            return Ok(found);
        }
        for ids in ids.chunks(BATCH) {
            self.add_imported(provider, Some(ids), &mut found).await?;
        }
        Ok(found)
    }

    async fn add_imported(
        &self,
        provider: &str,
        ids: Option<&[&str]>,
        found: &mut HashMap<String, Imported>,
    ) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT external_id, record, kind, content_hash FROM provenance");
        sql.push(" WHERE owner = ").bind(self.own()?.0);
        sql.push(" AND provider = ").bind(provider);
        if let Some(ids) = ids {
            sql.push(" AND external_id IN ")
                .bind_all(ids.iter().copied());
        }
        let rows = self
            .writer
            .transaction()
            .query_all_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        for row in rows {
            let read = || -> Result<_, sea_orm::DbErr> {
                let imported = Imported {
                    record: RecordId(row.try_get_by_index(1)?),
                    kind: row.try_get_by_index(2)?,
                    hash: row.try_get_by_index(3)?,
                };
                Ok((row.try_get_by_index::<String>(0)?, imported))
            };
            let (id, imported) = read().map_err(WriteError::from)?;
            found.insert(id, imported);
        }
        Ok(())
    }

    /// Writes a row that was not there as a new record.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub async fn import_new<D: Domain>(&mut self, arrival: &Arrival<'_>) -> Result<(), ActError> {
        self.writer.add::<D>(arrival.record).await?;
        self.note::<D>(arrival.record.id, arrival, true).await
    }

    /// Writes a row to the record that is there already. Levels are raised where the row
    /// asks for it, and never lowered: that is an act of its own.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn import_again<D: Domain>(
        &mut self,
        known: &Known<D>,
        arrival: &Arrival<'_>,
        noted: bool,
    ) -> Result<(), ActError> {
        self.writer.rewrite(known, arrival).await?;
        self.note::<D>(known.id(), arrival, !noted).await
    }

    /// Notes from which row a record is.
    async fn note<D: Domain>(
        &self,
        record: RecordId,
        arrival: &Arrival<'_>,
        first: bool,
    ) -> Result<(), ActError> {
        let own = self.own()?;
        let at = self.writer.at.seconds();
        if first {
            let row = vec![
                own.0.into(),
                arrival.provider.into(),
                arrival.external_id.into(),
                D::KIND.code().into(),
                record.0.into(),
                arrival.hash.to_vec().into(),
                at.into(),
                arrival.file.into(),
                arrival.line.into(),
            ];
            let columns = [
                "owner",
                "provider",
                "external_id",
                "kind",
                "record",
                "content_hash",
                "imported_at",
                "file",
                "line",
            ];
            return Ok(self.writer.insert("provenance", &columns, row).await?);
        }
        let mut sql = self.writer.sql();
        sql.push("UPDATE provenance SET content_hash = ")
            .bind(arrival.hash.to_vec());
        sql.push(", imported_at = ").bind(at);
        sql.push(", file = ").bind(arrival.file);
        sql.push(", line = ").bind(arrival.line);
        sql.push(" WHERE owner = ").bind(own.0);
        sql.push(" AND provider = ").bind(arrival.provider);
        sql.push(" AND external_id = ").bind(arrival.external_id);
        self.writer.run(sql).await
    }
}

impl Writer {
    /// Changes columns, keys, States and topics of a record, and raises its levels.
    async fn rewrite<D: Domain>(
        &mut self,
        known: &Known<D>,
        arrival: &Arrival<'_>,
    ) -> Result<(), ActError> {
        let new = arrival.record;
        let mut fields = Vec::new();
        for (column, _) in &new.values {
            let field = place(D::RULES, column);
            if usize::from(field.0) < D::COLUMNS.len() {
                fields.push(field);
            } else if !D::KEYS.contains(column) {
                let kind = D::KIND;
                return Err(WriteError::UnknownColumn { kind, column }.into());
            }
        }
        self.touch(known, &fields)?;
        let (existence, overrides) = self.raised::<D>(known.id(), new).await?;
        for (field, level) in &new.overrides {
            let before = known.own_level(place(D::RULES, field));
            if before.is_some_and(|before| before < *level) {
                self.note_raised(known.id(), Some(field), *level).await?;
            }
        }
        if known
            .existence()
            .is_some_and(|before| before < new.existence)
        {
            self.note_raised(known.id(), None, new.existence).await?;
        }
        // What was public until now is no longer kept as it was.
        self.public |= known.existence() == Some(Level::Public);
        let mut sql = self.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET existence = ");
        sql.bind(existence).push(", overrides = ").bind(overrides);
        for (column, value) in &new.values {
            sql.push(", ").push(column).push(" = ").bind(value.clone());
        }
        sql.push(" WHERE id = ").bind(known.id().0);
        self.run(sql).await?;
        let id = known.id();
        self.drop_texts(id, arrival.says_texts).await?;
        self.put_texts(new).await?;
        if arrival.says_countries {
            self.replace(("record_country", "country"), id, &new.countries)
                .await?;
        }
        if arrival.says_topics {
            self.replace(("record_topic", "topic"), id, &new.topics)
                .await?;
        }
        Ok(())
    }

    /// The stored existence and overrides, each raised to what is asked for.
    async fn raised<D: Domain>(
        &self,
        id: RecordId,
        new: &NewRecord,
    ) -> Result<(i64, Value), ActError> {
        let mut sql = self.sql();
        sql.push("SELECT existence, overrides FROM ")
            .push(D::TABLE)
            .push(" WHERE id = ")
            .bind(id.0);
        let row = self
            .transaction()
            .query_one_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let read = |row: sea_orm::QueryResult| {
            let existence: i64 = row.try_get_by_index(0)?;
            let overrides: Option<String> = row.try_get_by_index(1)?;
            Ok::<_, sea_orm::DbErr>((existence, overrides.unwrap_or_default()))
        };
        let stored = row.map(read).transpose().map_err(WriteError::from)?;
        let (existence, text) = stored.unwrap_or((Level::Secretariat.rank(), String::new()));
        let text = raised_overrides::<D>(&text, &new.overrides);
        let text = (!text.is_empty()).then_some(text);
        Ok((existence.max(new.existence.rank()), text.into()))
    }

    async fn replace(
        &self,
        (table, column): (&'static str, &'static str),
        record: RecordId,
        to: &[String],
    ) -> Result<(), ActError> {
        let mut sql = self.sql();
        sql.push("DELETE FROM ")
            .push(table)
            .push(" WHERE record = ");
        sql.bind(record.0);
        self.run(sql).await?;
        for value in to {
            let row = vec![record.0.into(), value.clone().into()];
            self.insert(table, &["record", column], row).await?;
        }
        Ok(())
    }
}

/// The overrides of a record, raised; an entry that this hub does not know stays closed.
fn raised_overrides<D: Domain>(stored: &str, wanted: &[(&'static str, Level)]) -> String {
    let mut entries: Vec<(&str, String)> = stored
        .split(';')
        .filter_map(|entry| entry.split_once('='))
        .map(|(field, rank)| (field, rank.to_owned()))
        .collect();
    for (field, level) in wanted {
        let ranks = entries.iter().filter(|(known, _)| known == field);
        let known = |(_, rank): &(&str, String)| Level::from_rank(rank.parse().ok()?);
        let declared = D::rule(place(D::RULES, field)).map(|rule| rule.level);
        let is_set = ranks.clone().next().is_some();
        let now = ranks.filter_map(known).min();
        let now = if is_set { now } else { declared };
        if now.is_some_and(|now| now < *level) {
            entries.retain(|(known, _)| known != field);
            entries.push((field, level.rank().to_string()));
        }
    }
    let mut text = String::new();
    for (field, rank) in &entries {
        if text.is_empty() {
            text.push(';');
        }
        text.push_str(&format!("{field}={rank};"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::communication::Communication;

    #[test]
    fn levels_are_raised_and_never_lowered() {
        let raise = |stored, wanted: &[(&'static str, Level)]| {
            raised_overrides::<Communication>(stored, wanted)
        };
        assert_eq!(raise("", &[("title", Level::Secretariat)]), ";title=3;");
        assert_eq!(raise(";title=3;", &[("title", Level::Public)]), ";title=3;");
        assert_eq!(
            raise(";title=1;", &[("title", Level::Channel)]),
            ";title=2;"
        );
        assert_eq!(raise("", &[("docket_note", Level::Partner)]), "");
        // An unknown rank closes the field to everybody, and goes on doing so.
        assert_eq!(
            raise(";title=9;", &[("title", Level::Channel)]),
            ";title=9;"
        );
        assert_eq!(
            raise(";outcome=2;", &[("title", Level::Channel)]),
            ";outcome=2;title=2;"
        );
    }
}
