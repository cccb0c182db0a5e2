//! How a record and what hangs on it are put away.

use sea_orm::ConnectionTrait;

use super::rule;
use crate::{
    confidentiality::{Domain, Known, Level, declare::place},
    id::{MechanismId, RecordId},
    identity::{kind::Kind, watch::Ended},
    store::{
        act::{Act, ActError},
        history::{EXISTENCE, Noted},
        writer::{WriteError, Writer},
    },
    vocabulary::NotificationType,
};

/// The word in a history for a record that is retired.
pub(super) const RETIRED: &str = "RETIRED";

impl Act {
    /// What hangs on a record and goes with it: of the same owners alone, and not retired.
    pub(super) async fn parts(
        &self,
        kind: Kind,
        id: RecordId,
        owners: &[MechanismId],
    ) -> Result<Vec<(Kind, RecordId)>, ActError> {
        let mut found = Vec::new();
        for part in rule::parts(kind) {
            let mut sql = self.writer.sql();
            part.write(&mut sql, id, owners);
            for row in self.rows(sql).await? {
                let id = row.try_get_by_index(0).map(RecordId);
                found.push((part.kind, id.map_err(WriteError::from)?));
            }
        }
        Ok(found)
    }

    /// Ends all leave to open a person's file: brought back, it is opened by nobody until
    /// leave is given anew.
    pub(super) async fn close_file(&mut self, person: RecordId) -> Result<(), ActError> {
        self.writer.owed.leave.insert(person);
        for grant in self.given(person).await? {
            let mut sql = self.writer.sql();
            sql.push("UPDATE disclosure_grant SET ended_at = ");
            sql.bind(self.writer.at.seconds());
            sql.push(" WHERE id = ").bind(grant.id.0);
            self.writer.run(sql).await?;
            let mut sql = self.writer.sql();
            sql.push("DELETE FROM record_named WHERE record = ")
                .bind(person.0);
            sql.push(" AND mechanism = ").bind(grant.mechanism.0);
            self.writer.run(sql).await?;
            let (to, about) = (grant.mechanism, (Kind::Person, person));
            let what = NotificationType::GrantEnded;
            let to = (to, Some(grant.holder.as_str()));
            self.writer.notify(to, what, about).await?;
            let holder = grant.holder;
            self.writer.note(Ended::Grants { person, holder }).await?;
        }
        Ok(())
    }

    /// What a record is called: the first of its texts that names it.
    pub(super) async fn designation<D: Domain>(
        &self,
        record: &Known<D>,
    ) -> Result<Option<String>, ActError> {
        const NAMES: [&str; 6] = [
            "reference",
            "symbol",
            "title",
            "activity",
            "name",
            "name_en",
        ];
        let fields = NAMES.map(|name| place(D::RULES, name));
        let fields = fields
            .into_iter()
            .filter(|field| usize::from(field.0) < D::COLUMNS.len() && D::rule(*field).is_some());
        let fields: Vec<_> = fields.collect();
        if fields.is_empty() {
            return Ok(None);
        }
        let texts = self.writer.texts::<D>(record.id(), &fields).await?;
        Ok(texts.into_iter().flatten().next())
    }
}

impl Writer {
    /// Takes a record out of every answer, and puts that on its history, for its secretariat.
    pub(super) async fn put_away(&mut self, kind: Kind, id: RecordId) -> Result<(), ActError> {
        let table = rule::table(kind);
        let before = self.existence_of(table, id).await?;
        let mut sql = self.sql();
        sql.push("UPDATE ").push(table).push(" SET retired_at = ");
        sql.bind(self.at.seconds()).push(" WHERE id = ").bind(id.0);
        self.run(sql).await?;
        let code = before.map_or("", Level::code);
        self.put(id, changed(code, RETIRED)).await?;
        self.public |= before == Some(Level::Public);
        // Answers under way tell nothing of it any more: no viewer reaches this level.
        let closed = Ended::Level {
            record: id,
            field: None,
            level: Level::Victim,
        };
        self.note(closed).await?;
        self.written.push((kind, id));
        Ok(())
    }

    /// At which level a record exists, retired or not.
    pub(super) async fn existence_of(
        &self,
        table: &'static str,
        id: RecordId,
    ) -> Result<Option<Level>, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT existence FROM ").push(table);
        sql.push(" WHERE id = ").bind(id.0);
        let row = self.transaction().query_one_raw(sql.into_statement()).await;
        let row = row.map_err(WriteError::from)?;
        let rank = row.map(|row| row.try_get_by_index(0)).transpose();
        Ok(rank.map_err(WriteError::from)?.and_then(Level::from_rank))
    }
}

/// A change of a record's existence, for its secretariat.
pub(super) fn changed(before: &str, after: &str) -> Noted {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Noted {
        field: EXISTENCE.into(),
        level: Level::Secretariat,
        before: said(before),
        after: said(after),
    }
}
