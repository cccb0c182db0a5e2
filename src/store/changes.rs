//! Changes to a record that is there: its columns, its existence, its links.

use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::{
    Writer,
    act::{Act, ActError},
    history::{EXISTENCE, Noted},
    sql::Sql,
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place, warrant::WriteRefused},
    id::{MechanismId, RecordId},
    vocabulary::Coded,
};

impl Writer {
    /// Changes columns of a record.
    ///
    /// # Errors
    /// Refuses records of others, what lies beyond the token's scope, and a column that the
    /// kind has not; fails where the database does.
    pub async fn change<D: Domain>(
        &mut self,
        record: &Known<D>,
        values: Vec<(&'static str, Value)>,
    ) -> Result<(), ActError> {
        let mut fields = Vec::new();
        for (column, _) in &values {
            let field = place(D::RULES, column);
            if usize::from(field.0) >= D::COLUMNS.len() {
                let kind = D::KIND;
                return Err(WriteError::UnknownColumn { kind, column }.into());
            }
            fields.push(field);
        }
        self.touch(record, &fields)?;
        let columns: Vec<&str> = values.iter().map(|(column, _)| *column).collect();
        let choices = self.choices::<D>(&columns, &record.facts().owners)?;
        self.raise_to(record, &choices).await?;
        let before = self.texts::<D>(record.id(), &fields).await?;
        let mut sql = self.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET ");
        sql.joined(", ", values, |sql, (column, value)| {
            sql.push(column).push(" = ").bind(value);
        });
        sql.push(" WHERE id = ").bind(record.id().0);
        self.run(sql).await?;
        let after = self.texts::<D>(record.id(), &fields).await?;
        for ((field, before), after) in fields.into_iter().zip(before).zip(after) {
            if before != after {
                let chosen = choices.iter().find(|(chosen, ..)| *chosen == field);
                let level = chosen.map(|(.., level)| *level);
                self.note_field(record, field, level, (before, after))
                    .await?;
            }
        }
        Ok(())
    }

    /// Puts a change of a field on the record's history, at the field's level, or at the one
    /// that was chosen for it.
    async fn note_field<D: Domain>(
        &self,
        record: &Known<D>,
        field: FieldIndex,
        chosen: Option<Level>,
        (before, after): (Option<String>, Option<String>),
    ) -> Result<(), ActError> {
        let Some(rule) = D::rule(field) else {
            return Ok(());
        };
        let noted = Noted {
            field: rule.name.into(),
            level: record
                .level(field)
                .unwrap_or(Level::Victim)
                .max(chosen.unwrap_or(Level::Public)),
            before,
            after,
        };
        self.put(record.id(), noted).await
    }

    /// Puts on the record's history that an edge was changed: for its secretariat alone, as
    /// the record that it leads to, or led to, may be hidden from others.
    pub(super) async fn note_edge<D: Domain>(
        &self,
        record: &Known<D>,
        edge: FieldIndex,
    ) -> Result<(), ActError> {
        let Some(rule) = D::rule(edge) else {
            return Ok(());
        };
        let level = record.level(edge).unwrap_or(Level::Victim);
        let noted = Noted {
            field: rule.name.into(),
            level: level.max(Level::Secretariat),
            before: None,
            after: None,
        };
        self.put(record.id(), noted).await
    }

    /// Sets at which level it can be known that a record is there.
    ///
    /// # Errors
    /// As [`Writer::change`]; refuses `VICTIM`, which no record exists at.
    pub async fn set_existence<D: Domain>(
        &mut self,
        record: &Known<D>,
        level: Level,
    ) -> Result<(), ActError> {
        let shown = level == Level::Public || record.existence() == Some(Level::Public);
        self.exist_at(record, level, shown).await
    }

    /// The same, and whether anyone sees that something has changed.
    async fn exist_at<D: Domain>(
        &mut self,
        record: &Known<D>,
        level: Level,
        shown: bool,
    ) -> Result<(), ActError> {
        if level > Level::Secretariat {
            let (kind, field) = (D::KIND, "existence");
            return Err(WriteError::WrongLabel { kind, field }.into());
        }
        self.may_change(record)?;
        self.moved.push((D::KIND, record.id()));
        self.public |= shown;
        let before = record.existence().unwrap_or(Level::Victim);
        let noted = Noted {
            field: EXISTENCE.into(),
            level: level.max(before),
            before: Some(before.code().to_owned()),
            after: Some(level.code().to_owned()),
        };
        self.put(record.id(), noted).await?;
        self.raise_history(record.id(), None, level).await?;
        if level > before {
            self.note_raised(record.id(), None, level).await?;
        }
        let mut sql = self.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET existence = ");
        sql.bind(level.rank());
        sql.push(" WHERE id = ").bind(record.id().0);
        self.run(sql).await
    }

    /// Publishes a record: at once, or from a moment on; until then it is its secretariat's
    /// alone.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn publish<D: Domain>(
        &mut self,
        record: &Known<D>,
        from: Option<Moment>,
    ) -> Result<(), ActError> {
        // Embargoed, it changes nothing that anyone sees before its moment.
        self.exist_at(record, Level::Public, from.is_none()).await?;
        let mut sql = self.sql();
        sql.push("UPDATE ")
            .push(D::TABLE)
            .push(" SET public_from = ");
        sql.bind(from.map(Moment::seconds));
        sql.push(" WHERE id = ").bind(record.id().0);
        self.run(sql).await
    }

    /// Links a record to another.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn link<D: Domain>(
        &mut self,
        record: &Known<D>,
        (edge, name): (FieldIndex, &'static str),
        target: RecordId,
    ) -> Result<(), ActError> {
        self.touch(record, &[edge])?;
        self.note_edge(record, edge).await?;
        let row = vec![record.id().0.into(), name.into(), target.0.into()];
        Ok(self
            .insert("link", &["source", "name", "target"], row)
            .await?)
    }

    /// Says that a record concerns these States and topics, too.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn concern_also<D: Domain>(
        &mut self,
        record: &Known<D>,
        countries: &[String],
        topics: &[String],
    ) -> Result<(), ActError> {
        self.touch(record, &[])?;
        for (table, column, values) in [
            ("record_country", "country", countries),
            ("record_topic", "topic", topics),
        ] {
            for value in values {
                let mut sql = self.sql();
                sql.push("INSERT INTO ").push(table).push(" (record, ");
                sql.push(column).push(") VALUES (").bind(record.id().0);
                sql.push(", ").bind(value.as_str());
                sql.push(") ON CONFLICT DO NOTHING");
                self.run(sql).await?;
            }
        }
        Ok(())
    }

    /// Says that a record concerns these States and topics alone, and not those of before.
    ///
    /// # Errors
    /// As [`Writer::change`]; refuses what a token is limited away from.
    pub async fn concern_only<D: Domain>(
        &mut self,
        record: &Known<D>,
        before: &(Vec<String>, Vec<String>),
        after: &(Vec<String>, Vec<String>),
    ) -> Result<(), ActError> {
        self.concern_also(record, &after.0, &after.1).await?;
        self.warrant
            .may_concern(&record.facts().owners, &after.0, &after.1)?;
        for (table, column, before, after) in [
            ("record_country", "country", &before.0, &after.0),
            ("record_topic", "topic", &before.1, &after.1),
        ] {
            for gone in before.iter().filter(|value| !after.contains(value)) {
                let mut sql = self.sql();
                sql.push("DELETE FROM ").push(table);
                sql.push(" WHERE record = ").bind(record.id().0);
                sql.push(" AND ").push(column).push(" = ");
                sql.bind(gone.as_str());
                self.run(sql).await?;
            }
        }
        Ok(())
    }

    /// Puts on a record's history that an edge was corrected, which is no link.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn note_correction<D: Domain>(
        &mut self,
        record: &Known<D>,
        edge: FieldIndex,
    ) -> Result<(), ActError> {
        self.touch(record, &[edge])?;
        self.note_edge(record, edge).await
    }

    /// Takes a link of a record away.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn unlink<D: Domain>(
        &mut self,
        record: &Known<D>,
        (edge, name): (FieldIndex, &'static str),
        target: RecordId,
    ) -> Result<(), ActError> {
        self.touch(record, &[edge])?;
        self.note_edge(record, edge).await?;
        let mut sql = self.sql();
        sql.push("DELETE FROM link WHERE source = ")
            .bind(record.id().0);
        sql.push(" AND name = ").bind(name);
        sql.push(" AND target = ").bind(target.0);
        self.run(sql).await
    }

    /// Takes a record away, with its label and its links.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn remove<D: Domain>(&mut self, record: &Known<D>) -> Result<(), ActError> {
        let all: Vec<FieldIndex> = (0u8..)
            .zip(D::RULES)
            .map(|(index, _)| FieldIndex(index))
            .collect();
        self.touch(record, &all)?;
        for (table, column) in [
            ("link", "source"),
            ("record_topic", "record"),
            ("record_country", "record"),
            ("record_named", "record"),
            ("record_owner", "record"),
            ("translation", "record"),
            (D::TABLE, "id"),
        ] {
            let mut sql = self.sql();
            sql.push("DELETE FROM ").push(table).push(" WHERE ");
            sql.push(column).push(" = ").bind(record.id().0);
            self.run(sql).await?;
        }
        Ok(())
    }

    /// Records that a record has links of this name to, whoever may be told of them: for
    /// the rules of an act on one's own record.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn linked<D: Domain>(
        &self,
        record: &Known<D>,
        name: &'static str,
    ) -> Result<Vec<RecordId>, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT target FROM link WHERE source = ")
            .bind(record.id().0);
        sql.push(" AND name = ").bind(name).push(" ORDER BY target");
        let rows = self
            .transaction()
            .query_all_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let targets = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(targets
            .collect::<Result<_, _>>()
            .map_err(WriteError::from)?)
    }

    pub(super) fn touch<D: Domain>(
        &mut self,
        record: &Known<D>,
        fields: &[FieldIndex],
    ) -> Result<(), ActError> {
        self.may_change(record)?;
        for field in fields {
            let level = record.level(*field).unwrap_or(Level::Victim);
            self.warrant
                .may_write(D::KIND, &record.facts().owners, level)?;
            self.public |= level == Level::Public;
        }
        self.written.push((D::KIND, record.id()));
        Ok(())
    }

    pub(super) fn may_change<D: Domain>(&self, record: &Known<D>) -> Result<(), ActError> {
        within(record)?;
        let owners = &record.facts().owners;
        let level = record.existence().unwrap_or(Level::Victim);
        Ok(self.warrant.may_write(D::KIND, owners, level)?)
    }

    pub(super) async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>, ActError> {
        let rows = self.transaction().query_all_raw(sql.into_statement()).await;
        Ok(rows.map_err(WriteError::from)?)
    }

    pub(super) async fn run(&self, sql: Sql) -> Result<(), ActError> {
        self.transaction()
            .execute_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        Ok(())
    }
}

impl Act {
    /// The States and the topics that a record concerns, for records that follow it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn concerns(&self, record: RecordId) -> Result<(Vec<String>, Vec<String>), ActError> {
        let mut both = [Vec::new(), Vec::new()];
        let tables = [("record_country", "country"), ("record_topic", "topic")];
        for (all, (table, column)) in both.iter_mut().zip(tables) {
            let mut sql = self.writer.sql();
            sql.push("SELECT ").push(column).push(" FROM ").push(table);
            sql.push(" WHERE record = ").bind(record.0);
            sql.push(" ORDER BY ").push(column);
            for row in self.rows(sql).await? {
                all.push(row.try_get_by_index(0).map_err(WriteError::from)?);
            }
        }
        let [countries, topics] = both;
        Ok((countries, topics))
    }

    /// The States and the topics of a record, as far as the viewer is told of them, for
    /// records that follow it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn told_concerns<D: Domain>(
        &self,
        record: &Known<D>,
        (countries, topics): (FieldIndex, FieldIndex),
    ) -> Result<(Vec<String>, Vec<String>), ActError> {
        let of = self.concerns(record.id()).await?;
        let told = |field, codes: Vec<String>| match record.sees(field) {
            true => codes,
            false => Vec::new(),
        };
        Ok((told(countries, of.0), told(topics, of.1)))
    }

    /// The States and the topics of a person's other communications with a mechanism.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn concerns_otherwise(
        &self,
        person: RecordId,
        owner: MechanismId,
        than: RecordId,
    ) -> Result<(Vec<String>, Vec<String>), ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT communication_id FROM communication_person WHERE person_id = ")
            .bind(person.0);
        sql.push(
            " AND EXISTS (SELECT 1 FROM record_owner o WHERE o.record = communication_person.id \
             AND o.mechanism = ",
        );
        sql.bind(owner.0).push(")");
        sql.push(" AND communication_id <> ").bind(than.0);
        let mut all = (Vec::new(), Vec::new());
        for row in self.rows(sql).await? {
            let other = row.try_get_by_index(0).map(RecordId);
            let (countries, topics) = self.concerns(other.map_err(WriteError::from)?).await?;
            all.0.extend(countries);
            all.1.extend(topics);
        }
        Ok(all)
    }

    /// The institution that the hub's administrator has admitted under a code.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn institution(&self, code: &str) -> Result<Option<MechanismId>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT mechanism FROM institution WHERE code = ")
            .bind(code);
        let rows = self.rows(sql).await?;
        let found = rows
            .first()
            .map(|row| row.try_get_by_index(0).map(MechanismId));
        Ok(found.transpose().map_err(WriteError::from)?)
    }

    /// The record that says what part a person has in a communication, if it is there.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn part(
        &self,
        communication: RecordId,
        person: RecordId,
    ) -> Result<Option<RecordId>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT id FROM communication_person WHERE communication_id = ")
            .bind(communication.0);
        sql.push(" AND person_id = ").bind(person.0);
        let rows = self.rows(sql).await?;
        let id = rows
            .first()
            .map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(id.transpose().map_err(WriteError::from)?)
    }

    /// The ids of the records that hang on one, whoever may know of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn ids_under<D: Domain>(
        &self,
        key: &'static str,
        of: RecordId,
    ) -> Result<Vec<RecordId>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT id FROM ").push(D::TABLE).push(" WHERE ");
        sql.push(key).push(" = ").bind(of.0).push(" ORDER BY id");
        let rows = self.rows(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(ids.collect::<Result<_, _>>().map_err(WriteError::from)?)
    }

    pub(super) async fn rows(&self, sql: Sql) -> Result<Vec<QueryResult>, ActError> {
        let connection = self.writer.transaction();
        let rows = connection.query_all_raw(sql.into_statement()).await;
        Ok(rows.map_err(WriteError::from)?)
    }

    /// How many records that a mechanism has proposed, as the key says, stand so.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn open_proposals<D: Domain>(
        &self,
        (key, proposer): (&'static str, MechanismId),
        open: &[impl Coded],
    ) -> Result<i64, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT COUNT(*) FROM ").push(D::TABLE);
        sql.push(" WHERE ").push(key).push(" = ").bind(proposer.0);
        sql.push(" AND status IN ")
            .bind_all(open.iter().map(|status| status.code().to_owned()));
        let rows = self.rows(sql).await?;
        let count = rows.first().map(|row| row.try_get_by_index(0)).transpose();
        Ok(count.map_err(WriteError::from)?.unwrap_or_default())
    }
}

/// Refuses what a token is limited away from.
pub(super) fn within<D: Domain>(record: &Known<D>) -> Result<(), ActError> {
    if record.is_within_limits() {
        Ok(())
    } else {
        Err(WriteRefused::BeyondLimits.into())
    }
}
