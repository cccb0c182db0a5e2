//! Changes to a record that is there: its columns, its existence, its links.

use sea_orm::{ConnectionTrait, Value};

use super::{Writer, act::ActError, sql::Sql, writer::WriteError};
use crate::{
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place},
    id::RecordId,
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
        let mut sql = self.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET ");
        sql.joined(", ", values, |sql, (column, value)| {
            sql.push(column).push(" = ").bind(value);
        });
        sql.push(" WHERE id = ").bind(record.id().0);
        self.run(sql).await
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
        if level > Level::Secretariat {
            let (kind, field) = (D::KIND, "existence");
            return Err(WriteError::WrongLabel { kind, field }.into());
        }
        self.may_change(record)?;
        self.public |= level == Level::Public || record.existence() == Some(Level::Public);
        let mut sql = self.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET existence = ");
        sql.bind(level.rank());
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
        let row = vec![record.id().0.into(), name.into(), target.0.into()];
        Ok(self
            .insert("link", &["source", "name", "target"], row)
            .await?)
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
        let mut sql = self.sql();
        sql.push("DELETE FROM link WHERE source = ")
            .bind(record.id().0);
        sql.push(" AND name = ").bind(name);
        sql.push(" AND target = ").bind(target.0);
        self.run(sql).await
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
        let owners = &record.facts().owners;
        let level = record.existence().unwrap_or(Level::Victim);
        Ok(self.warrant.may_write(D::KIND, owners, level)?)
    }

    pub(super) async fn run(&self, sql: Sql) -> Result<(), ActError> {
        self.transaction()
            .execute_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        Ok(())
    }
}
