//! Which records a secretariat has retired, as its officers are told.

use sea_orm::QueryResult;

use super::Retirement;
use crate::{
    clock::Moment,
    confidentiality::Level,
    id::RecordId,
    identity::kind::Kind,
    store::{Reader, StoreError, scope, sql::Sql},
    vocabulary::{RetirementReason, codes::Coded},
};

impl Reader {
    /// A part of the records that the viewer's mechanism has retired, the latest first: of
    /// kinds of which the viewer reads all. `None` where `after` is none of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn retirements(
        &self,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Option<(Vec<Retirement>, bool)>, StoreError> {
        let viewer = self.viewer();
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| viewer.reads_all_of_own(*kind));
        let kinds: Vec<String> = kinds.map(|kind| kind.code().to_owned()).collect();
        if kinds.is_empty() || !viewer.stands() {
            return Ok(after.is_none().then(Default::default));
        }
        let told = |mut sql: Sql| {
            sql.push(" AND t.kind IN ").bind_all(kinds.clone());
            sql.push(" AND ");
            scope::kept(&mut sql, viewer, "t");
            sql
        };
        let mut sql = told(select(self.store().sql()));
        if let Some(after) = after {
            let mut place = told(select(self.store().sql()));
            place.push(" AND t.id = ").bind(after.0);
            let rows = self.store().all(place).await?;
            let Some(place) = rows.first().map(read).transpose()?.flatten() else {
                return Ok(None);
            };
            sql.push(" AND (t.at < ").bind(place.at.seconds());
            sql.push(" OR (t.at = ").bind(place.at.seconds());
            sql.push(" AND t.id > ").bind(place.record.0).push("))");
        }
        sql.push(" ORDER BY t.at DESC, t.id LIMIT ");
        sql.bind(i64::from(most) + 1);
        let rows = self.store().all(sql).await?;
        let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        let rows = rows.into_iter().take(most).flatten().collect();
        Ok(Some((rows, more)))
    }

    /// Which of these records the viewer's mechanism has retired, whatever with.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn retired_among(&self, ids: &[RecordId]) -> Result<Vec<RecordId>, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT t.id FROM retirement t WHERE t.id")
            .among(ids.iter().map(|id| id.0));
        sql.push(" AND ");
        scope::kept(&mut sql, self.viewer(), "t");
        let rows = self.store().all(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// One retired record of the viewer's mechanism.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn retirement(
        &self,
        kind: Kind,
        id: RecordId,
    ) -> Result<Option<Retirement>, StoreError> {
        let viewer = self.viewer();
        if viewer.cap(kind) < Level::Secretariat || !viewer.stands() {
            return Ok(None);
        }
        let mut sql = select(self.store().sql());
        sql.push(" AND t.id = ").bind(id.0);
        sql.push(" AND t.kind = ").bind(kind.code()).push(" AND ");
        scope::kept(&mut sql, viewer, "t");
        let rows = self.store().all(sql).await?;
        Ok(rows.first().map(read).transpose()?.flatten())
    }

    /// Retired records of the viewer's mechanism, as [`Reader::retirements`] tells them, that
    /// may be expunged between two moments, and when.
    pub(in crate::store) async fn retention_ends(
        &self,
        (from, to): (i64, i64),
    ) -> Result<Vec<(Kind, RecordId, Moment)>, StoreError> {
        let viewer = self.viewer();
        let mut sql = select(self.store().sql());
        sql.push(" AND t.hold IS NULL AND t.keep_until > ")
            .bind(from);
        sql.push(" AND t.keep_until <= ").bind(to).push(" AND ");
        scope::kept(&mut sql, viewer, "t");
        let rows = self.store().all(sql).await?;
        let ends = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let ends = ends.into_iter().flatten();
        let ends = ends.filter(|end| viewer.reads_all_of_own(end.kind));
        Ok(ends
            .map(|end| (end.kind, end.record, end.keep_until))
            .collect())
    }
}

/// The retired records that were retired by themselves, as `t`.
pub(super) fn select(mut sql: Sql) -> Sql {
    sql.push(
        "SELECT t.id, t.kind, t.designation, t.reason, t.remark, t.subject, t.at, t.keep_until, \
         t.hold, (SELECT COUNT(*) FROM retirement p WHERE p.root = t.id AND p.id <> t.id) \
         FROM retirement t WHERE t.id = t.root",
    );
    sql
}

/// What this hub does not know is not told.
pub(super) fn read(row: &QueryResult) -> Result<Option<Retirement>, sea_orm::DbErr> {
    let (kind, reason): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(3)?);
    let known = Kind::from_code(&kind).zip(RetirementReason::from_code(&reason));
    let Some((kind, reason)) = known else {
        return Ok(None);
    };
    Ok(Some(Retirement {
        record: row.try_get_by_index(0).map(RecordId)?,
        kind,
        designation: row.try_get_by_index(2)?,
        reason,
        remark: row.try_get_by_index(4)?,
        subject: row.try_get_by_index(5)?,
        at: row.try_get_by_index(6).map(Moment::from_seconds)?,
        keep_until: row.try_get_by_index(7).map(Moment::from_seconds)?,
        hold: row.try_get_by_index(8)?,
        parts: row.try_get_by_index(9)?,
    }))
}
