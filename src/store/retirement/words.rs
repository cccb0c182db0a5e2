//! The words of the owners of a record that is to be retired.

use sea_orm::QueryResult;

use crate::{
    clock::Moment,
    id::{MechanismId, RecordId},
    store::{
        act::{Act, ActError},
        writer::WriteError,
    },
};

/// Seconds for which the word of an owner stands while others have not given theirs.
const WAITS: i64 = 30 * 24 * 3_600;

impl Act {
    /// Adds the word of an owner; tells those that stand, with the days that they ask for.
    pub(super) async fn add_word(
        &self,
        record: RecordId,
        own: MechanismId,
        keep_until: Moment,
    ) -> Result<Vec<(MechanismId, Moment)>, ActError> {
        let since = self.writer.at.plus_seconds(-WAITS).seconds();
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM retirement_word WHERE record = ")
            .bind(record.0);
        sql.push(" AND (mechanism = ").bind(own.0);
        sql.push(" OR at <= ").bind(since).push(")");
        self.writer.run(sql).await?;
        let row = vec![
            record.0.into(),
            own.0.into(),
            self.writer.warrant.actor().subject.as_str().into(),
            self.writer.at.seconds().into(),
            keep_until.seconds().into(),
        ];
        let columns = ["record", "mechanism", "subject", "at", "keep_until"];
        self.writer.insert("retirement_word", &columns, row).await?;
        let mut sql = self.writer.sql();
        sql.push("SELECT mechanism, keep_until FROM retirement_word WHERE record = ")
            .bind(record.0);
        let rows = self.rows(sql).await?;
        let read = |row: &QueryResult| {
            let by = row.try_get_by_index(0).map(MechanismId)?;
            let until = row.try_get_by_index(1).map(Moment::from_seconds)?;
            Ok::<_, sea_orm::DbErr>((by, until))
        };
        let words = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        Ok(words.map_err(WriteError::from)?)
    }

    pub(super) async fn drop_words(&self, record: RecordId) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM retirement_word WHERE record = ")
            .bind(record.0);
        self.writer.run(sql).await
    }
}
