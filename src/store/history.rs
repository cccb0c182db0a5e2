//! What records said before: each change of a field, at the higher of the levels that the
//! field had before and after.

use std::borrow::Cow;

use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Reader, StoreError,
    act::ActError,
    writer::{WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, FieldIndex, Known, Level, stored::Shape},
    id::RecordId,
};

/// The name under which a change of a record's own existence is on its history.
pub const EXISTENCE: &str = "existence";

/// A change of one field.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its id.
    pub id: RecordId,
    /// When.
    pub at: Moment,
    /// The field, as the declaration names it.
    pub field: String,
    /// What it said before, as text; nothing where it said nothing, or leads to records.
    pub before: Option<String>,
    /// What it said after.
    pub after: Option<String>,
    /// Who did it.
    pub subject: String,
}

/// A part of a record's history.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The latest first.
    pub changes: Vec<Change>,
    /// Whether there are earlier ones.
    pub more: bool,
}

/// What a field is changed from, and to.
pub(super) struct Noted {
    pub(super) field: Cow<'static, str>,
    pub(super) level: Level,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Writer {
    /// What columns of a record say now, as text.
    pub(super) async fn texts<D: Domain>(
        &self,
        record: RecordId,
        fields: &[FieldIndex],
    ) -> Result<Vec<Option<String>>, ActError> {
        let columns = fields.iter().filter_map(|field| {
            let place = usize::from(field.0);
            Some((D::RULES.get(place)?.name, D::COLUMNS.get(place)?.shape))
        });
        let columns: Vec<(&'static str, Shape)> = columns.collect();
        let mut sql = self.sql();
        sql.push("SELECT ");
        sql.joined(", ", columns.iter(), |sql, (name, _)| {
            sql.push("CAST(").push(name).push(" AS TEXT)");
        });
        sql.push(" FROM ").push(D::TABLE).push(" WHERE id = ");
        sql.bind(record.0);
        let row = self
            .transaction()
            .query_one_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let Some(row) = row else {
            return Ok(vec![None; columns.len()]);
        };
        let read = |(index, (_, shape)): (usize, &(&str, Shape))| {
            let text: Option<String> = row.try_get_by_index(index)?;
            Ok::<_, sea_orm::DbErr>(text.map(|text| plain(*shape, text)))
        };
        let texts = columns.iter().enumerate().map(read);
        Ok(texts.collect::<Result<_, _>>().map_err(WriteError::from)?)
    }

    /// Puts a change on the record's history.
    pub(super) async fn put(&self, record: RecordId, noted: Noted) -> Result<(), ActError> {
        let mut sql = self.sql();
        sql.push("SELECT COALESCE(MAX(n), 0) + 1 FROM history WHERE record = ")
            .bind(record.0);
        let row = self
            .transaction()
            .query_one_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let n = row.map(|row| row.try_get_by_index::<i64>(0)).transpose();
        let n = n.map_err(WriteError::from)?.unwrap_or(1);
        let row = vec![
            RecordId::random().0.into(),
            record.0.into(),
            self.at.seconds().into(),
            n.into(),
            noted.field.into_owned().into(),
            noted.level.rank().into(),
            noted.before.into(),
            noted.after.into(),
            self.warrant.actor().subject.as_str().into(),
        ];
        let columns = [
            "id", "record", "at", "n", "field", "level", "before", "after", "subject",
        ];
        Ok(self.insert("history", &columns, row).await?)
    }

    /// Raises what is on record of a field: its past is told to no more than its present.
    pub(super) async fn raise_history(
        &self,
        record: RecordId,
        field: Option<&'static str>,
        level: Level,
    ) -> Result<(), ActError> {
        let mut sql = self.sql();
        sql.push("UPDATE history SET level = ").number(level.rank());
        sql.push(" WHERE record = ").bind(record.0);
        if let Some(field) = field {
            sql.push(" AND (field = ").bind(field);
            sql.push(" OR field LIKE ")
                .bind(format!("{field}@%"))
                .push(")");
        }
        sql.push(" AND level < ").number(level.rank());
        self.run(sql).await
    }
}

impl Reader {
    /// A part of a record's history: the changes of fields that the viewer is told now, as
    /// far as the viewer reaches the level that they had then. Of a sealed field, who may
    /// open it is told that it was corrected, and nobody what it said. `None` where `after` is no
    /// change that the viewer is told.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn history<D: Domain>(
        &self,
        known: &Known<D>,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Option<Changes>, StoreError> {
        let fields = (0u8..).zip(D::RULES);
        let told = fields.filter(|(index, _)| known.sees(FieldIndex(*index)));
        let mut fields: Vec<String> = told.map(|(_, rule)| rule.name.to_owned()).collect();
        fields.push(EXISTENCE.to_owned());
        let sealed = D::RULES.iter().skip(D::COLUMNS.len()).take(D::SEALED.len());
        let sealed: Vec<&str> = sealed.map(|rule| rule.name).collect();
        let opened = fields
            .iter()
            .filter(|field| sealed.contains(&field.as_str()));
        let mut opened: Vec<String> = opened.cloned().collect();
        let reach = match self.viewer().stands() {
            true => known.sight().reach.level,
            false => Level::Public,
        };
        opened.retain(|_| self.viewer().stands());
        let mut sql = self.store().sql();
        sql.push("SELECT id, at, field, before, after, subject FROM history h WHERE record = ");
        sql.bind(known.id().0);
        sql.push(" AND (level <= ").number(reach.rank());
        if !opened.is_empty() {
            sql.push(" OR field IN ").bind_all(opened);
        }
        sql.push(") AND (field IN ")
            .bind_all(fields.iter().cloned());
        // A translation is told where what it translates is.
        for field in &fields {
            sql.push(" OR field LIKE ").bind(format!("{field}@%"));
        }
        sql.push(")");
        sql.push(" ORDER BY n DESC");
        let rows = self.store().all(sql).await?;
        let mut changes = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        for change in &mut changes {
            // Whatever a row says: a sealed value is told where it is opened, and nowhere else.
            if sealed.contains(&change.field.as_str()) {
                (change.before, change.after) = (None, None);
            }
        }
        let start = match after {
            None => 0,
            Some(after) => match changes.iter().position(|change| change.id == after) {
                Some(place) => place + 1,
                None => return Ok(None),
            },
        };
        let left = changes.len().saturating_sub(start);
        let most = most as usize;
        Ok(Some(Changes {
            changes: changes.into_iter().skip(start).take(most).collect(),
            more: left > most,
        }))
    }
}

fn read(row: &QueryResult) -> Result<Change, sea_orm::DbErr> {
    Ok(Change {
        id: RecordId(row.try_get_by_index(0)?),
        at: Moment::from_seconds(row.try_get_by_index(1)?),
        field: row.try_get_by_index(2)?,
        before: row.try_get_by_index(3)?,
        after: row.try_get_by_index(4)?,
        subject: row.try_get_by_index(5)?,
    })
}

/// A stored text as the API writes such a value: the same for both databases.
fn plain(shape: Shape, text: String) -> String {
    match shape {
        Shape::Flag => {
            let yes = matches!(text.as_str(), "1" | "true" | "t");
            yes.to_string()
        }
        Shape::Time => text
            .parse()
            .map_or(text, |seconds| Moment::from_seconds(seconds).rfc3339()),
        Shape::Text | Shape::Date | Shape::Code(_) | Shape::Number | Shape::List => text,
    }
}
